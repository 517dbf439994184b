"""Generated from `src/tieline/services/action_deployment.py` by `make generate`: do not edit."""

from functools import partial

from tieline.blocking.portal import Portal
from tieline.deployments.action_plan import DesiredAction
from tieline.deployments.deployed import Deployed
from tieline.deployments.plan import Plan
from tieline.services.action_deployment import AsyncActionDeployment
from tieline.types import JsonObject


class ActionDeployment:
    """One action on its way to one organisation."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncActionDeployment, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    @property
    def desired(self) -> DesiredAction:
        """What is registered, as it was derived from the action."""
        return self._async.desired

    def plan(self) -> Plan:
        """Read what stands and say what a deploy would change; nothing is changed.

        Raises:
            Conflict: the version is published with another content, or a draft is in the way.
        """
        return self._portal.call(self._async.plan)

    def apply(self, plan: Plan, *, test: JsonObject | None = None) -> Deployed:
        """Carry the plan out, from the very state it was made from.

        `test` is an input with which the draft is executed before it is published; the hosted
        handler really runs (platform dialect).

        Raises:
            StalePlan: the remote side changed since; nothing was changed.
            InvalidInput: the platform finds the draft invalid, or the test failed.
            Error: a step was refused; the message says what became of the draft.
        """
        return self._portal.call(partial(self._async.apply, plan, test=test))
