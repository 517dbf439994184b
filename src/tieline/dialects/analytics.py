"""Conversation details by asynchronous jobs: submit, follow, read page by page, cancel.

Sources: `AsyncConversationQuery`, `AsyncQueryStatus` and
`AnalyticsConversationAsyncQueryResponse` of the official SDK.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tieline.calls.operation import Answer, Operation, Request
from tieline.calls.pagination import TokenPages, result_pages
from tieline.dialects.ids import check_uuid
from tieline.dialects.listing import Listing
from tieline.dialects.port import Ask
from tieline.dialects.reading import Fields
from tieline.types import Json

_JOBS = "/api/v2/analytics/conversations/details/jobs"
_VIEW = ("analytics:conversationDetail:view",)
# The largest page is not documented: 1,000 [assumed].
PAGE_SIZE = 1_000

JobState = Literal["waiting", "fulfilled", "failed", "cancelled", "expired"]
_STATES: dict[str, JobState] = {
    "QUEUED": "waiting",
    "PENDING": "waiting",
    "FULFILLED": "fulfilled",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
    "EXPIRED": "expired",
}

# A second job reads the same and changes nothing: it may be submitted again.
JOBS_SUBMIT = Operation(
    "analytics.conversation_jobs.submit", "POST", _JOBS, idempotent=True, dialect="platform",
    permissions=_VIEW, reads_only=True,
)  # fmt: skip
JOBS_SHOW = Operation(
    "analytics.conversation_jobs.show", "GET", f"{_JOBS}/{{id}}", idempotent=True,
    dialect="platform", permissions=_VIEW,
)  # fmt: skip
JOBS_RESULTS = Operation(
    "analytics.conversation_jobs.results", "GET", f"{_JOBS}/{{id}}/results", idempotent=True,
    dialect="platform", permissions=_VIEW,
)  # fmt: skip
# What is cancelled is our own reading: nothing an auditor asks for.
JOBS_CANCEL = Operation(
    "analytics.conversation_jobs.cancel", "DELETE", f"{_JOBS}/{{id}}", idempotent=True,
    dialect="platform", permissions=_VIEW, reads_only=True,
)  # fmt: skip

OPERATIONS = (JOBS_SUBMIT, JOBS_SHOW, JOBS_RESULTS, JOBS_CANCEL)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a job stands; `problem` is what the platform says of a failed one."""

    state: JobState
    problem: str | None = None


def submit(
    interval: str, *, queues: Sequence[str] = (), media_types: Sequence[str] = ()
) -> Ask[str]:
    """Ask for the conversations that began in `start/end` (ISO 8601); answered with a job's id.

    With queues' ids or media types only those that were, for a while, in one of the queues and of
    one of the types.

    Raises:
        InvalidInput: a queue's id is no UUID.
    """
    for queue_id in queues:
        check_uuid(queue_id, what="queue")
    body: dict[str, Json] = {"interval": interval, "orderBy": "conversationStart"}
    wanted = {"queueId": queues, "mediaType": media_types}
    filters = [_one_of(dimension, values) for dimension, values in wanted.items() if values]
    if filters:
        body["segmentFilters"] = filters
    request = Request(JOBS_SUBMIT, body=body)
    return Ask(request, lambda answer: Fields.of(JOBS_SUBMIT, answer).text("jobId"))


def show(job_id: str) -> Ask[JobStatus]:
    """Ask where a job stands."""
    return Ask(Request(JOBS_SHOW, path={"id": job_id}), _read_status)


def cancel(job_id: str) -> Request:
    """Stop a job nobody waits for."""
    return Request(JOBS_CANCEL, path={"id": job_id})


def results(job_id: str) -> Listing[Fields]:
    """The conversations of a fulfilled job, page by page."""

    def pages() -> TokenPages:
        return result_pages("conversations", page_size=PAGE_SIZE)

    return Listing(JOBS_RESULTS, pages, lambda fields: fields, path={"id": job_id})


def _one_of(dimension: str, values: Sequence[str]) -> Json:
    predicates: list[Json] = [
        {"type": "dimension", "dimension": dimension, "operator": "matches", "value": value}
        for value in values
    ]
    return {"type": "or", "predicates": predicates}


def _read_status(answer: Answer) -> JobStatus:
    fields = Fields.of(JOBS_SHOW, answer)
    return JobStatus(fields.choice("state", _STATES), fields.maybe_text("errorMessage"))
