"""One mutating call that is not an invocation, with its intent and outcome in the audit log."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import anyio

from tieline.calls.operation import Answer, Request
from tieline.calls.progress import Progress
from tieline.errors import BadAnswer, Error, OutcomeUnknown
from tieline.services.recording.trail import LAST_WORDS_SECONDS
from tieline.services.session import Session
from tieline.types import Json, JsonObject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call changes, in an auditor's words: `rule`, and its id or name."""

    kind: str
    id: str
    version: str | None = None


def object_of(answer: Answer) -> JsonObject:
    """Read an answer that must be a JSON object, for `recorded_call`.

    Raises:
        BadAnswer: it is none.
    """
    if not isinstance(answer.body, dict):
        raise BadAnswer("the platform's answer is no JSON object")
    return answer.body


class Send(Protocol):
    """Carries a request out: `Calls.call`, or another way than the platform's own API."""

    async def __call__(
        self,
        request: Request,
        *,
        timeout: float | None,  # noqa: ASYNC109  # as Calls.call has it
        progress: Progress,
    ) -> Answer:
        """See `Calls.call`."""
        ...


def whole_answer(answer: Answer) -> Json:
    """What the log keeps of an answer when nothing else is asked for."""
    return answer.body


async def recorded_call(
    session: Session,
    request: Request,
    subject: Subject,
    read: Callable[[Answer], T],
    *,
    send: Send | None = None,
    keep: Callable[[Answer], Json] = whole_answer,
) -> T:
    """Record the intent, make the call, record the outcome, and read the answer.

    `send` carries it out instead of the session's calls. `keep` chooses what the log holds of the
    answer, where all of it would be too much or a secret.

    Raises:
        StoreUnavailable: the intent could not be made durable; nothing was sent.
        OutcomeUnknown: it may have been carried out, or was and its answer cannot be read.
        Error: it was refused, or certainly not carried out.
    """
    trail, operation, progress = session.trail, request.operation, Progress()
    intent_id = await trail.intent(operation, subject, request.body)
    note = partial(trail.outcome, operation, subject, intent_id=intent_id)
    try:
        carry_out = send or session.calls.call
        answer = await carry_out(request, timeout=session.timeout, progress=progress)
        value = read(answer)
    except (OutcomeUnknown, BadAnswer) as error:
        unknown = _unknown(error)
        await note(
            status="uncertain",
            error={"code": unknown.code, "message": unknown.message},
            attempts=unknown.attempts,
            correlation_id=unknown.correlation_id,
        )
        raise unknown from error
    except Error as error:
        await trail.refused(operation, subject, intent_id=intent_id, error=error)
        raise
    except anyio.get_cancelled_exc_class():
        with anyio.move_on_after(LAST_WORDS_SECONDS, shield=True):
            await note(
                status="uncertain" if progress.uncertain else "refused",
                error={"code": "INTERRUPTED", "message": "the call was interrupted"},
                attempts=progress.attempts,
                correlation_id=progress.correlation_id,
            )
        raise
    await note(
        status="completed",
        result=keep(answer),
        attempts=answer.attempts,
        latency_ms=answer.elapsed_s * 1000,
        correlation_id=answer.correlation_id,
    )
    return value


def _unknown(error: Error) -> OutcomeUnknown:
    if isinstance(error, OutcomeUnknown):
        return error
    return OutcomeUnknown(
        error.message,
        hint="it was probably carried out: look before sending it again",
        correlation_id=error.correlation_id,
        attempts=max(1, error.attempts),
    )
