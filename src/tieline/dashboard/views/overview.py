"""Rate limits, refusals and totals as the overview shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tieline.calls.limiter import PERIOD_SECONDS
from tieline.dashboard.showing import milliseconds, number, span, visible
from tieline.observe.activity import STATUSES, Activity, Ended
from tieline.observe.metrics import InvocationSummary
from tieline.store.ledger.reading import KnownLimit

MOST_TARGETS = 50
# What an outcome's error code says of the way there; the codes are those of the error reference.
_REFUSALS = (
    ("RATE_LIMITED", "ended by the rate limit (429)"),
    ("CIRCUIT_OPEN", "not tried, circuit open"),
    ("DEADLINE_EXCEEDED", "ended by their deadline"),
    ("MAX_RETRIES_EXCEEDED", "ended after all retries"),
    ("NETWORK_ERROR", "ended by the network"),
    ("OUTCOME_UNKNOWN", "answer lost, uncertain"),
)


@dataclass(frozen=True, slots=True)
class LimitView:
    """One rate limit."""

    key: str
    capacity: str
    used: str
    state: str
    tone: str
    last_refusal: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """How many outcomes on record carry an error code."""

    code: str
    told: str
    count: int


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many invocations on record ended so."""

    status: str
    count: int


@dataclass(frozen=True, slots=True)
class EndedView:
    """An invocation that ended, in a list."""

    seq: int
    time: str
    operation: str
    kind: str
    target: str
    status: str
    attempts: int
    latency: str
    code: str


@dataclass(frozen=True, slots=True)
class TargetView:
    """Everything on record of one target."""

    kind: str
    target: str
    executed: str
    success: str
    by_status: Sequence[StatusCount]
    p50: str
    p95: str
    p99: str


def limit_view(known: KnownLimit) -> LimitView:
    """A limit as it stands; after a boot only what was learned is known."""
    window, now = known.window, known.now
    capacity = "not known" if window.capacity is None else f"{window.capacity:,}/min"
    if window.capacity is not None and not window.declared:
        capacity += ", counted"
    key = visible(known.key)
    if now is None:
        return LimitView(key, capacity, "", "not used since the last boot", "pending", "")
    used = sum(count for at, count in window.log if now - PERIOD_SECONDS < at <= now)
    closed = window.closed_until - now
    refused = now - window.last_refusal if window.last_refusal else None
    return LimitView(
        key=key,
        capacity=capacity,
        used=f"{used:,}",
        state=f"closed for {span(closed)}" if closed > 0 else "open",
        tone="uncertain" if closed > 0 else "done",
        last_refusal="none known" if refused is None else f"{span(_coarse(refused))} ago",
    )


def refusals(activity: Activity) -> list[Refusal]:
    """Error codes on record that tell of pressure, those that occur."""
    counts = activity.codes
    return [Refusal(code, told, counts[code]) for code, told in _REFUSALS if counts[code]]


def status_counts(activity: Activity) -> list[StatusCount]:
    """Every status, those that did not occur included, and what was refused before it began."""
    ended = [StatusCount(status, activity.by_status[status]) for status in STATUSES]
    return [*ended, StatusCount("refused", activity.refused)]


def recent(activity: Activity, *, most: int) -> list[EndedView]:
    """The latest endings, the newest first."""
    return [_ended(one) for one in list(activity.recent)[: -most - 1 : -1]]


def target_views(activity: Activity) -> tuple[list[TargetView], int]:
    """Targets by how often they were executed, and how many more there are."""
    found = activity.metrics.summaries()
    return [_target(one) for one in found[:MOST_TARGETS]], max(0, len(found) - MOST_TARGETS)


def _ended(one: Ended) -> EndedView:
    return EndedView(
        seq=one.seq,
        time=visible(one.time[:19].replace("T", " ")),
        operation=visible(one.operation),
        kind=one.kind,
        target=visible(one.target),
        status=one.status,
        attempts=one.attempts,
        latency="" if one.latency_ms is None else milliseconds(one.latency_ms),
        code=visible(one.code or ""),
    )


def _target(one: InvocationSummary) -> TargetView:
    return TargetView(
        kind=one.kind,
        target=visible(one.target),
        executed=f"{one.executed:,}",
        success=""
        if one.success_rate is None
        else f"{number(int(one.success_rate * 1000) / 10)} %",
        by_status=[StatusCount(name, count) for name, count in sorted(one.by_status.items())],
        p50="" if one.p50_ms is None else milliseconds(one.p50_ms),
        p95="" if one.p95_ms is None else milliseconds(one.p95_ms),
        p99="" if one.p99_ms is None else milliseconds(one.p99_ms),
    )


def _coarse(seconds: float) -> float:
    """Whole minutes from one on, so that a page does not change for a passing second."""
    return seconds if seconds < 60 else seconds // 60 * 60  # noqa: PLR2004  # a minute
