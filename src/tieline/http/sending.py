"""One attempt on a transport, reported as the facts that `tieline.calls` decides on."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from tieline.calls.attempts import Authorize, Call, Effect, Refused, Reserve, Send, Wait
from tieline.calls.bodies import Unreadable, decode, decode_error
from tieline.calls.operation import Answer
from tieline.calls.order import Order
from tieline.calls.retry import Attempt
from tieline.calls.retry_after import retry_after
from tieline.clock import Clock
from tieline.errors import Error
from tieline.http.transport import Exchange, Incoming, Outgoing, Transport, TransportFault
from tieline.types import Json

Read = Callable[[bytes, str], Json]
"""Reads an answer's body by its content type; raises `Unreadable`."""


class Performer(Protocol):
    """Does what a call asks for. Waiting is the same for all, so `drive` does it."""

    clock: Clock

    async def reserve(self, within: float) -> float:
        """Take a place under the rate limit; the wait for it in seconds."""
        ...

    async def authorize(self, within: float, *, refresh: bool) -> None:
        """Have a token at hand for the next `send`."""
        ...

    async def send(self, within: float) -> Attempt:
        """Write the request once."""
        ...

    async def refused(self, retry_after: float | None, body: Json) -> None:
        """Tell the limiter about a 429."""
        ...


async def drive(call: Call, performer: Performer) -> Answer:
    """Perform a call's effects until it ends; an error of one is the call's to judge."""
    effect = next(call)
    while True:
        try:
            reply = await _perform(effect, performer)
        except Error as error:
            effect = call.throw(error)
            continue
        try:
            effect = call.send(reply)
        except StopIteration as stop:
            answer: Answer = stop.value
            return answer


def _perform(effect: Effect, performer: Performer) -> Awaitable[object]:
    # Without a coroutine of its own: this runs three times in every call.
    if isinstance(effect, Send):
        return performer.send(effect.timeout)
    if isinstance(effect, Reserve):
        return performer.reserve(effect.within)
    return _then_time(effect, performer)


async def _then_time(effect: Effect, performer: Performer) -> float:
    match effect:
        case Authorize(refresh, within):
            await performer.authorize(within, refresh=refresh)
        case Wait(seconds):
            await performer.clock.sleep(seconds)
        case Refused(retry_after, body):
            await performer.refused(retry_after, body)
    return performer.clock.monotonic()


async def send_once(
    transport: Transport, outgoing: Outgoing, *, order: Order, clock: Clock, read: Read = decode
) -> Attempt:
    """Write a request once. A cancellation on the way is noted in the order's progress."""
    exchange = Exchange()
    try:
        incoming = await transport.send(outgoing, exchange)
    except TransportFault as fault:
        return _broken(fault, exchange, clock)
    except BaseException:
        if exchange.written:
            order.progress.attempts += 1
            order.progress.uncertain = order.request.operation.mutating
        raise
    return _whole(incoming, clock, read)


def _whole(incoming: Incoming, clock: Clock, read: Read) -> Attempt:
    status, headers = incoming.status, incoming.headers
    if status >= 400:  # noqa: PLR2004  # errors start here
        body = decode_error(incoming.body)
        told = retry_after(headers, body, wall=clock.wall()) if status in {429, 503} else None
        return Attempt(clock.monotonic(), True, status, headers, body, told)
    try:
        body = read(incoming.body, headers.get("content-type", ""))
    except Unreadable as exc:
        return Attempt(clock.monotonic(), True, status, headers, fault=str(exc))
    return Attempt(clock.monotonic(), True, status, headers, body)


def _broken(fault: TransportFault, exchange: Exchange, clock: Clock) -> Attempt:
    return Attempt(
        at=clock.monotonic(),
        written=exchange.written,
        status=exchange.status,
        headers=exchange.headers,
        fault=str(fault),
        oversized=fault.oversized,
        cut_off=fault.cut_off,
    )
