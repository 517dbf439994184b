"""Conversation details by asynchronous jobs: submit, follow, read page by page, cancel.

Sources: `AsyncConversationQuery`, `AsyncQueryStatus` and
`AnalyticsConversationAsyncQueryResponse` of the official SDK.
"""

from dataclasses import dataclass
from typing import Literal

from tieline.calls.operation import Answer, Operation, Request
from tieline.calls.pagination import TokenPages, result_pages
from tieline.dialects.listing import Listing
from tieline.dialects.port import Ask
from tieline.dialects.reading import Fields

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


def submit(interval: str) -> Ask[str]:
    """Ask for the conversations that began in `start/end` (ISO 8601); answered with a job's id."""
    request = Request(JOBS_SUBMIT, body={"interval": interval, "orderBy": "conversationStart"})
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


def _read_status(answer: Answer) -> JobStatus:
    fields = Fields.of(JOBS_SHOW, answer)
    return JobStatus(fields.choice("state", _STATES), fields.maybe_text("errorMessage"))
