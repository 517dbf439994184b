"""One change of a decision table or of what belongs to it, recorded before and after."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tieline.calls.operation import Answer, Request
from tieline.errors import BadAnswer, Conflict, OutcomeUnknown
from tieline.services.recording.recorded import Subject, recorded_call
from tieline.services.session import Session
from tieline.types import JsonObject

T = TypeVar("T")

# A change whose answer was lost is looked for, and asked for again where it did not happen.
MOST_TRIES = 4


async def change_table(session: Session, request: Request, subject: str) -> JsonObject:
    """Make the change; an answer without a body is an empty object.

    Raises:
        StoreUnavailable: its intent could not be recorded; nothing was sent.
        OutcomeUnknown: it may have been carried out.
        Error: it was refused, or certainly not carried out.
    """
    return await recorded_call(session, request, Subject("decision_table", subject), _body)


async def make_once(
    session: Session, request: Request, subject: str, *,
    read: Callable[[JsonObject], T], look: Callable[[], Awaitable[T | None]],
) -> T:  # fmt: skip
    """Make something that a second request would make a second time: look for it first.

    Raises:
        BadAnswer: it never stands, however often it is asked for.
        Error: it was refused, or certainly not carried out.
    """
    for _ in range(MOST_TRIES):
        found = await look()
        if found is not None:
            return found
        try:
            return read(await change_table(session, request, subject))
        except (OutcomeUnknown, BadAnswer):
            continue
        except Conflict:
            found = await look()
            if found is None:
                raise
            return found
    found = await look()
    if found is None:
        raise BadAnswer(f"{request.operation.name}: nothing stands after it was asked for")
    return found


def _body(answer: Answer) -> JsonObject:
    return answer.body if isinstance(answer.body, dict) else {}
