"""Which exit code a result or an error ends with; the table of docs/reference/exit-codes.md."""

from enum import IntEnum
from typing import assert_never

from tieline.errors import (
    ApiError,
    AuthenticationFailed,
    CircuitOpen,
    Conflict,
    DeadlineExceeded,
    Error,
    InvalidInput,
    NetworkError,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    StalePlan,
    StoreUnavailable,
)
from tieline.invocations.outcome import Status


class Exit(IntEnum):
    """Exit codes; scripts branch on them, so a number never changes its meaning."""

    OK = 0
    FAILED = 1  # carried out, and ended failed, timed out or terminated
    USAGE = 2  # bad usage or invalid input; nothing was changed
    DENIED = 3  # authentication or permission
    CONFLICT = 4  # conflict or stale plan; nothing was changed
    UNKNOWN = 5  # it may have been carried out
    GAVE_UP = 6  # gave up before anything was carried out
    PROBLEMS = 7  # a check found problems
    INTERRUPTED = 130  # 128 + SIGINT, as shells report it


# First match wins, so a subclass stands above its parent.
_BY_CLASS: tuple[tuple[type[Error], Exit], ...] = (
    (InvalidInput, Exit.USAGE),
    (AuthenticationFailed, Exit.DENIED),
    (PermissionDenied, Exit.DENIED),
    (Conflict, Exit.CONFLICT),
    (StalePlan, Exit.CONFLICT),
    (OutcomeUnknown, Exit.UNKNOWN),
    (RateLimited, Exit.GAVE_UP),
    (NetworkError, Exit.GAVE_UP),
    (DeadlineExceeded, Exit.GAVE_UP),
    (CircuitOpen, Exit.GAVE_UP),
    (StoreUnavailable, Exit.GAVE_UP),
)
_FIRST_SERVER_ERROR = 500


def exit_of_error(error: Error) -> Exit:
    """The code an error ends a command with.

    An answered 4xx without a class of its own, an unknown id above all, is invalid input: the
    platform refused it and changed nothing. An answered 5xx was carried out and failed.
    """
    for kind, code in _BY_CLASS:
        if isinstance(error, kind):
            return code
    if isinstance(error, ApiError) and error.status < _FIRST_SERVER_ERROR:
        return Exit.USAGE
    return Exit.FAILED


def exit_of_status(status: Status) -> Exit:
    """The code an invocation's status ends a command with."""
    match status:
        case "completed":
            return Exit.OK
        case "failed" | "timed_out" | "terminated":
            return Exit.FAILED
        case "uncertain":
            return Exit.UNKNOWN
    assert_never(status)
