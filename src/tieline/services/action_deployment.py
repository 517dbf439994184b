"""Deploying a data action that is written here, on either surface: plan by reading, then apply."""

from dataclasses import replace
from typing import Protocol

from tieline.actions.definition import Action
from tieline.contracts.restrictions import require_allowed
from tieline.contracts.templates import hosted_action_config
from tieline.deployments.action_plan import DesiredAction
from tieline.deployments.deployed import Deployed
from tieline.deployments.plan import Plan
from tieline.errors import InvalidInput
from tieline.services.deploying.action_publishing import PlatformPublishing
from tieline.services.deploying.action_registering import GuideRegistering
from tieline.services.deploying.telling import told_deployment
from tieline.services.session import Session
from tieline.types import DialectName, JsonObject

DEFAULT_INTEGRATION = "Tieline actions"


class Way(Protocol):
    """How a dialect takes an action."""

    desired: DesiredAction

    async def plan(self) -> Plan:
        """Read, and say what would change."""
        ...

    async def apply(self, plan: Plan, *, test: JsonObject | None) -> Deployed:
        """Carry the plan out."""
        ...


class AsyncActionDeployment:
    """One action on its way to one organisation."""

    def __init__(self, session: Session, way: Way) -> None:
        """Wrap a dialect's way; `client.actions.deployment` chooses it."""
        self._session = session
        self._way = way

    @property
    def desired(self) -> DesiredAction:
        """What is registered, as it was derived from the action."""
        return self._way.desired

    async def plan(self) -> Plan:
        """Read what stands and say what a deploy would change; nothing is changed.

        Raises:
            Conflict: the version is published with another content, or a draft is in the way.
        """
        return await self._way.plan()

    async def apply(self, plan: Plan, *, test: JsonObject | None = None) -> Deployed:
        """Carry the plan out, from the very state it was made from.

        `test` is an input with which the draft is executed before it is published; the hosted
        handler really runs (platform dialect).

        Raises:
            StalePlan: the remote side changed since; nothing was changed.
            InvalidInput: the platform finds the draft invalid, or the test failed.
            Error: a step was refused; the message says what became of the draft.
        """
        async with told_deployment(self._session, "action", self.desired.name) as told:
            deployed = await self._way.apply(plan, test=test)
            told.target_id, told.version = deployed.action_id, deployed.version
            told.change = deployed.change
        return deployed


def deployment_of(
    session: Session, action: Action, *, url: str | None, integration: str, credential: str | None
) -> AsyncActionDeployment:
    """Derive what is registered and choose the dialect's way.

    Raises:
        InvalidInput: the contract, the time-out or a missing address; nothing was sent.
    """
    desired = desired_action(action, session.dialect.name, url=url, category=integration)
    if session.dialect.name == "guide":
        return AsyncActionDeployment(session, GuideRegistering(session, desired))
    desired = replace(desired, credential=credential)
    return AsyncActionDeployment(session, PlatformPublishing(session, desired, integration))


def desired_action(
    action: Action, dialect: DialectName, *, url: str | None, category: str
) -> DesiredAction:
    """Derive what is registered from the action; refused here is refused before anything is sent.

    Raises:
        InvalidInput: no address, a contract or a time-out this dialect does not take.
    """
    action.check_timeout(dialect)
    if dialect == "guide":
        return DesiredAction(
            action.name, action.version, action.description,
            action.input_schema, action.output_schema, timeout_s=action.timeout_s,
        )  # fmt: skip
    require_allowed(action.registered_input.schema, action.output_schema)
    if not url:
        raise InvalidInput(
            f"{action.name}: where does the platform reach the service that hosts it?",
            hint="give `--url https://…`, or set TIELINE_SERVE_URL",
        )
    config = hosted_action_config(
        url=url, name=action.name, version=action.version, timeout_s=round(action.timeout_s)
    )
    return DesiredAction(
        action.name, action.version, action.description, action.registered_input.schema,
        action.output_schema, config, category, action.timeout_s,
    )  # fmt: skip
