"""Deploying a function: plan by reading, apply step by step, go on where an earlier one stopped.

    integration → draft → mark it ours → zip → mark its code → settings → publish

Each step looks at what stands before it changes anything, so that a process that died at any of
them leaves what the next deploy takes up. A step that is refused removes the draft.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from tieline.calls.operation import Answer, Request
from tieline.deployments.function_plan import (
    DesiredFunction,
    FunctionState,
    StandingFunction,
    plan_function,
)
from tieline.deployments.plan import Plan
from tieline.dialects import platform_deployment as shared
from tieline.dialects import platform_functions as wire
from tieline.dialects.reading import identifier_of
from tieline.errors import (
    ApiError,
    Conflict,
    Error,
    InvalidInput,
    OutcomeUnknown,
    RateLimited,
    StalePlan,
    Unsupported,
)
from tieline.services.deploying.function_standing import read_draft_state, read_function_standing
from tieline.services.deploying.function_upload import upload_code
from tieline.services.deploying.telling import told_deployment
from tieline.services.recording.recorded import Subject, object_of, recorded_call
from tieline.services.session import Session

_AGAIN = "run the same deploy again: it looks at what stands and goes on"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeployedFunction:
    """What a deploy did. `code` is the digest of what is published."""

    change: str
    name: str
    action_id: str
    code: str

    def to_json(self) -> dict[str, str]:
        """The document of `functions deploy`."""
        return {
            "change": self.change,
            "name": self.name,
            "action_id": self.action_id,
            "code": self.code,
        }


class AsyncFunctionDeployment:
    """One function on its way to one organisation."""

    def __init__(self, session: Session, desired: DesiredFunction) -> None:
        """Take a function that was read and packaged.

        Raises:
            Unsupported: the guides' dialect has no call that takes code.
        """
        if session.dialect.name != "platform":
            raise Unsupported(
                f"{desired.name}: code is deployed to the platform only",
                hint='use a profile with api = "platform"',
            )
        self._session = session
        self._subject = Subject("function", desired.name, desired.package.digest[:16])
        self.desired = desired

    async def plan(self) -> Plan:
        """Read what stands and say what a deploy would change; nothing is changed.

        Raises:
            Conflict: the contract is frozen and differs, or somebody else's draft is in the way.
        """
        return plan_function(self.desired, await self._standing())

    async def apply(self, plan: Plan) -> DeployedFunction:
        """Carry the plan out, from the very state it was made from.

        Raises:
            StalePlan: the remote side changed since; nothing was changed.
            InvalidInput: the platform refuses the zip or the settings.
            OutcomeUnknown: run it again; nothing is published twice.
            Error: a step was refused; the draft of this deploy was removed.
        """
        async with told_deployment(self._session, "function", self.desired.name) as told:
            deployed = await self._apply(plan)
            told.target_id, told.version = deployed.action_id, deployed.code
            told.change = deployed.change
        return deployed

    async def _apply(self, plan: Plan) -> DeployedFunction:
        standing = await self._standing()
        plan.check_fresh(standing.base())
        published = standing.published
        if plan.change == "none" and published is not None:
            if standing.draft is not None:
                await self._drop(standing.draft.action_id)
            return self._deployed(plan, published.action_id)
        integration_id = await self._integration(standing)
        action_id = await self._draft(standing, integration_id)
        try:
            await self._finish(action_id, first=published is None)
        except (OutcomeUnknown, RateLimited) as error:
            error.hint = _AGAIN
            raise
        except Conflict as error:  # the draft may be somebody else's by now, so it stays
            raise StalePlan(
                f"somebody changed {self.desired.name} meanwhile: {error.message}", hint=_AGAIN
            ) from error
        except (ApiError, InvalidInput) as error:
            await self._drop(action_id)
            error.message += "; the draft of this deploy was removed"
            raise
        return self._deployed(plan, action_id)

    async def _standing(self) -> StandingFunction:
        definition = self.desired.definition
        return await read_function_standing(
            self._session, name=definition.name, integration=definition.integration
        )

    async def _integration(self, standing: StandingFunction) -> str:
        """Make the integration if there is none; one that never had a function is enabled."""
        integration_id = standing.integration_id
        if integration_id is None:
            request = wire.create_integration(self.desired.definition.integration)
            integration_id = await self._change(
                request, lambda answer: identifier_of(object_of(answer), "integrations.create")
            )
        elif standing.enabled or standing.published is not None:
            return integration_id
        await self._change(shared.enable_integration(integration_id), object_of)
        return integration_id

    async def _draft(self, standing: StandingFunction, integration_id: str) -> str:
        if standing.draft is not None:
            return standing.draft.action_id
        if standing.published is not None:
            action_id = standing.published.action_id
            await self._change(shared.open_draft(action_id), object_of)
            return action_id
        desired = self.desired
        request = wire.create_draft(
            name=desired.name,
            category=desired.definition.category,
            integration_id=integration_id,
            contract=desired.contract(),
            headers=desired.headers(zip_id=None),
        )
        made: str = await self._change(
            request, lambda answer: identifier_of(object_of(answer), "actions.draft.create")
        )
        return made

    async def _finish(self, action_id: str, *, first: bool) -> None:
        desired = self.desired
        draft = await read_draft_state(self._session, action_id)
        if draft.deploy_mark() != desired.deploy_mark():
            await self._mark(draft, zip_id=None, first=first)
        if draft.code() != desired.package.digest or draft.zip_status != "Available":
            zip_id = await upload_code(self._session, desired, action_id, self._subject)
        else:
            zip_id = draft.zip_id or ""
        draft = await read_draft_state(self._session, action_id)
        if dict(draft.headers) != desired.headers(zip_id=zip_id):
            await self._mark(draft, zip_id=zip_id, first=first)
        await self._change(wire.set_function(action_id, desired.settings()), object_of)
        await self._publish(action_id)

    async def _mark(self, draft: FunctionState, *, zip_id: str | None, first: bool) -> None:
        desired = self.desired
        request = wire.change_draft(
            draft.action_id,
            version=draft.lock,
            name=desired.name,
            category=desired.definition.category,
            headers=desired.headers(zip_id=zip_id),
            contract=desired.contract() if first else None,
        )
        await self._change(request, object_of)

    async def _publish(self, action_id: str) -> None:
        """Publish what was looked at just now, and only if it is what this deploy made."""
        draft = await read_draft_state(self._session, action_id)
        if draft.state() != self.desired.state():
            raise Conflict("the draft is not what this deploy made of it", status=409)
        request = shared.publish_draft(action_id, version=draft.lock)
        await self._change(request, object_of)

    async def _drop(self, action_id: str) -> None:
        with suppress(Error):  # the reason of the removal is what has to be told
            await self._change(shared.delete_draft(action_id), lambda _: None)

    async def _change(self, request: Request, read: Callable[[Answer], T]) -> T:
        return await recorded_call(self._session, request, self._subject, read)

    def _deployed(self, plan: Plan, action_id: str) -> DeployedFunction:
        return DeployedFunction(
            plan.change, self.desired.name, action_id, self.desired.package.digest
        )
