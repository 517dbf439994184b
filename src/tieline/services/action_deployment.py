"""Deploying a data action: plan by reading, apply step by step, leave nothing half-done.

    integration → draft → change → validate → test, if asked → publish → rename the one before

A step that fails removes the draft this deploy made, or says that it stays and will be taken up.
A process that dies leaves a draft that names the action and version it is for; the next deploy
goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from tieline.actions.definition import Action
from tieline.calls.operation import Answer, Request
from tieline.contracts.restrictions import require_allowed
from tieline.contracts.templates import hosted_action_config
from tieline.deployments.action_plan import (
    DesiredAction,
    plan_in_registry,
    plan_on_platform,
    registered_definition,
)
from tieline.deployments.plan import Plan
from tieline.dialects import guide_registry, platform_deployment
from tieline.dialects.platform_catalogue import ACTIONS_GET
from tieline.errors import (
    BadAnswer,
    Conflict,
    Error,
    InvalidInput,
    OutcomeUnknown,
    StalePlan,
)
from tieline.services.action_standing import (
    identifier_of,
    read_draft,
    read_integration_config,
    read_standing,
    version_of,
)
from tieline.services.recorded import Subject, recorded_call
from tieline.services.session import Session
from tieline.types import Json, JsonObject

DEFAULT_INTEGRATION = "Tieline actions"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy did. `action_id` is what flows refer to; None where nothing has an id yet."""

    change: str
    name: str
    version: str
    action_id: str | None
    superseded: str | None = None  # the id of the action that was replaced

    def to_json(self) -> dict[str, str | None]:
        """The document of `actions deploy`."""
        return {
            "change": self.change,
            "name": self.name,
            "version": self.version,
            "action_id": self.action_id,
            "superseded": self.superseded,
        }


class AsyncActionDeployment:
    """One action on its way to one organisation."""

    def __init__(
        self,
        session: Session,
        action: Action,
        *,
        url: str | None,
        integration: str = DEFAULT_INTEGRATION,
        credential: str | None = None,
    ) -> None:
        """Derive what is registered; `url` is where the platform reaches the hosted handler.

        Raises:
            InvalidInput: the contract or time-out is one this dialect does not take.
        """
        self._session = session
        self._integration = integration
        self._subject = Subject("action", action.name, action.version)
        self.desired = replace(
            desired_action(action, session, url=url, category=integration), credential=credential
        )

    async def plan(self) -> Plan:
        """Read what stands and say what a deploy would change; nothing is changed.

        Raises:
            Conflict: the version is published with another content, or a draft is in the way.
        """
        if self._session.dialect.name == "guide":
            return plan_in_registry(self.desired, await self._revisions())
        standing, _ = await read_standing(
            self._session, name=self.desired.name, integration=self._integration
        )
        return plan_on_platform(self.desired, standing)

    async def apply(self, plan: Plan, *, test: JsonObject | None = None) -> Deployed:
        """Carry the plan out, from the very state it was made from.

        `test` is an input with which the draft is executed before it is published; the hosted
        handler really runs (platform dialect).

        Raises:
            StalePlan: the remote side changed since; nothing was changed.
            InvalidInput: the platform finds the draft invalid, or the test failed.
            Error: a step was refused; the message says what became of the draft.
        """
        if self._session.dialect.name == "guide":
            return await self._register(plan)
        standing, draft = await read_standing(
            self._session, name=self.desired.name, integration=self._integration
        )
        plan.check_fresh(standing.base())
        if plan.change == "none":
            return self._deployed(plan, standing.action_id)
        integration_id = standing.integration_id or await self._make_integration()
        await self._refer(integration_id, standing.credential)
        existing = standing.action_id if plan.change == "update" else None
        action_id = (
            identifier_of(draft, "actions.drafts")
            if draft is not None
            else await self._make_draft(existing, integration_id)
        )
        await self._finish_draft(action_id, test)
        superseded = standing.action_id if plan.change == "replace" else None
        if superseded is not None:
            await self._set_aside(superseded, standing.version(), standing.category)
        return self._deployed(plan, action_id, superseded)

    async def _make_integration(self) -> str:
        integration_id: str = await self._change(
            platform_deployment.create_integration(self._integration),
            lambda answer: identifier_of(_object(answer), "integrations.create"),
        )
        await self._change(platform_deployment.enable_integration(integration_id), _object)
        return integration_id

    async def _refer(self, integration_id: str, standing: str | None) -> None:
        """Let the integration use the credential whose id was given; its value never comes here."""
        credential = self.desired.credential
        if credential is not None and credential != standing:
            config = await read_integration_config(self._session, integration_id)
            request = platform_deployment.refer_to_credential(integration_id, config, credential)
            await self._change(request, _object)

    async def _make_draft(self, existing: str | None, integration_id: str) -> str:
        desired = self.desired
        if existing is not None:
            await self._change(platform_deployment.open_draft(existing), _object)
            return existing
        request = platform_deployment.create_draft(
            name=desired.name,
            category=desired.category,
            integration_id=integration_id,
            contract=desired.contract(),
            config=desired.config,
        )
        made: str = await self._change(
            request, lambda answer: identifier_of(_object(answer), "actions.draft.create")
        )
        return made

    async def _finish_draft(self, action_id: str, test: JsonObject | None) -> None:
        """Bring a draft to what is desired, check it and publish it; remove it if that fails."""
        try:
            draft = await read_draft(self._session, action_id)
            request = platform_deployment.change_draft(
                action_id,
                version=version_of(draft, "actions.draft.get"),
                name=self.desired.name,
                category=self.desired.category,
                config=self.desired.config,
            )
            await self._change(request, _object)
            await self._check_draft(action_id, test)
            draft = await read_draft(self._session, action_id)
            version = version_of(draft, "actions.draft.get")
            await self._change(
                platform_deployment.publish_draft(action_id, version=version), _object
            )
        except OutcomeUnknown as error:
            error.hint = "run the same deploy again: it looks at what stands and goes on"
            raise
        except Conflict as error:
            await self._drop_draft(action_id)
            raise StalePlan(
                f"somebody changed {self.desired.name} meanwhile: {error.message}; "
                "the draft of this deploy was removed"
            ) from error
        except Error:
            await self._drop_draft(action_id)
            raise

    async def _check_draft(self, action_id: str, test: JsonObject | None) -> None:
        answer = await self._session.calls.call(
            platform_deployment.validate_draft(action_id), timeout=self._session.timeout
        )
        found = _object(answer)
        if found.get("valid") is not True:
            errors = found.get("errors") or []
            said = "; ".join(str(error.get("message")) for error in errors) or "no reason given"
            raise InvalidInput(
                f"the platform finds {self.desired.name} invalid: {said}; "
                "the draft of this deploy was removed",
                details=[
                    {"type": "draft_invalid", "message": str(e.get("message"))} for e in errors
                ],
            )
        if test is not None:
            tested = await self._change(platform_deployment.test_draft(action_id, test), _object)
            if tested.get("success") is not True:
                step, said = _failed_step(tested)
                raise InvalidInput(
                    f"the test of {self.desired.name} failed at {step!r}: {said}; "
                    "the draft of this deploy was removed"
                )

    async def _drop_draft(self, action_id: str) -> None:
        await self._change(platform_deployment.delete_draft(action_id), lambda _: None)

    async def _set_aside(self, action_id: str, version: str | None, category: str) -> None:
        """Rename the action that was replaced; flows refer to it by id and go on working."""
        found = await self._session.calls.call(
            Request(ACTIONS_GET, {"id": action_id}), timeout=self._session.timeout
        )
        request = platform_deployment.rename_action(
            action_id,
            version=version_of(_object(found), "actions.get"),
            name=f"{self.desired.name} (superseded {version or 'before'})",
            category=category,
        )
        await self._change(request, _object)

    async def _revisions(self) -> list[JsonObject]:
        request = guide_registry.registered(self.desired.name)
        answer = await self._session.calls.call(request, timeout=self._session.timeout)
        found = answer.body.get("entities", []) if isinstance(answer.body, dict) else answer.body
        if not isinstance(found, list):
            raise BadAnswer("actions.registered: a list was expected")
        return [each for each in found if _names(each) == self.desired.name]

    async def _register(self, plan: Plan) -> Deployed:
        revisions = await self._revisions()
        plan.check_fresh(plan_in_registry(self.desired, revisions).base)
        if plan.change == "none":
            same = [each for each in revisions if each.get("version") == self.desired.version]
            return self._deployed(plan, same[0].get("id"))
        request = guide_registry.register(registered_definition(self.desired))
        try:
            made = await self._change(request, _object)
        except (OutcomeUnknown, Conflict) as error:
            return self._deployed(plan, await self._settled(error))
        return self._deployed(plan, made.get("id"))

    async def _settled(self, error: Error) -> str | None:
        """Look whether a registration whose answer was lost, or a rival's, is the one we meant."""
        again = await self.plan()
        if again.change != "none":
            raise error
        revisions = await self._revisions()
        return next(each.get("id") for each in revisions if each["version"] == self.desired.version)

    async def _change(self, request: Request, read: Callable[[Answer], T]) -> T:
        return await recorded_call(self._session, request, self._subject, read)

    def _deployed(
        self, plan: Plan, action_id: str | None, superseded: str | None = None
    ) -> Deployed:
        return Deployed(plan.change, self.desired.name, self.desired.version, action_id, superseded)


def desired_action(
    action: Action, session: Session, *, url: str | None, category: str
) -> DesiredAction:
    """Derive what is registered from the action; refused here is refused before anything is sent.

    Raises:
        InvalidInput: no address, a contract or a time-out this dialect does not take.
    """
    dialect: Literal["platform", "guide"] = session.dialect.name
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


def _failed_step(tested: JsonObject) -> tuple[str, str]:
    for operation in tested.get("operations") or []:
        if operation.get("success") is not True:
            error = operation.get("error") or {}
            return str(operation.get("name")), str(error.get("message", ""))
    return "an unnamed step", str((tested.get("error") or {}).get("message", ""))


def _names(revision: Json) -> str | None:
    if not isinstance(revision, dict):
        return None
    return revision.get("name") or (revision.get("actionDefinition") or {}).get("name")


def _object(answer: Answer) -> JsonObject:
    if not isinstance(answer.body, dict):
        raise BadAnswer("the platform's answer is no JSON object")
    return answer.body
