"""One invocation from the call to its outcome: validate, cache, intend, start, follow, record.

Read `invoke` for the order of things. `start.py` and `follow.py` hold the two halves; `launch` and
`resume` are those halves for callers who do not wait, or who come back later.
"""

from dataclasses import replace
from typing import Any, assert_never

from tieline.dialects.port import Order, Progress, TargetWire
from tieline.errors import Error, OutcomeUnknown
from tieline.invocations.effects import Conclude, NoteRunning, Recall, Remember, Steps
from tieline.invocations.follow import follow
from tieline.invocations.key import invocation_key
from tieline.invocations.outcome import Outcome, Status, Target
from tieline.invocations.start import Prepared, Started, consult, prepare, start
from tieline.invocations.terms import Terms
from tieline.types import Json


def invoke(wire: TargetWire, order: Order, terms: Terms) -> Steps[Outcome]:
    """Carry an order out and wait for its end; `timed_out` keeps what is needed to come back.

    Raises:
        Error: it was refused, or certainly not carried out.
    """
    prepared = yield from prepare(wire, order, terms)
    if not terms.reuse:
        return (yield from _execute(wire, prepared, terms))
    key = invocation_key(prepared.order.target_id, prepared.order.input)
    reply = yield Recall(key, terms.deadline)
    earlier: Outcome | None = reply.take()
    if earlier is not None:
        return (yield from _recalled(prepared.target, earlier, reply.at - terms.started))
    outcome = yield from _execute(wire, prepared, terms)
    if outcome.status == "completed":
        yield Remember(key, outcome)
    return outcome


def launch(wire: TargetWire, order: Order, terms: Terms) -> Steps[Started]:
    """Start an execution and record how it stands, without waiting for its end.

    Raises:
        OutcomeUnknown: it may have been started; recorded as uncertain.
        Error: it was refused, or certainly not carried out.
    """
    prepared = yield from prepare(wire, order, terms)
    started = yield from start(wire, prepared, terms)
    if started.unknown is None and not started.progress.finished:
        yield _running(started, terms)
        return started
    yield Conclude(_outcome(started, started.progress, terms, started.at), started.intent_id)
    if started.unknown is not None:
        raise _never_answered(started.unknown)
    return started


def resume(
    wire: TargetWire,
    target: Target,
    progress: Progress,
    terms: Terms,
    *,
    intent_id: str | None,
    attempts: int,
    correlation_id: str | None,
) -> Steps[Outcome]:
    """Wait for the end of an execution that was started before, by us or by anybody.

    What is known of its start is handed in, to be told again in the outcome. Its contract is read
    first where it can be: it says which fields of the result are personal.

    Raises:
        Error: it cannot be looked at.
    """
    yield from consult(wire, target.id, terms)
    started = Started(target, progress, intent_id, attempts, correlation_id, terms.started)
    return (yield from _finish(wire, started, terms))


def _execute(wire: TargetWire, prepared: Prepared, terms: Terms) -> Steps[Outcome]:
    started = yield from start(wire, prepared, terms)
    if started.unknown is None and not started.progress.finished:
        # The execution's id is durable before the wait: whoever crashes while waiting finds it.
        yield _running(started, terms)
    return (yield from _finish(wire, started, terms))


def _finish(wire: TargetWire, started: Started, terms: Terms) -> Steps[Outcome]:
    progress, now = started.progress, started.at
    if started.unknown is None:
        progress, now = yield from follow(wire, started.target.id, progress, terms, now=now)
    outcome = _outcome(started, progress, terms, now)
    recorded: Outcome = (yield Conclude(outcome, started.intent_id)).take()
    return recorded


def _recalled(target: Target, earlier: Outcome, latency_s: float) -> Steps[Outcome]:
    # It wrote no request of its own, so it made no attempts.
    outcome = replace(
        earlier, target=target, cached=True, attempts=0, latency_ms=latency_s * 1000, audit_id=None
    )
    recorded: Outcome = (yield Conclude(outcome, None)).take()
    return recorded


def _running(started: Started, terms: Terms) -> NoteRunning:
    return NoteRunning(
        target=started.target,
        intent_id=started.intent_id,
        execution_id=started.progress.execution_id,
        attempts=started.attempts,
        correlation_id=started.correlation_id,
        latency_ms=(started.at - terms.started) * 1000,
    )


def _outcome(started: Started, progress: Progress, terms: Terms, now: float) -> Outcome:
    status, error = _ending(started, progress, terms)
    return Outcome(
        status=status,
        target=started.target,
        execution_id=progress.execution_id,
        result=progress.result,
        error=error,
        attempts=started.attempts,
        cached=False,
        correlation_id=started.correlation_id,
        latency_ms=(now - terms.started) * 1000,
        audit_id=None,
    )


def _ending(started: Started, progress: Progress, terms: Terms) -> tuple[Status, Json]:
    if started.unknown is not None:
        return "uncertain", _unknown(started.unknown)
    match progress.state:
        case "queued" | "running":
            # It goes on over there; for its caller, who waits no longer, it has timed out.
            return "timed_out", _out_of_time(started, progress, terms)
        case "timed_out":
            return "timed_out", progress.error or _over_limit(started.target)
        case "completed" | "failed" | "terminated":
            return progress.state, progress.error
    assert_never(progress.state)


def _never_answered(error: Error) -> OutcomeUnknown:
    if isinstance(error, OutcomeUnknown):
        return error
    return OutcomeUnknown(
        error.message,
        hint=_unknown(error)["hint"],
        correlation_id=error.correlation_id,
        attempts=error.attempts,
    )


def _unknown(error: Error) -> dict[str, Any]:
    look = f"look for correlation id {error.correlation_id} on the platform"
    return {
        "code": "OUTCOME_UNKNOWN",
        "message": error.message,
        "hint": error.hint or f"{look} before sending it again",
        "correlation_id": error.correlation_id,
    }


def _out_of_time(started: Started, progress: Progress, terms: Terms) -> dict[str, Any]:
    target = started.target
    return {
        "code": "DEADLINE_EXCEEDED",
        "message": f"not over after {terms.timeout:g} s; it goes on and can be picked up again",
        "limit": "timeout of the call",
        "hint": f"follow execution {progress.execution_id} of {target.kind} {target.id}, "
        "or give a longer timeout",
    }


def _over_limit(target: Target) -> dict[str, Any]:
    return {
        "code": "LIMIT_EXCEEDED",
        "message": f"the far side stopped the {target.kind} at its time limit",
        "limit": f"time limit of the {target.kind} on the far side",
        "hint": f"raise the time limit in the definition of the {target.kind}",
    }
