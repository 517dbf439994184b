"""Looking at runs and items. Nothing here scans: counters for runs, keys for pages of items."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from tieline.calls.limiter import Window
from tieline.clock import rfc3339
from tieline.errors import NotFound
from tieline.runs.course import Course
from tieline.runs.item import ItemState
from tieline.runs.pace import Pace
from tieline.runs.run import Counts, RunSpec, RunStatus
from tieline.store.ledger.claims import default_reference
from tieline.store.ledger.database import Database, Row, Session
from tieline.store.ledger.owners import count_alive
from tieline.types import Json, JsonObject

Only = Literal["uncertain", "failed"]

_NEWEST = 2**62
# Killed, or between two workers: `resume` goes on.
_DESERTED = "nobody works on it"


@dataclass(frozen=True, slots=True)
class Stored:
    """A run with the number under which the ledger's other rows know it."""

    no: int
    run: RunStatus
    chunk_items: int


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it stands."""

    seq: int
    line: int
    reference: str
    input: JsonObject
    state: ItemState
    attempts: int
    sent_at: float | None
    settled_at: float | None
    status: str | None
    execution_id: str | None
    correlation_id: str | None
    result: Json
    error: Json

    def to_json(self) -> dict[str, Any]:
        """A line of `runs export`."""
        return {
            "reference": self.reference,
            "line": self.line,
            "state": self.state,
            "status": self.status,
            "execution_id": self.execution_id,
            "correlation_id": self.correlation_id,
            "attempts": self.attempts,
            "sent_at": None if self.sent_at is None else rfc3339(self.sent_at),
            "settled_at": None if self.settled_at is None else rfc3339(self.settled_at),
            "input": self.input,
            "result": self.result,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class KnownLimit:
    """A rate limit's state; `now` is its clock, None after a boot: its times mean nothing then."""

    key: str
    window: Window
    now: float | None


def find(database: Database, key: str) -> Stored:
    """A run by its id, else the latest of that name.

    Raises:
        NotFound: neither.
    """
    with database.transaction() as session:
        rows = session.rows("find_run", key=key)
        if rows:
            return _stored(session, rows[0])
    raise NotFound(
        f"there is no run {key!r}", status=404, hint="`tieline runs list` shows what there is"
    )


def list_runs(database: Database, *, limit: int, below: int = _NEWEST) -> Sequence[Stored]:
    """Runs, newest first, older than the number `below`."""
    with database.transaction() as session:
        return [
            _stored(session, row) for row in session.rows("list_runs", below=below, limit=limit)
        ]


def page(
    database: Database, stored: Stored, *, after: int, limit: int, only: Only | None = None
) -> Sequence[Item]:
    """Items behind a seq, in the order of the source; `only` those of a state with an index."""
    statement = "page_items" if only is None else f"page_{only}"
    with database.transaction() as session:
        rows = session.rows(statement, run=stored.no, after=after, limit=limit)
    return [_item(row, stored.run.run_id) for row in rows]


def course_of(database: Database, stored: Stored) -> Course:
    """How the run went since its beginning."""
    with database.transaction() as session:
        ((text,),) = session.rows("read_course", run=stored.no)
    return Course.from_json(orjson.loads(text))


def limits(database: Database, *, most: int = 50) -> Sequence[KnownLimit]:
    """What is known of each OAuth client's rate limit, and of each run's own."""
    with database.transaction() as session:
        epoch, now = session.tick
        rows = session.rows("list_limits", limit=most)
    return [
        KnownLimit(key, Window.from_json(orjson.loads(state)), now if its == epoch else None)
        for key, its, state in rows
    ]


def waiting_events(database: Database, *, most: int) -> int:
    """Events of runs that were not handed to the webhooks' endpoints yet; counts to `most`."""
    with database.transaction() as session:
        ((count,),) = session.rows("waiting_count", limit=most)
    return int(count)


def _stored(session: Session, row: Row) -> Stored:
    no, run_id, spec, state, *rest = row
    total, pending, sent, done, failed, uncertain = rest[:6]
    created_at, started_at, ended_at, reason, resumes_at, sha256, pace, chunk_items, listed = rest[
        6:
    ]
    owners = count_alive(session, no) if listed else 0
    deserted = state == "running" and not owners
    run = RunStatus(
        run_id=run_id,
        spec=RunSpec(**orjson.loads(spec)),
        state="paused" if deserted else state,
        counts=Counts(total, pending, sent, done, failed, uncertain),
        created_at=created_at,
        started_at=started_at,
        ended_at=ended_at,
        reason=_DESERTED if deserted else reason,
        resumes_at=resumes_at,
        owners=owners,
        items_sha256=sha256,
        pace=Pace.from_json(orjson.loads(pace)),
    )
    return Stored(no, run, chunk_items)


def _item(row: Row, run_id: str) -> Item:
    seq, line, reference, text, state, attempts, sent_at, settled_at, status, *rest = row
    execution_id, correlation_id, result, error = rest
    return Item(
        seq=seq,
        line=line,
        reference=reference or default_reference(run_id, seq),
        input=json.loads(text),
        state=state,
        attempts=attempts,
        sent_at=sent_at,
        settled_at=settled_at,
        status=status,
        execution_id=execution_id,
        correlation_id=correlation_id,
        result=None if result is None else json.loads(result),
        error=None if error is None else json.loads(error),
    )
