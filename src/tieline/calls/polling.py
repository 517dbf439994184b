"""When to look again at something that runs elsewhere.

The interval grows while nothing changes and starts again when the status does: right after a
start or a change of phase the next change is near. A rate limit or a failed look never ends the
wait; only the deadline does, and what is followed can be picked up again by its id.
"""

from dataclasses import dataclass

from tieline.calls.deadline import Deadline

# What the last look before the deadline is given to be answered in; of a short wait, a quarter.
LAST_LOOK_SECONDS = 0.5
_LAST_LOOK_SHARE = 0.25
# Sums of seconds are not exact: less than this is no wait.
_SHORTEST_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds before the first look, the growth of the interval, and its longest."""

    first: float = 1.0
    growth: float = 1.5
    longest: float = 8.0


# The guides' rhythm, and the one the platform documents for analytics jobs.
EXECUTIONS = Rhythm()
JOBS = Rhythm(first=2.0, growth=1.5, longest=30.0)


class Polling:
    """The rhythm of one wait; `deadline` ends it. Times are monotonic seconds."""

    __slots__ = ("_deadline", "_interval", "_last_look", "_phase", "_rhythm")

    def __init__(self, deadline: Deadline, rhythm: Rhythm = EXECUTIONS) -> None:
        self._deadline = deadline
        self._rhythm = rhythm
        self._interval = rhythm.first
        self._phase: str | None = None
        self._last_look: float | None = None

    def wait(self, now: float, *, phase: str | None = None) -> float | None:
        """Seconds until the next look, the last one seen being in `phase`; None: give up now.

        Shortened where the deadline is near, so that there is a last look just before it.
        """
        if phase != self._phase:
            self._phase = phase
            self._interval = self._rhythm.first
        wait = self._interval
        self._interval = min(wait * self._rhythm.growth, self._rhythm.longest)
        return self._before_deadline(wait, now)

    def wait_limited(self, now: float, *, told: float | None) -> float | None:
        """The same after a 429: as long as `told`, else twice the interval."""
        return self._before_deadline(2 * self._interval if told is None else told, now)

    def _before_deadline(self, wait: float, now: float) -> float | None:
        remaining = self._deadline.remaining(now)
        if self._last_look is None:
            self._last_look = min(LAST_LOOK_SECONDS, remaining * _LAST_LOOK_SHARE)
        last = remaining - self._last_look
        if last <= _SHORTEST_SECONDS:
            return None
        return min(wait, last)
