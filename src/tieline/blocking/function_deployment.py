"""Generated from `src/tieline/services/function_deployment.py` by `make generate`: do not edit."""

from functools import partial

from tieline.blocking.portal import Portal
from tieline.deployments.plan import Plan
from tieline.services.function_deployment import AsyncFunctionDeployment, DeployedFunction


class FunctionDeployment:
    """One function on its way to one organisation."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncFunctionDeployment, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def plan(self) -> Plan:
        """Read what stands and say what a deploy would change; nothing is changed.

        Raises:
            Conflict: the contract is frozen and differs, or somebody else's draft is in the way.
        """
        return self._portal.call(self._async.plan)

    def apply(self, plan: Plan) -> DeployedFunction:
        """Carry the plan out, from the very state it was made from.

        Raises:
            StalePlan: the remote side changed since; nothing was changed.
            InvalidInput: the platform refuses the zip or the settings.
            OutcomeUnknown: run it again; nothing is published twice.
            Error: a step was refused; the draft of this deploy was removed.
        """
        return self._portal.call(partial(self._async.apply, plan))
