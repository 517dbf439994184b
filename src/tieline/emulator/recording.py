"""What was asked and answered, whole, so that it can be asked again: `record` and `replay`.

A recording is JSON lines: first the state it began from, then one exchange a line. Calls for a
token are left out, whoever replays logs in anew; control calls are no part of it.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from tieline.emulator.journal import Entry
from tieline.types import DialectName, JsonObject

FORMAT = "tieline-recording-1"
# Bodies are kept whole, up to 512,000 bytes each; typically a few hundred.
MOST_EXCHANGES = 20_000


class Exchanged(NamedTuple):
    """One request with its answer. `at` is seconds since the recording began."""

    n: int
    at: float
    method: str
    path: str
    query: str
    body: str
    client: str | None
    dialect: DialectName
    status: int | None
    answer: str
    fault: str | None
    effect: str | None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Exchanged":
        """Read a line of a recording."""
        return cls(**document)


class Recording:
    """The latest exchanges since the state was last put in place."""

    def __init__(self, state: JsonObject, *, began: float) -> None:
        self._state = state
        self._began = began
        self._exchanges: deque[tuple[Entry, bytes, str | None, bytes]] = deque(
            maxlen=MOST_EXCHANGES
        )
        self._count = 0

    def add(self, entry: Entry, *, body: bytes, client: str | None, answer: bytes) -> None:
        """Keep one exchange with what the journal leaves out."""
        self._count += 1
        self._exchanges.append((entry, body, client, answer))

    def to_json(self) -> dict[str, Any]:
        """The form of `GET /_emulator/recording`; `dropped` counts what is no longer kept.

        Bytes that are no UTF-8 are replaced.
        """
        return {
            "format": FORMAT,
            "state": self._state,
            "dropped": self._count - len(self._exchanges),
            "exchanges": [self._exchanged(*kept)._asdict() for kept in self._exchanges],
        }

    def _exchanged(self, entry: Entry, body: bytes, client: str | None, answer: bytes) -> Exchanged:
        return Exchanged(
            n=entry.n,
            at=round(entry.moment - self._began, 3),
            method=entry.method,
            path=entry.path,
            query=entry.query,
            body=body.decode("utf-8", "replace"),
            client=client,
            dialect=entry.dialect,
            status=entry.status,
            answer=answer.decode("utf-8", "replace"),
            fault=entry.fault,
            effect=entry.effect,
        )
