"""Submitting, following, reading and cancelling jobs over conversation details."""

from datetime import UTC, datetime
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.analytics.errors import expired, not_ready
from tieline.emulator.analytics.filters import read_filters
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.paging import place, whole_number
from tieline.emulator.routes import Route
from tieline.emulator.tables import Document, on_wire
from tieline.types import JsonObject

_JOBS = "/api/v2/analytics/conversations/details/jobs"
_VIEW = ("analytics:conversationDetail:view", "analytics:agentConversationDetail:view")
# Neither is in the SDK: both [assumed].
DEFAULT_PAGE, LARGEST_PAGE = 100, 1_000
LONGEST_INTERVAL_DAYS = 31
_ORDERS_BY = ("conversationStart", "conversationEnd", "segmentStart", "segmentEnd")
# Of what the emulator's conversations have nothing.
_NO_FILTERS = ("evaluationFilters", "surveyFilters", "resolutionFilters")


def submit(call: Call) -> Answer:
    """Start a job over the conversations that began in an interval and pass the filters."""
    sent = call.require("interval")
    start, end = _interval(sent["interval"])
    for name in _NO_FILTERS:
        if sent.get(name):
            text = "The emulator's conversations have no evaluations, surveys or resolutions."
            raise wire_errors.malformed(text, field=name)
    wanted = read_filters(sent)
    conversations = call.world.analytics.conversations
    found = [
        (began, conversation["id"])
        for conversation in conversations
        if start <= (began := _moment(conversation["conversationStart"])) < end
        and wanted(conversation)
    ]
    found.sort(reverse=_descending(call))
    ids = [conversation_id for _, conversation_id in found]
    job = call.world.analytics.submit(ids[: _limit(sent)], now=call.now)
    return Answer(202, {"jobId": job["id"]}, effect=job["id"])


def show(call: Call) -> Answer:
    """Tell how a job stands."""
    job = call.world.analytics.jobs.get(call.path[0])
    state, ended = call.world.analytics.standing(job, now=call.now)
    body: dict[str, Any] = {"state": state, "submissionDate": iso(job["started"])}
    if ended is not None:
        body["completionDate"] = iso(ended)
    if state in {"FULFILLED", "EXPIRED"} and ended is not None:
        body["expirationDate"] = iso(ended + job["kept"])
    if state == "FAILED":
        body["errorMessage"] = "The query could not be carried out."
    return Answer(200, body)


def results(call: Call) -> Answer:
    """Give one page of a fulfilled job; the last one names no cursor."""
    analytics = call.world.analytics
    job = analytics.jobs.get(call.path[0])
    state, _ = analytics.standing(job, now=call.now)
    if state == "EXPIRED":
        raise expired(job["id"])
    if state != "FULFILLED":
        raise not_ready(job["id"], state)
    size = whole_number(call, "pageSize", default=DEFAULT_PAGE, largest=LARGEST_PAGE)
    start = place(call, "cursor", letter="c", kind="cursor")
    ids = job["found"][start : start + size]
    entries = [analytics.conversations.find(conversation_id) for conversation_id in ids]
    body: dict[str, Any] = {
        "conversations": [_conversation(entry) for entry in entries if entry is not None],
        "dataAvailabilityDate": iso(call.now - analytics.lag),
    }
    if start + size < len(job["found"]):
        body["cursor"] = f"c{start + size}"
    return Answer(200, body)


def cancel(call: Call) -> Answer:
    """Cancel a job; one that came to its end stays as it is."""
    analytics = call.world.analytics
    job = analytics.jobs.get(call.path[0])
    _, ended = analytics.standing(job, now=call.now)
    if ended is None:
        job["cancelled"] = call.now
    return Answer(204, effect=job["id"])


def availability(call: Call) -> Answer:
    """Tell up to when the data is complete."""
    return Answer(200, {"dataAvailabilityDate": iso(call.now - call.world.analytics.lag)})


def _interval(text: object) -> tuple[float, float]:
    allowed = f"start/end, ISO 8601, at most {LONGEST_INTERVAL_DAYS} days"
    parts = text.split("/") if isinstance(text, str) else []
    try:
        start, end = (_moment(part) for part in parts)
    except ValueError:
        raise wire_errors.invalid_value(
            "interval", text, kind="Interval", allowed=allowed
        ) from None
    if not 0 < end - start <= LONGEST_INTERVAL_DAYS * 86_400:
        raise wire_errors.invalid_value("interval", text, kind="Interval", allowed=allowed)
    return start, end


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _descending(call: Call) -> bool:
    _one_of(call, "orderBy", _ORDERS_BY)
    return _one_of(call, "order", ("asc", "desc", "unordered")) == "desc"


def _one_of(call: Call, name: str, allowed: tuple[str, ...]) -> str:
    """A text of the body, in lower case; the first one allowed when it is absent."""
    given = call.text(name) or allowed[0]
    if given.lower() not in {one.lower() for one in allowed}:
        raise wire_errors.invalid_value(name, given, kind=name, allowed=", ".join(allowed))
    return given.lower()


def _limit(sent: JsonObject) -> int | None:
    limit = sent.get("limit")
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise wire_errors.invalid_value("limit", limit, kind="Integer", allowed="above 0")
    return limit


def _conversation(entry: Document) -> Document:
    body = on_wire(entry)
    return {"conversationId": body.pop("id"), **body}


ROUTES = (
    Route("POST", _JOBS, "analytics.conversation_jobs.submit", submit, any_permission=_VIEW,
          repeatable=True),
    Route("GET", f"{_JOBS}/availability", "analytics.conversation_jobs.availability", availability,
          permissions=_VIEW[:1]),
    Route("GET", f"{_JOBS}/{{jobId}}", "analytics.conversation_jobs.show", show,
          any_permission=_VIEW),
    Route("GET", f"{_JOBS}/{{jobId}}/results", "analytics.conversation_jobs.results", results,
          any_permission=_VIEW),
    Route("DELETE", f"{_JOBS}/{{jobId}}", "analytics.conversation_jobs.cancel", cancel,
          any_permission=_VIEW, repeatable=True),
)  # fmt: skip
