"""From a started execution to its end, or to the deadline, whichever comes first.

Looking again costs nothing and changes nothing, so no trouble while looking ends an invocation:
it is looked at until it is over or time is up. Only an answer that looking again cannot change
(no permission, no such execution) is raised.
"""

from tieline.calls.deadline import Deadline
from tieline.calls.polling import Polling
from tieline.dialects.port import Ask, Progress, TargetWire
from tieline.errors import (
    ApiError,
    CircuitOpen,
    DeadlineExceeded,
    Error,
    NetworkError,
    NotFound,
    RateLimited,
)
from tieline.invocations.effects import Look, Reply, Report, Steps, Wait
from tieline.invocations.terms import Terms

_FIRST_SERVER_ERROR = 500


def follow(
    wire: TargetWire, target_id: str, progress: Progress, terms: Terms, *, now: float
) -> Steps[tuple[Progress, float]]:
    """Look until it is over; an execution that is not over by the deadline is returned running.

    `now` is the monotonic moment of `progress`; returned with the last progress is its own.

    Raises:
        Error: the execution cannot be looked at; it goes on, and the hint has its id.
    """
    ask = None if progress.finished else _ask(wire, target_id, progress)
    if ask is None:
        return progress, now
    began = now
    polling = Polling(Deadline(terms.deadline))
    while not progress.finished:
        yield Report(progress, now - began)
        pause = polling.wait(now, phase=progress.state)
        if pause is None:
            break
        yield Wait(pause)
        reply = yield Look(ask, terms.deadline)
        now = reply.at
        if reply.error is None:
            progress = reply.value
        elif _over(reply.error):
            break
        elif not _passing(reply, began, wire.missing_grace_s):
            raise _explained(reply.error, wire, progress)
    return progress, now


def _ask(wire: TargetWire, target_id: str, progress: Progress) -> Ask[Progress] | None:
    if progress.execution_id is None:
        return None
    return wire.follow(target_id, progress.execution_id)


def _over(error: Error) -> bool:
    """True where there is no time left for another look."""
    return isinstance(error, RateLimited | DeadlineExceeded)


def _passing(reply: Reply, began: float, grace_s: float) -> bool:
    """True where another look may succeed."""
    match reply.error:
        case NotFound():
            return reply.at - began < grace_s
        case ApiError(status=status):
            return status >= _FIRST_SERVER_ERROR
        case NetworkError() | CircuitOpen():
            return True
    return False


def _explained(error: Error, wire: TargetWire, progress: Progress) -> Error:
    goes_on = f"the {wire.kind} was started and goes on as execution {progress.execution_id}"
    error.hint = f"{error.hint}; {goes_on}" if error.hint else goes_on
    return error
