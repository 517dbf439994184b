"""What an item's end means for the ledger, and for the run as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tieline.errors import (
    ApiError,
    AuthenticationFailed,
    CircuitOpen,
    ConfigInvalid,
    DeadlineExceeded,
    Error,
    NetworkError,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    StoreUnavailable,
    Unsupported,
)
from tieline.invocations.outcome import Status
from tieline.runs.item import Change, ItemState
from tieline.services.running.carrier import Ended

# They hold for every item alike: going on would fail a hundred thousand items for one reason.
_HOPELESS = (
    AuthenticationFailed, PermissionDenied, NotFound, ConfigInvalid, Unsupported, StoreUnavailable,
)  # fmt: skip
# Certainly not carried out, and the next try may succeed.
_PASSING = (NetworkError, DeadlineExceeded, CircuitOpen, RateLimited)

_STATE_AFTER: Mapping[Status, ItemState] = {
    "completed": "done",
    "failed": "failed",
    "timed_out": "failed",
    "terminated": "failed",
    "uncertain": "uncertain",
}

Consequence = Literal["go on", "slow down", "stop"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of the item, and what follows for the run."""

    change: Change
    consequence: Consequence
    error: Error | None = None


def settle_end(seq: int, ended: Ended) -> Settlement:
    """An execution ended: done where it completed, failed else; nobody knows where `uncertain`."""
    change = Change(
        seq,
        _STATE_AFTER[ended.status],
        status=ended.status,
        execution_id=ended.execution_id,
        correlation_id=ended.correlation_id,
        result=ended.result,
        error=ended.error,
    )
    return Settlement(change, "go on")


def settle_launch_error(seq: int, error: Error) -> Settlement:
    """A launch ended in an error."""
    if isinstance(error, OutcomeUnknown):
        return Settlement(_changed(seq, "uncertain", error), "go on")
    if isinstance(error, _HOPELESS):
        return Settlement(Change(seq, "pending"), "stop", error)
    if isinstance(error, _PASSING):
        # The rate limiter knows how long to wait; for all else the engine slows down.
        calm = isinstance(error, RateLimited)
        return Settlement(Change(seq, "pending"), "go on" if calm else "slow down", error)
    return Settlement(_changed(seq, "failed", error), "go on")


def settle_follow_error(seq: int, execution_id: str | None, error: Error) -> Settlement:
    """A launched execution cannot be looked at: it goes on, and only its end is not known.

    Where nothing can be looked at (no permission) it stays `sent`, for whoever resumes.
    """
    if isinstance(error, _HOPELESS) and not isinstance(error, NotFound):
        change = Change(seq, "sent", status="launched", execution_id=execution_id)
        return Settlement(change, "stop", error)
    return Settlement(_changed(seq, "uncertain", error, execution_id=execution_id), "go on")


def _changed(
    seq: int,
    to: Literal["failed", "uncertain"],
    error: Error,
    *,
    execution_id: str | None = None,
) -> Change:
    status = error.status if isinstance(error, ApiError) else None
    document = {"code": error.error_code, "message": error.message}
    if status is not None:
        document["status"] = str(status)
    return Change(
        seq,
        to,
        status="uncertain" if to == "uncertain" else "failed",
        execution_id=execution_id,
        correlation_id=error.correlation_id,
        error=document,
    )
