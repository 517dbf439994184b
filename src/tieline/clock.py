"""Time comes in through here, and nowhere else.

Decisions take plain numbers; shells take a `Clock`. Tests hand in a `JumpingClock`, so a day of
retries takes no time.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

import anyio
import anyio.lowlevel


class Clock(Protocol):
    """Where a shell reads time and waits."""

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        ...

    def wall(self) -> float:
        """Seconds since the Unix epoch; may jump, in either direction."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; cancellable; zero or less still yields to other tasks."""
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds of `time.monotonic`."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds of `time.time`."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running event loop."""
        await anyio.sleep(max(0.0, seconds))


class JumpingClock:
    """A clock whose sleep returns at once and moves time instead."""

    def __init__(self, *, monotonic: float = 0.0, wall: float = 1_700_000_000.0) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds moved so far."""
        return self._monotonic

    def wall(self) -> float:
        """Wall seconds; moves with `advance`, jumps with `set_wall`."""
        return self._wall

    async def sleep(self, seconds: float) -> None:
        """Note the wait, move time by it, and let other tasks run."""
        self.slept.append(seconds)
        self.advance(max(0.0, seconds))
        await anyio.lowlevel.checkpoint()

    def advance(self, seconds: float) -> None:
        """Move both clocks on."""
        self._monotonic += seconds
        self._wall += seconds

    def set_wall(self, wall: float) -> None:
        """Let the wall clock jump, as an operator or NTP does."""
        self._wall = wall


def rfc3339(wall: float) -> str:
    """Write wall seconds as RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.123Z`."""
    moment = datetime.fromtimestamp(wall, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
