"""Publishing an action on the platform: step by step, nothing half-done left behind.

    integration → credential → draft → change → validate → test, if asked → publish → set aside

A step that fails removes the draft this deploy made, or says that it stays and will be taken up. A
process that dies leaves a draft that names the action and version it is for; the next deploy goes
on from there.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TypeVar

from tieline.calls.operation import Answer, Request
from tieline.deployments.action_plan import DesiredAction, StandingAction, plan_on_platform
from tieline.deployments.deployed import Deployed
from tieline.deployments.plan import Plan
from tieline.dialects import platform_deployment
from tieline.dialects.platform_catalogue import ACTIONS_GET
from tieline.dialects.reading import identifier_of, version_of
from tieline.errors import (
    ApiError,
    Conflict,
    Error,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    StalePlan,
)
from tieline.services.deploying.action_standing import (
    holds_actions,
    read_draft,
    read_integration_config,
    read_standing,
)
from tieline.services.recording.recorded import Subject, object_of, recorded_call
from tieline.services.session import Session
from tieline.types import JsonObject

T = TypeVar("T")


AGAIN = "run the same deploy again: it looks at what stands, a draft too, and goes on from there"
# A new integration is not known everywhere at once: its first actions may be refused with 400.
SETTLING_SECONDS = (1.0, 2.0, 4.0)


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
        try:
            if plan.change == "finish":
                return await self._finish(plan, standing)
            return await self._publish(plan, standing, draft, test)
        except OutcomeUnknown as error:
            error.hint = AGAIN
            raise

    async def _publish(
        self,
        plan: Plan,
        standing: StandingAction,
        draft: JsonObject | None,
        test: JsonObject | None,
    ) -> Deployed:
        integration_id = await self._ready_integration(standing)
        await self._refer(integration_id, standing.credential)
        existing = standing.action_id if plan.change == "update" else None
        if draft is not None:
            action_id = identifier_of(draft, "actions.drafts")
        elif existing is not None:
            action_id = await self._open_draft(existing)
        else:
            fresh = standing.integration_id is None or not standing.integration_enabled
            action_id = await self._make_draft(
                integration_id, pauses=SETTLING_SECONDS if fresh else ()
            )
        await self._finish_draft(action_id, test, published=existing is not None)
        replaced = standing.action_id if plan.change == "replace" else None
        aside = [*standing.left_over, *([] if replaced is None else [replaced])]
        await self._set_all_aside(aside, standing.version())
        return self._deployed(plan, action_id, replaced)

    async def _finish(self, plan: Plan, standing: StandingAction) -> Deployed:
        if standing.draft_id is not None:
            await self._change(platform_deployment.delete_draft(standing.draft_id), _nothing)
        await self._set_all_aside(standing.left_over, None)
        return self._deployed(plan, standing.action_id, next(iter(standing.left_over), None))

    async def _standing(self) -> tuple[StandingAction, JsonObject | None]:
        return await read_standing(
            self._session,
            name=self.desired.name,
            version=self.desired.version,
            integration=self._integration,
        )

    async def _ready_integration(self, standing: StandingAction) -> str:
        """Make the integration, or enable one that an earlier deploy made and got no further.

        One that is disabled and holds actions was disabled by somebody, and stays so.
        """
        found = standing.integration_id
        if found is None:
            found = await self._change(
                platform_deployment.create_integration(self._integration),
                lambda answer: identifier_of(object_of(answer), "integrations.create"),
            )
        elif standing.integration_enabled or await holds_actions(self._session, found):
            return found
        try:
            await self._change(platform_deployment.enable_integration(found), object_of)
        except Error as error:
            error.hint = f"integration {self._integration!r} stands, disabled. {AGAIN}"
            raise
        return found

    async def _refer(self, integration_id: str, standing: str | None) -> None:
        """Let the integration use the credential whose id was given; its value never comes here."""
        credential = self.desired.credential
        if credential is not None and credential != standing:
            config = await read_integration_config(self._session, integration_id)
            request = platform_deployment.refer_to_credential(integration_id, config, credential)
            await self._change(request, object_of)

    async def _open_draft(self, action_id: str) -> str:
        try:
            await self._change(platform_deployment.open_draft(action_id), object_of)
        except (OutcomeUnknown, Conflict) as error:
            # Ours after all, when an answer was lost and the request repeated. An unchanged draft
            # holds nothing of anybody's; the version lock watches over it from here.
            standing, _ = await self._standing()
            if not standing.draft_untouched:
                raise error from None
        return action_id

    async def _make_draft(self, integration_id: str, *, pauses: Sequence[float]) -> str:
        desired = self.desired
        request = platform_deployment.create_draft(
            name=desired.name,
            category=desired.category,
            integration_id=integration_id,
            contract=desired.contract(),
            config=desired.config,
        )
        for pause in pauses:
            try:
                return await self._change(request, _draft_id)
            except ApiError as error:
                if error.status != HTTPStatus.BAD_REQUEST:
                    raise
            await self._session.clock.sleep(pause)
        return await self._change(request, _draft_id)

    async def _finish_draft(
        self, action_id: str, test: JsonObject | None, *, published: bool
    ) -> None:
        """Bring a draft to what is desired, check it and publish it; remove it if that fails."""
        try:
            await self._bring(action_id, published=published)
            await self._check_draft(action_id, test)
            draft = await read_draft(self._session, action_id)
            version = version_of(draft, "actions.draft.get")
            await self._change(
                platform_deployment.publish_draft(action_id, version=version), object_of
            )
        except OutcomeUnknown:
            raise
        except Error as error:
            left = await self._drop_draft(action_id)
            if isinstance(error, Conflict):
                raise StalePlan(
                    f"somebody changed {self.desired.name} meanwhile: {error.message}",
                    hint=f"{left}; plan again and read the new difference before applying",
                ) from error
            error.hint = "; ".join(part for part in (left, error.hint) if part)
            raise

    async def _bring(self, action_id: str, *, published: bool) -> None:
        draft = await read_draft(self._session, action_id)
        request = platform_deployment.change_draft(
            action_id,
            version=version_of(draft, "actions.draft.get"),
            name=self.desired.name,
            category=self.desired.category,
            config=self.desired.config,
            contract=None if published else self.desired.contract(),
        )
        await self._change(request, object_of)

    async def _check_draft(self, action_id: str, test: JsonObject | None) -> None:
        answer = await self._session.calls.call(
            platform_deployment.validate_draft(action_id), timeout=self._session.timeout
        )
        found = object_of(answer)
        if found.get("valid") is not True:
            errors = found.get("errors") or []
            said = "; ".join(str(error.get("message")) for error in errors) or "no reason given"
            raise InvalidInput(
                f"the platform finds {self.desired.name} invalid: {said}",
                details=[
                    {"type": "draft_invalid", "message": str(e.get("message"))} for e in errors
                ],
            )
        if test is not None:
            tested = await self._change(platform_deployment.test_draft(action_id, test), object_of)
            if tested.get("success") is not True:
                step, said = _failed_step(tested)
                raise InvalidInput(f"the test of {self.desired.name} failed at {step!r}: {said}")

    async def _drop_draft(self, action_id: str) -> str:
        """Remove the draft; says what became of it."""
        try:
            await self._change(platform_deployment.delete_draft(action_id), _nothing)
        except NotFound:
            return "no draft is left"
        except Error as error:
            return f"the draft {action_id} could not be removed ({error.message}). {AGAIN}"
        return "the draft of this deploy was removed"

    async def _set_all_aside(self, action_ids: Sequence[str], version: str | None) -> None:
        """Rename what was replaced; flows refer to it by id and go on working."""
        for action_id in action_ids:
            try:
                await self._set_aside(action_id, version)
            except Error as error:
                error.hint = (
                    f"{self.desired.name} {self.desired.version} is published; the action it "
                    f"replaces, {action_id}, still has that name. {AGAIN}"
                )
                raise

    async def _set_aside(self, action_id: str, version: str | None) -> None:
        found = await self._session.calls.call(
            Request(ACTIONS_GET, {"id": action_id}), timeout=self._session.timeout
        )
        document = object_of(found)
        request = platform_deployment.rename_action(
            action_id,
            version=version_of(document, "actions.get"),
            name=f"{self.desired.name} (superseded {version or 'before'})",
            category=str(document.get("category", "")),
        )
        await self._change(request, object_of)

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


def _draft_id(answer: Answer) -> str:
    return identifier_of(object_of(answer), "actions.draft.create")


def _nothing(_answer: Answer) -> None:
    """What a deletion answers is of no interest."""
