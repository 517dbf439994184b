"""A call to a place that knows no client of ours: no rate limit to keep, no token to get."""

from tieline.calls.attempts import attempts
from tieline.calls.bodies import decode
from tieline.calls.operation import Answer
from tieline.calls.order import Order
from tieline.calls.retry import Attempt
from tieline.clock import Clock
from tieline.http.sending import Read, drive, send_once
from tieline.http.transport import Outgoing, Transport
from tieline.types import Json


async def call_unlimited(
    transport: Transport, clock: Clock, order: Order, outgoing: Outgoing, *, read: Read = decode
) -> Answer:
    """Carry a request out with the retries and the deadline of any call.

    `read` reads the body of an answer that says yes.

    Raises:
        Error: as `tieline.calls.attempts` says.
    """
    return await drive(attempts(order), _Unlimited(transport, clock, order, outgoing, read))


class _Unlimited:
    """One such call under way."""

    __slots__ = ("_order", "_outgoing", "_read", "_transport", "clock")

    def __init__(
        self, transport: Transport, clock: Clock, order: Order, outgoing: Outgoing, read: Read
    ) -> None:
        self.clock = clock
        self._transport = transport
        self._order = order
        self._outgoing = outgoing
        self._read = read

    async def reserve(self, within: float) -> float:
        del within
        return 0.0

    async def authorize(self, within: float, *, refresh: bool) -> None:
        """What is needed is in the request."""

    async def send(self, within: float) -> Attempt:
        outgoing = self._outgoing._replace(timeout=within)
        return await send_once(
            self._transport, outgoing, order=self._order, clock=self.clock, read=self._read
        )

    async def refused(self, retry_after: float | None, body: Json) -> None:
        """Nobody else needs to know."""
