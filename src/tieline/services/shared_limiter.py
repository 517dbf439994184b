"""Which store a client's rate limit is kept in: memory, until there is a ledger to share it."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from tieline.http.limiter import LimiterStore
from tieline.types import Json


@dataclass(slots=True)
class Place:
    """A place in the rate limit that was taken with an item's claim, for the item's first call."""

    used: bool = False


claimed_place: ContextVar[Place | None] = ContextVar("claimed_place", default=None)
"""Set in the task that carries out an item; calls made in it use the place before asking anew."""


class OpenStore(LimiterStore, Protocol):
    """A store that holds something open, as a database is."""

    async def aclose(self) -> None:
        """Let go of it."""
        ...


class SharedLimiter:
    """A `LimiterStore` that moves to a shared one when there is one to share."""

    def __init__(
        self,
        own: LimiterStore,
        *,
        find_shared: Callable[[], Awaitable[OpenStore | None]] | None = None,
    ) -> None:
        """Start with `own`; `find_shared` is asked at the first call whether others share.

        What it finds is closed by `aclose`.
        """
        self._store = own
        self._find_shared = find_shared
        self._found: OpenStore | None = None

    def share(self, store: LimiterStore) -> None:
        """Keep the limit in this store from here on; who opened it closes it."""
        self._store = store
        self._find_shared = None

    async def reserve(self, key: str, *, within: float) -> float:
        """Take the earliest free place; see `LimiterStore`."""
        place = claimed_place.get()
        if place is not None and not place.used:
            place.used = True
            return 0.0
        return await (await self._current()).reserve(key, within=within)

    async def refused(self, key: str, *, retry_after: float | None, body: Json) -> None:
        """Learn from a 429; see `LimiterStore`."""
        await (await self._current()).refused(key, retry_after=retry_after, body=body)

    async def aclose(self) -> None:
        """Close the store that was found, if one was."""
        found, self._found = self._found, None
        if found is not None:
            await found.aclose()

    async def _current(self) -> LimiterStore:
        if self._find_shared is not None:
            find, self._find_shared = self._find_shared, None
            self._found = await find()
            self._store = self._found or self._store
        return self._store
