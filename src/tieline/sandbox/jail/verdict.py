"""Decide how a run ended, from what the warden saw. No kernel, no clock: a table.

A handler can say anything about its own result, as it could by returning it. It cannot say
anything about limits, usage or its end: those are seen from outside, and a breach wins.
"""

import json
import signal
from dataclasses import dataclass, field
from typing import Any

# What a runner exits with when it had a result and could not hand it over.
NOT_DELIVERED = 70
# Node: the event loop ran dry while a top-level await was unsettled.
_NODE_UNSETTLED = 13
# Both runtimes end by a signal when they cannot get memory; close to the limit that is the cause.
_NEAR_THE_LIMIT = 0.6
_OUT_OF_MEMORY_SIGNALS = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGSEGV)
_HEAP_MESSAGE = b"heap out of memory"

_FAILURES = frozenset(
    {
        "memory",
        "result_not_json",
        "exception",
        "unhandled_rejection",
        "exited",
        "no_result",
        "package_rejected",
        "tier_unavailable",
    }
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit the warden saw exceeded."""

    reason: str
    message: str


@dataclass(slots=True)
class Seen:
    """Everything known when the worker is gone."""

    breach: Breach | None = None
    delivered: bool = False  # the last piece of a result arrived
    failure: bytes | None = None  # the runner's own account, JSON
    exit_code: int | None = None  # negative: the signal that ended it, as subprocess has it
    rss_share: float = 0.0  # highest resident memory seen, as a share of the limit
    log_tail: bytes = field(default=b"")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Status, reason and error as the result shows them; `reason` None means completed."""

    status: str
    reason: str | None
    error: dict[str, Any] | None


def judge(seen: Seen) -> Verdict:
    """First match wins: a breach, the runner's account, a delivered result, the way it exited."""
    if seen.breach is not None:
        return _failed(seen.breach.reason, "LimitExceeded", seen.breach.message)
    if seen.failure is not None:
        return _told(seen.failure)
    if seen.delivered:
        return Verdict("completed", None, None)
    return _exited(seen)


def _told(failure: bytes) -> Verdict:
    try:
        account = json.loads(failure)
        reason, error = account["reason"], account["error"]
        known = reason in _FAILURES and isinstance(error, dict)
    except (ValueError, KeyError, TypeError, RecursionError):
        known, reason, error = False, "", {}
    if not known:
        return _failed("crashed", "Crashed", "the runner's account of the failure was unreadable")
    return Verdict("failed", reason, error)


def _exited(seen: Seen) -> Verdict:
    code = seen.exit_code
    if code is None:
        return _failed("crashed", "Crashed", "the process that ran the handler was lost")
    if code == -signal.SIGXCPU:
        return _failed("cpu", "LimitExceeded", "the CPU time limit was used up")
    if code < 0:
        return _signalled(-code, seen)
    if code in (NOT_DELIVERED, _NODE_UNSETTLED):
        return _failed("no_result", "NoResult", "the handler ended without handing over a result")
    return _failed("exited", "Exited", f"the handler ended its process with exit code {code}")


def _signalled(number: int, seen: Seen) -> Verdict:
    near = seen.rss_share >= _NEAR_THE_LIMIT or _HEAP_MESSAGE in seen.log_tail
    if number in _OUT_OF_MEMORY_SIGNALS and near:
        return _failed("memory", "LimitExceeded", "the memory limit was reached")
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return _failed("crashed", "Crashed", f"the process that ran the handler was ended by {name}")


def _failed(reason: str, kind: str, message: str) -> Verdict:
    status = "timed_out" if reason == "wall" else "failed"
    return Verdict(status, reason, {"type": kind, "message": message})
