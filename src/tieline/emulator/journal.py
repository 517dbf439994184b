"""What the emulator was asked and what came of it; counts side effects that happened twice."""

import hashlib
from collections import Counter, deque
from itertools import islice
from typing import Any, NamedTuple

from tieline.emulator.clock import iso
from tieline.types import DialectName

# About 400 bytes each: what a long soak keeps stays well under 100 MB.
MOST_ENTRIES = 200_000


class Entry(NamedTuple):
    """One request. `status` is None when no answer was sent."""

    n: int
    moment: float
    method: str
    path: str
    query: str
    operation: str | None
    dialect: DialectName
    status: int | None
    fault: str | None
    effect: str | None
    duplicate_of: int | None
    authorized: bool

    def to_json(self) -> dict[str, Any]:
        """The form of `GET /_emulator/journal`."""
        fields = self._asdict()
        return {"n": fields.pop("n"), "time": iso(fields.pop("moment")), **fields}


class Kind(NamedTuple):
    """What requests are counted by: of few values each, whatever is asked."""

    operation: str | None
    dialect: DialectName
    status: int | None
    fault: str | None
    duplicate: bool


class Journal:
    """The latest entries, numbered from 1; older ones are dropped and counted.

    `tally` counts all entries, kept or dropped.
    """

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        self._entries: deque[Entry] = deque(maxlen=most)
        self._first: dict[bytes, int] = {}
        self._count = 0
        self.tally: Counter[Kind] = Counter()

    def record(
        self,
        *,
        moment: float,
        method: str,
        path: str,
        query: str,
        operation: str | None,
        dialect: DialectName,
        status: int | None,
        fault: str | None = None,
        effect: str | None = None,
        authorized: bool = True,
        content: bytes | None = None,
    ) -> Entry:
        """Note one request. `content` is given for an effect that a repeat would have again.

        An effect whose client, method, path, query and body are those of an earlier one points to
        it: the side effect happened twice.
        """
        self._count = n = self._count + 1
        duplicate_of = None
        if effect is not None and content is not None:
            duplicate_of = self._first.setdefault(_key(method, path, query, content), n)
        again = duplicate_of is not None and duplicate_of != n
        self.tally[Kind(operation, dialect, status, fault, again)] += 1
        entry = Entry(
            n, moment, method, path, query, operation, dialect, status, fault, effect,
            duplicate_of if again else None, authorized,
        )  # fmt: skip
        self._entries.append(entry)
        return entry

    @property
    def last(self) -> int:
        """The number of the latest entry, 0 before the first."""
        return self._count

    def since(self, n: int = 0) -> list[Entry]:
        """List the kept entries with a number greater than `n`."""
        kept = self._count - len(self._entries)
        skip = max(0, n - kept)
        return list(islice(self._entries, skip, None))

    @property
    def dropped(self) -> int:
        """How many of the oldest entries are no longer kept."""
        return self._count - len(self._entries)

    def clear(self) -> None:
        """Forget everything; numbers start at 1 again."""
        self._entries.clear()
        self._first.clear()
        self.tally.clear()
        self._count = 0


def _key(method: str, path: str, query: str, content: bytes) -> bytes:
    head = f"{method} {path}?{query}\n".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(head + content, digest_size=16).digest()
