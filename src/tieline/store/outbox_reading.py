"""Webhooks for those who only look: who is told, what waits, what was given up.

No secret is read, and nothing is counted further than a person would look.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tieline.errors import StoreUnavailable
from tieline.store.outbox import State

PATIENCE_SECONDS = 2.0

_ENDPOINTS = """
SELECT name, url, events, failures, next_at, gone FROM endpoint ORDER BY name LIMIT ?
"""
_BACKLOG = "SELECT COUNT(*) FROM (SELECT 1 FROM outbox LIMIT ?)"
# Counted over the index, and no further than `most`: a year of deliveries is not read for a number.
_COUNT = "SELECT COUNT(*) FROM (SELECT 1 FROM delivery WHERE endpoint = ? AND state = ? LIMIT ?)"
_OLDEST = """
SELECT at FROM delivery WHERE endpoint = ? AND state = 'pending' ORDER BY id LIMIT 1
"""
_PAGE = """
SELECT id, event_id, type, at, attempts, error FROM delivery
 WHERE endpoint = ? AND state = ? AND id < ? ORDER BY id DESC LIMIT ?
"""
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class EndpointStanding:
    """How one endpoint stands. Counts stop at what the reader was asked to count to.

    `failures` in a row open its circuit until `next_at` (wall seconds); `gone` said 410.
    """

    name: str
    url: str
    events: tuple[str, ...]
    failures: int
    next_at: float
    gone: bool
    pending: int
    dead: int
    oldest_pending_at: float | None


@dataclass(frozen=True, slots=True)
class DeliveryStanding:
    """One delivery as it stands; `at` is when the event happened, wall seconds."""

    id: int
    event_id: str
    type: str
    at: float
    attempts: int
    error: str | None


class WebhookReader:
    """Opens the file for each question, reads, and closes it. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def endpoints(self, *, most: int, limit: int = 200) -> Sequence[EndpointStanding]:
        """Every endpoint by name; `most` is how far waiting and dead deliveries are counted.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        with self._open() as db:
            if db is None:
                return ()
            rows = db.execute(_ENDPOINTS, (limit,)).fetchall()
            return tuple(_standing(db, row, most) for row in rows)

    def backlog(self, *, most: int) -> int:
        """Events that were not handed to the endpoints yet, counted to `most`.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        with self._open() as db:
            return 0 if db is None else _one(db, _BACKLOG, most)

    def page(
        self, endpoint: str, state: State, *, limit: int, below: int | None = None
    ) -> Sequence[DeliveryStanding]:
        """Deliveries of one endpoint and state, the newest first, older than `below`.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        with self._open() as db:
            if db is None:
                return ()
            start = _NEWEST if below is None else below
            rows = db.execute(_PAGE, (endpoint, state, start, limit)).fetchall()
            return tuple(DeliveryStanding(*row) for row in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """The database, or None before the first endpoint or event made one."""
        if not self._path.exists():
            yield None
            return
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS)) as db:
                db.execute("PRAGMA query_only = ON")
                yield db
        except sqlite3.Error as exc:
            raise StoreUnavailable(
                f"{self._path} cannot be read: {exc}",
                hint="`tieline doctor` checks the state directory",
            ) from exc


def _standing(db: sqlite3.Connection, row: tuple[Any, ...], most: int) -> EndpointStanding:
    name, url, events, failures, next_at, gone = row
    oldest = db.execute(_OLDEST, (name,)).fetchone()
    return EndpointStanding(
        name=name,
        url=url,
        events=tuple(orjson.loads(events)),
        failures=failures,
        next_at=next_at,
        gone=bool(gone),
        pending=_one(db, _COUNT, name, "pending", most),
        dead=_one(db, _COUNT, name, "dead", most),
        oldest_pending_at=None if oldest is None else float(oldest[0]),
    )


def _one(db: sqlite3.Connection, sql: str, *values: Any) -> int:
    (found,) = db.execute(sql, values).fetchone()
    return int(found)
