"""One change of a decision table or of what belongs to it, recorded before and after."""

from tieline.calls.operation import Answer, Request
from tieline.services.recorded import Subject, recorded_call
from tieline.services.session import Session
from tieline.types import JsonObject


async def change_table(session: Session, request: Request, subject: str) -> JsonObject:
    """Make the change; an answer without a body is an empty object.

    Raises:
        StoreUnavailable: its intent could not be recorded; nothing was sent.
        OutcomeUnknown: it may have been carried out.
        Error: it was refused, or certainly not carried out.
    """
    return await recorded_call(session, request, Subject("decision_table", subject), _body)


def _body(answer: Answer) -> JsonObject:
    return answer.body if isinstance(answer.body, dict) else {}
