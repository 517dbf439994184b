"""Publishing an action on the platform: step by step, nothing half-done left behind.

    integration → credential → draft → change → validate → test, if asked → publish → set aside

A step that fails removes the draft this deploy made, or says that it stays and will be taken up. A
process that dies leaves a draft that names the action and version it is for; the next deploy goes
on from there.
"""

from collections.abc import Callable
from typing import TypeVar

from tieline.calls.operation import Answer, Request
from tieline.deployments.action_plan import DesiredAction, StandingAction, plan_on_platform
from tieline.deployments.deployed import Deployed
from tieline.deployments.plan import Plan
from tieline.dialects import platform_deployment
from tieline.dialects.platform_catalogue import ACTIONS_GET
from tieline.errors import BadAnswer, Conflict, Error, InvalidInput, OutcomeUnknown, StalePlan
from tieline.services.action_standing import (
    identifier_of,
    read_draft,
    read_integration_config,
    read_standing,
    version_of,
)
from tieline.services.recorded import Subject, recorded_call
from tieline.services.session import Session
from tieline.types import JsonObject

T = TypeVar("T")


class PlatformPublishing:
    """One action on its way to an integration of the platform."""

    def __init__(self, session: Session, desired: DesiredAction, integration: str) -> None:
        self._session = session
        self.desired = desired
        self._integration = integration
        self._subject = Subject("action", desired.name, desired.version)

    async def plan(self) -> Plan:
        """Read what stands and say what would change."""
        standing, _ = await self._standing()
        return plan_on_platform(self.desired, standing)

    async def apply(self, plan: Plan, *, test: JsonObject | None) -> Deployed:
        """Carry the plan out; see `AsyncActionDeployment.apply`."""
        standing, draft = await self._standing()
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

    async def _standing(self) -> tuple[StandingAction, JsonObject | None]:
        return await read_standing(
            self._session, name=self.desired.name, integration=self._integration
        )

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

    async def _change(self, request: Request, read: Callable[[Answer], T]) -> T:
        return await recorded_call(self._session, request, self._subject, read)

    def _deployed(
        self, plan: Plan, action_id: str | None, superseded: str | None = None
    ) -> Deployed:
        return Deployed(plan.change, plan.target, plan.version, action_id, superseded)


def _failed_step(tested: JsonObject) -> tuple[str, str]:
    for operation in tested.get("operations") or []:
        if operation.get("success") is not True:
            error = operation.get("error") or {}
            return str(operation.get("name")), str(error.get("message", ""))
    return "an unnamed step", str((tested.get("error") or {}).get("message", ""))


def _object(answer: Answer) -> JsonObject:
    if not isinstance(answer.body, dict):
        raise BadAnswer("the platform's answer is no JSON object")
    return answer.body
