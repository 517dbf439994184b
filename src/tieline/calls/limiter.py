"""A rate limit shared by all who use one OAuth client: at most `capacity` calls in any minute.

The platform counts in windows of a minute whose beginning nobody tells (spec: fixed windows,
300 calls a token). So the guarantee is the stronger one: no span of `PERIOD_SECONDS` holds more
than `capacity` calls, wherever the platform's windows begin. A token bucket (GCRA) cannot do
both, use a full burst and keep that promise: burst plus refill is up to twice the capacity.

The state is a short log of when how many calls went, merged to `GRAIN_SECONDS`, oldest first.
Times are whatever clock the store keeps; only differences matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tieline.types import Json, JsonObject

# Spec 2.4: for one client-credentials token of the platform, unless the organisation's differs.
DOCUMENTED_PER_MINUTE = 300
# A minute, plus how much later one call may arrive than another that left at the same time.
PERIOD_SECONDS = 60.3
# 0.2 s of 60 is the throughput given up so that the log stays below about 300 entries.
GRAIN_SECONDS = 0.2
# A learned capacity below this is more likely somebody else's traffic than the limit.
SMALLEST_CAPACITY = 10
# Processes read the clock a moment before they get at the state; more than this is a jump.
CLOCK_DISORDER_SECONDS = 1.0
# What a counted (not declared) capacity grows by after a full period without a 429.
GROWTH = 1.1


@dataclass(frozen=True, slots=True)
class Window:
    """State of one limit. `capacity` is calls a period; None while no limit is known.

    `declared` tells a capacity that was configured, or that the platform named, from one that
    was counted when a 429 came; only the latter is raised again when no more 429s come.
    """

    capacity: int | None = None
    declared: bool = False
    log: tuple[tuple[float, int], ...] = ()
    closed_until: float = 0.0
    last_refusal: float = 0.0
    seen_at: float = 0.0  # the latest time the state was used

    def to_json(self) -> dict[str, Json]:
        """The state as a store keeps it."""
        return {
            "capacity": self.capacity,
            "declared": self.declared,
            "log": [list(entry) for entry in self.log],
            "closed_until": self.closed_until,
            "last_refusal": self.last_refusal,
            "seen_at": self.seen_at,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> "Window":
        """The inverse of `to_json`."""
        return cls(
            capacity=state["capacity"],
            declared=state["declared"],
            log=tuple((float(at), int(count)) for at, count in state["log"]),
            closed_until=state["closed_until"],
            last_refusal=state["last_refusal"],
            seen_at=state["seen_at"],
        )


def reserve(window: Window, now: float, *, within: float) -> tuple[Window, float]:
    """Take the earliest free place.

    Returns the new state and the wait in seconds; a wait longer than `within` took nothing.
    """
    window = _forget(_rebased(window, now), now)
    at = max(now, window.closed_until)
    if window.capacity is not None:
        at = max(at, _free_at(window.log, window.capacity))
    if window.log:  # in the order of asking: nobody overtakes those who already wait
        at = max(at, window.log[-1][0] - GRAIN_SECONDS)
    if at - now > within:
        return window, at - now
    taken = Window(  # spelled out: `replace` costs three times as much, in every call
        window.capacity,
        window.declared,
        _noted(window.log, at),
        window.closed_until,
        window.last_refusal,
        max(now, window.seen_at),
    )
    return taken, at - now


def refused(window: Window, now: float, *, retry_after: float | None, body: Json) -> Window:
    """Learn from a 429: closed for all until then, and how much the platform lets through."""
    window = _rebased(window, now)
    limit = declared_limit(body)
    counted = sum(count for at, count in window.log if now - PERIOD_SECONDS < at <= now)
    capacity, declared = window.capacity, window.declared
    if limit is not None:
        capacity, declared = limit, True
    elif not declared and (retry_after or 0.0) <= PERIOD_SECONDS:
        # The refused call is in the log too. A daily quota (hours) says nothing about a minute.
        capacity = max(SMALLEST_CAPACITY, min(counted - 1, capacity or counted))
    closed_until = max(window.closed_until, now + (retry_after or 0.0))
    return replace(
        window, capacity=capacity, declared=declared, closed_until=closed_until, last_refusal=now
    )


def declared_limit(body: Json) -> int | None:
    """Calls a minute that a 429's body names (`limit` of a `…rate.per.minute` key), or None."""
    limit = body.get("limit") if isinstance(body, Mapping) else None
    if not isinstance(limit, Mapping):
        return None
    key, value = limit.get("key"), limit.get("value")
    if isinstance(key, str) and key.endswith("rate.per.minute") and isinstance(value, int):
        return value if value > 0 and not isinstance(value, bool) else None
    return None


def _rebased(window: Window, now: float) -> Window:
    # A clock that jumped back (set by hand, a reboot) must not make anybody wait for it to
    # catch up: everything noted moves with it.
    back = window.seen_at - now
    if back <= CLOCK_DISORDER_SECONDS:
        return window
    return replace(
        window,
        log=tuple((at - back, count) for at, count in window.log),
        closed_until=window.closed_until - back,
        last_refusal=window.last_refusal - back,
        seen_at=now,
    )


def _forget(window: Window, now: float) -> Window:
    oldest = now - PERIOD_SECONDS
    log = window.log
    kept = 0
    while kept < len(log) and log[kept][0] <= oldest:
        kept += 1
    if kept:
        window = replace(window, log=log[kept:])
    if (
        kept
        and window.capacity is not None
        and not window.declared
        and now - window.last_refusal > PERIOD_SECONDS
        and sum(count for _, count in log) >= window.capacity
    ):
        grown = max(window.capacity + 1, int(window.capacity * GROWTH))
        window = replace(window, capacity=grown, last_refusal=now)
    return window


def _free_at(log: tuple[tuple[float, int], ...], capacity: int) -> float:
    # The moment at which enough of the last calls are older than the period.
    taken = 0
    for at, count in reversed(log):
        taken += count
        if taken >= capacity:
            return at + PERIOD_SECONDS
    return 0.0


def _noted(log: tuple[tuple[float, int], ...], at: float) -> tuple[tuple[float, int], ...]:
    # An entry stands for the end of its grain, so merging can only make us wait longer.
    grain_end = (at // GRAIN_SECONDS + 1.0) * GRAIN_SECONDS
    if log and log[-1][0] >= grain_end:
        last, count = log[-1]
        return (*log[:-1], (last, count + 1))
    return (*log, (grain_end, 1))
