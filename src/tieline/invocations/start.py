"""From an order to a started execution: checked, recorded, and asked for exactly once.

Nothing is sent before the input is known to be acceptable and the intent is durable. After the one
request was written there are three ends: it was refused (raised), it runs or is over (`Started`),
or nobody knows (`Started` with `unknown`), and then it is never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tieline.calls.operation import Answer
from tieline.dialects.port import Ask, Definition, Order, Progress, TargetWire
from tieline.errors import (
    ApiError,
    BadAnswer,
    Error,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
)
from tieline.invocations.checks import check_definition, check_input, check_value
from tieline.invocations.effects import Define, Find, Intend, NoteRefused, Reply, Start, Steps
from tieline.invocations.known import Known
from tieline.invocations.outcome import Target
from tieline.invocations.terms import CONTRACT_SECONDS, Terms


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order that may be carried out; `order.target_id` is an id even where a name was given."""

    target: Target
    order: Order


@dataclass(frozen=True, slots=True)
class Started:
    """What stands after the one request. `unknown` is set where no answer says what it is."""

    target: Target
    progress: Progress
    intent_id: str | None
    attempts: int
    correlation_id: str | None
    at: float
    unknown: Error | None = None


def prepare(wire: TargetWire, order: Order, terms: Terms) -> Steps[Prepared]:
    """Find the target and check the order against it; reads, and changes nothing.

    Raises:
        InvalidInput: the order or its input; nothing was sent that changes anything.
        NotFound: no such target.
    """
    check_value(order.input)
    known = yield from find(wire, order, terms)
    check_input(known, order.input)
    definition = known.definition
    target = Target(wire.kind, definition.id, definition.name, definition.version)
    return Prepared(target, replace(order, target_id=definition.id))


def find(wire: TargetWire, order: Order, terms: Terms) -> Steps[Known]:
    """Find the target and check all of an order but its input; what inputs are checked against.

    Raises:
        InvalidInput: the order is none that this dialect or this target can carry out.
        NotFound: no such target.
    """
    wire.check(order)
    target_id = yield from resolve(wire, order.target_id, terms)
    known = yield from _define(wire, target_id, terms)
    known = replace(known, definition=replace(known.definition, id=target_id))
    check_definition(known.definition, order)
    return known


def resolve(wire: TargetWire, given: str, terms: Terms) -> Steps[str]:
    """Find the id of a target that was given by id or, where the surface can look, by name.

    Raises:
        NotFound: nothing has this name.
        InvalidInput: several have.
    """
    ask = wire.search(given)
    if ask is None:
        return given
    reply = yield Find(ask, terms.deadline)
    if not wire.knows_all and isinstance(reply.error, PermissionDenied):
        return given
    ids: Sequence[str] = reply.take()
    if not ids and not wire.knows_all:
        return given
    if not ids:
        raise NotFound(
            f"there is no {wire.kind} with the id or name {given!r}",
            status=404,
            hint="`tieline actions list` shows what there is",
        )
    if len(ids) > 1:
        raise InvalidInput(
            f"{len(ids)} {wire.kind}s have the name {given!r}",
            hint=f"use an id: {', '.join(ids[:5])}",
        )
    return ids[0]


def consult(wire: TargetWire, target_id: str, terms: Terms) -> Steps[None]:
    """Have the shell know the target's contract where it can be read; nothing fails where not."""
    ask = wire.describe(target_id) if target_id else None
    if ask is not None:
        yield Define(ask, min(terms.deadline, terms.started + CONTRACT_SECONDS))


def start(wire: TargetWire, prepared: Prepared, terms: Terms) -> Steps[Started]:
    """Record the intent, write the request once, and record a refusal.

    Raises:
        StoreUnavailable: the intent could not be made durable; nothing was sent.
        Error: refused, or certainly not carried out.
    """
    ask = wire.start(prepared.order)
    intent_id: str = (yield Intend(prepared.target, prepared.order)).take()
    reply = yield Start(ask, terms.deadline)
    started = _judge(wire, ask, reply, prepared.target, intent_id)
    if started is not None:
        return started
    error = reply.error
    if error is not None:
        latency_ms = (reply.at - terms.started) * 1000
        yield NoteRefused(prepared.target, intent_id, error, latency_ms)
    return reply.take()  # type: ignore[no-any-return]  # raises: a refused start has an error


def _judge(
    wire: TargetWire, ask: Ask[Progress], reply: Reply, target: Target, intent_id: str
) -> Started | None:
    """Tell what stands; None where the request was refused or never got there."""
    match reply.error:
        case OutcomeUnknown():
            return _unknown(target, intent_id, reply.error, reply.at)
        case ApiError():
            ended = wire.read_refusal(reply.error)
            return (
                None if ended is None else _ended(target, intent_id, reply.error, ended, reply.at)
            )
        case Error():
            return None
        case None:
            return _answered(ask, reply.value, target, intent_id, reply.at)


def _answered(
    ask: Ask[Progress], answer: Answer, target: Target, intent_id: str, at: float
) -> Started:
    try:
        progress = ask.read(answer)
    except BadAnswer as unreadable:
        # The far side took it and then broke its own contract: what became of it is not known.
        return _unknown(target, intent_id, unreadable, at)
    return Started(target, progress, intent_id, answer.attempts, answer.correlation_id, at)


def _ended(target: Target, intent_id: str, error: ApiError, ended: Progress, at: float) -> Started:
    return Started(target, ended, intent_id, error.attempts, error.correlation_id, at)


def _unknown(target: Target, intent_id: str, error: Error, at: float) -> Started:
    attempts = max(1, error.attempts)
    running = Progress("running")
    return Started(target, running, intent_id, attempts, error.correlation_id, at, unknown=error)


def _define(wire: TargetWire, target_id: str, terms: Terms) -> Steps[Known]:
    ask = wire.describe(target_id)
    if ask is None:
        return Known(Definition(wire.kind, target_id))
    reply = yield Define(ask, terms.deadline)
    # A client may be allowed to execute and not to view: then the far side checks alone.
    unseen = PermissionDenied if wire.knows_all else (PermissionDenied, NotFound)
    if isinstance(reply.error, unseen):
        return Known(Definition(wire.kind, target_id))
    known: Known = reply.take()
    return known
