"""Registering an action in the guides' registry: a version once, settled by reading it again."""

from tieline.deployments.action_plan import DesiredAction, plan_in_registry, registered_definition
from tieline.deployments.deployed import Deployed
from tieline.deployments.plan import Plan
from tieline.dialects import guide_registry
from tieline.errors import BadAnswer, Conflict, Error, OutcomeUnknown
from tieline.services.recording.recorded import Subject, object_of, recorded_call
from tieline.services.session import Session
from tieline.types import Json, JsonObject


class GuideRegistering:
    """One version of an action on its way to the registry."""

    def __init__(self, session: Session, desired: DesiredAction) -> None:
        self._session = session
        self.desired = desired
        self._subject = Subject("action", desired.name, desired.version)

    async def plan(self) -> Plan:
        """Read the revisions and say what would change."""
        return plan_in_registry(self.desired, await self._revisions())

    async def apply(self, plan: Plan, *, test: JsonObject | None) -> Deployed:
        """Register the version; see `AsyncActionDeployment.apply`. There is no draft to test."""
        del test
        revisions = await self._revisions()
        plan.check_fresh(plan_in_registry(self.desired, revisions).base)
        if plan.change == "none":
            return self._deployed(plan, self._id_of_version(revisions))
        request = guide_registry.register(registered_definition(self.desired))
        try:
            made = await recorded_call(self._session, request, self._subject, object_of)
        except (OutcomeUnknown, Conflict) as error:
            return self._deployed(plan, await self._settled(error))
        return self._deployed(plan, made.get("id"))

    async def _settled(self, error: Error) -> str | None:
        """Look whether a registration whose answer was lost, or a rival's, is the one we meant."""
        revisions = await self._revisions()
        if plan_in_registry(self.desired, revisions).change != "none":
            raise error
        return self._id_of_version(revisions)

    def _id_of_version(self, revisions: list[JsonObject]) -> str | None:
        same = (each for each in revisions if each.get("version") == self.desired.version)
        return next((each.get("id") for each in same), None)

    async def _revisions(self) -> list[JsonObject]:
        request = guide_registry.registered(self.desired.name)
        answer = await self._session.calls.call(request, timeout=self._session.timeout)
        found = answer.body.get("entities", []) if isinstance(answer.body, dict) else answer.body
        if not isinstance(found, list):
            raise BadAnswer("actions.registered: a list was expected")
        return [each for each in found if _names(each) == self.desired.name]

    def _deployed(self, plan: Plan, action_id: str | None) -> Deployed:
        return Deployed(plan.change, plan.target, plan.version, action_id)


def _names(revision: Json) -> str | None:
    if not isinstance(revision, dict):
        return None
    return revision.get("name") or (revision.get("actionDefinition") or {}).get("name")
