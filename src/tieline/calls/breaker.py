"""A circuit breaker: a place where most calls fail is left alone for a while.

    closed ──most of the last calls failed──▶ open ──after a pause──▶ half open
       ▲                                       ▲                        │
       └──────────── the probe worked ─────────┼─ the probe failed ─────┘

A failure is: no connection, no answer, or a gateway's 502, 503, 504. An answer of the platform
itself, 4xx and 429 included, is a success: somebody is at home. Times are monotonic seconds.
"""

from typing import Literal

State = Literal["closed", "open", "half_open"]

WINDOW_SECONDS = 10.0
# Below this many failures a share says nothing: one unlucky call must not refuse the next.
FEWEST_FAILURES = 10
SHARE_OF_FAILURES = 0.5
PAUSE_SECONDS = 5.0
# A probe that was cancelled never reports; after this long another one may go.
PROBE_SECONDS = 30.0


class Breaker:
    """The state of one place, shared by all calls to it."""

    __slots__ = ("_failures", "_since", "_successes", "_until", "state")

    def __init__(self) -> None:
        self.state: State = "closed"
        self._since = 0.0
        self._failures = 0
        self._successes = 0
        self._until = 0.0

    def refuses(self, now: float) -> float | None:
        """None where a call may go; else seconds until the next probe may.

        The call that is let through when the pause is over is the probe.
        """
        if self.state == "closed":
            return None
        if now < self._until:
            return self._until - now
        self.state = "half_open"
        self._until = now + PROBE_SECONDS
        return None

    def succeeded(self, now: float) -> None:
        """Note an answer; a probe's closes the circuit."""
        if self.state != "closed":
            self.state = "closed"
            self._start(now)
        elif now - self._since > WINDOW_SECONDS:
            self._start(now)
        self._successes += 1

    def failed(self, now: float) -> None:
        """Note a failure; the one too many, or a probe's, opens the circuit."""
        if self.state == "half_open":
            self._open(now)
            return
        if now - self._since > WINDOW_SECONDS:
            self._start(now)
        self._failures += 1
        total = self._failures + self._successes
        if self._failures >= FEWEST_FAILURES and self._failures >= total * SHARE_OF_FAILURES:
            self._open(now)

    def _start(self, now: float) -> None:
        self._since = now
        self._failures = 0
        self._successes = 0

    def _open(self, now: float) -> None:
        self.state = "open"
        self._until = now + PAUSE_SECONDS
        self._start(now)
