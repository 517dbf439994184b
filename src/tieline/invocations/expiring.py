"""A bounded memory whose entries grow old. Time is handed in."""

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Expiring(Generic[V]):
    """At most `capacity` values, each for `ttl_s` seconds; the least recently used goes first."""

    def __init__(self, *, capacity: int, ttl_s: float) -> None:
        self._capacity = capacity
        self._ttl_s = ttl_s
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()

    def get(self, key: str, *, now: float) -> V | None:
        """Return the value if it is still young enough, and count that as a use."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        stored_at, value = entry
        if now - stored_at >= self._ttl_s:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: str, value: V, *, now: float) -> None:
        """Store or replace; its age starts again."""
        self._entries[key] = (now, value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def discard(self, key: str) -> None:
        """Forget one value, if it is there."""
        self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)
