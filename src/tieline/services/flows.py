"""Flows: launched for an execution, which is followed or left alone."""

from tieline.dialects.port import Order
from tieline.invocations.outcome import Outcome, Target
from tieline.invocations.pipeline import invoke, launch
from tieline.services.execution import AsyncExecution
from tieline.services.payload import Payload, declared_in, to_object
from tieline.services.performer import Performer, Watch, terms
from tieline.services.session import Session


class AsyncFlows:
    """`client.flows`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wire = session.dialect.flows

    async def launch(
        self,
        flow_id: str,
        input: Payload | None = None,  # noqa: A002  # the name its callers know
        *,
        user: str | None = None,
        external_contact: str | None = None,
        name: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # a deadline over waits and retries
    ) -> AsyncExecution:
        """Launch a flow and return its execution without waiting for its end.

        In the guide dialect a launch is for exactly one of `user` and `external_contact`. `name`
        is how the platform shows the execution.

        Raises:
            InvalidInput: no UUID, an undefined key, a wrong type; nothing was sent.
            OutcomeUnknown: it may have been launched; it is not sent again.
            Error: it was refused, or certainly not carried out.
        """
        order = _order(flow_id, input, user, external_contact, name)
        steps = launch(self._wire, order, terms(self._session, timeout))
        started = await Performer(self._session, self._wire).run(steps)
        return AsyncExecution(
            id=started.progress.execution_id,
            status=started.progress.state,
            target=started.target,
            result=started.progress.result,
            error=started.progress.error,
            attempts=started.attempts,
            correlation_id=started.correlation_id,
            intent_id=started.intent_id,
            _session=self._session,
            _wire=self._wire,
        )

    async def invoke(
        self,
        flow_id: str,
        input: Payload | None = None,  # noqa: A002  # the name its callers know
        *,
        user: str | None = None,
        external_contact: str | None = None,
        name: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # ends in an outcome, not in an error
        watch: Watch | None = None,
    ) -> Outcome:
        """Launch a flow and wait for its end, at most `timeout` seconds.

        A launch whose answer was lost ends `uncertain`; see `launch` for the rest.

        Raises:
            InvalidInput: no UUID, an undefined key, a wrong type; nothing was sent.
            Error: it was refused, or certainly not carried out.
        """
        order = _order(flow_id, input, user, external_contact, name)
        steps = invoke(self._wire, order, terms(self._session, timeout))
        return await Performer(self._session, self._wire, watch=watch).run(steps)

    async def show(self, execution_id: str) -> AsyncExecution:
        """Look at an execution.

        Raises:
            NotFound: there is no such execution, or no longer.
        """
        return await self.execution(execution_id).refresh()

    def execution(self, execution_id: str, *, flow_id: str = "") -> AsyncExecution:
        """Pick an execution up by its id, without a call; it counts as running until looked at."""
        return AsyncExecution(
            id=execution_id,
            status="running",
            target=Target("flow", flow_id),
            _session=self._session,
            _wire=self._wire,
        )


def _order(
    flow_id: str,
    payload: Payload | None,
    user: str | None,
    external_contact: str | None,
    name: str | None,
) -> Order:
    return Order(
        flow_id,
        to_object(payload),
        user_id=user,
        external_contact_id=external_contact,
        name=name,
        personal=declared_in(payload),
    )
