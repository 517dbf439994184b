"""Generated from `src/tieline/services/flows.py` by `make generate`: do not edit."""

from functools import partial

from tieline.blocking.execution import Execution
from tieline.blocking.portal import Portal
from tieline.invocations.outcome import Outcome
from tieline.services.flows import AsyncFlows
from tieline.services.payload import Payload
from tieline.services.performer import Watch


class Flows:
    """`client.flows`."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncFlows, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def launch(
        self,
        flow_id: str,
        input: Payload | None = None,
        *,
        user: str | None = None,
        external_contact: str | None = None,
        name: str | None = None,
        timeout: float | None = None,
    ) -> Execution:
        """Launch a flow and return its execution without waiting for its end.

        In the guide dialect a launch is for exactly one of `user` and `external_contact`. `name`
        is how the platform shows the execution.

        Raises:
            InvalidInput: no UUID, an undefined key, a wrong type; nothing was sent.
            OutcomeUnknown: it may have been launched; it is not sent again.
            Error: it was refused, or certainly not carried out.
        """
        return Execution(
            self._portal.call(
                partial(
                    self._async.launch,
                    flow_id,
                    input,
                    user=user,
                    external_contact=external_contact,
                    name=name,
                    timeout=timeout,
                )
            ),
            self._portal,
        )

    def invoke(
        self,
        flow_id: str,
        input: Payload | None = None,
        *,
        user: str | None = None,
        external_contact: str | None = None,
        name: str | None = None,
        timeout: float | None = None,
        watch: Watch | None = None,
    ) -> Outcome:
        """Launch a flow and wait for its end, at most `timeout` seconds.

        A launch whose answer was lost ends `uncertain`; see `launch` for the rest.

        Raises:
            InvalidInput: no UUID, an undefined key, a wrong type; nothing was sent.
            Error: it was refused, or certainly not carried out.
        """
        return self._portal.call(
            partial(
                self._async.invoke,
                flow_id,
                input,
                user=user,
                external_contact=external_contact,
                name=name,
                timeout=timeout,
                watch=watch,
            )
        )

    def show(self, execution_id: str) -> Execution:
        """Look at an execution.

        Raises:
            NotFound: there is no such execution, or no longer.
        """
        return Execution(self._portal.call(partial(self._async.show, execution_id)), self._portal)

    def execution(self, execution_id: str, *, flow_id: str = "") -> Execution:
        """Pick an execution up by its id, without a call; it counts as running until looked at."""
        return Execution(self._async.execution(execution_id, flow_id=flow_id), self._portal)
