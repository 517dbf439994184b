"""Where the state of rate limits is kept, and the store for a single process."""

from typing import Protocol

from tieline.calls.limiter import Window, refused, reserve
from tieline.clock import Clock
from tieline.types import Json


class LimiterStore(Protocol):
    """Keeps one `tieline.calls.limiter.Window` per key, and its own clock.

    A key names whose limit it is: one OAuth client at one place. A store shared by processes
    applies each change to the state atomically.
    """

    async def reserve(self, key: str, *, within: float) -> float:
        """Take the earliest free place and return the wait for it in seconds.

        A wait longer than `within` took nothing.
        """
        ...

    async def refused(self, key: str, *, retry_after: float | None, body: Json) -> None:
        """Learn from a 429, whose `body` may name the limit."""
        ...


class MemoryLimiterStore:
    """Shared by the callers of one process that are handed the same store."""

    def __init__(self, clock: Clock, *, per_minute: int | None = None) -> None:
        """Start from a known limit, or with none until a 429 teaches one."""
        self._clock = clock
        self._start = Window(capacity=per_minute, declared=per_minute is not None)
        self._windows: dict[str, Window] = {}

    async def reserve(self, key: str, *, within: float) -> float:
        """Take the earliest free place; see `LimiterStore`."""
        window = self._windows.get(key, self._start)
        self._windows[key], wait = reserve(window, self._clock.monotonic(), within=within)
        return wait

    async def refused(self, key: str, *, retry_after: float | None, body: Json) -> None:
        """Learn from a 429; see `LimiterStore`."""
        window = self._windows.get(key, self._start)
        self._windows[key] = refused(
            window, self._clock.monotonic(), retry_after=retry_after, body=body
        )

    def window(self, key: str) -> Window:
        """The state of one limit, for showing."""
        return self._windows.get(key, self._start)
