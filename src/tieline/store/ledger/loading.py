"""Writing a run's items: streaming, chunk by chunk, and all or nothing.

A run under way of loading is invisible. If its loader dies, the next `start` takes it away.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import orjson

from tieline.errors import Conflict, InvalidInput
from tieline.runs.item import NewItem
from tieline.runs.run import RunSpec
from tieline.store.ledger.database import Database
from tieline.store.ledger.owners import Owner, sign_on
from tieline.store.process_identity import ProcessIdentity

Duplicates = Literal["refuse", "first"]
"""What to do with an item whose reference another has: refuse all, or keep the first of them."""

# Issue and measurement agree on 500 to 5,000: smaller and the messages cost, larger and a dead
# worker leaves much to pick up.
CHUNK_ITEMS = 1_000
_SHOWN_DUPLICATES = 20
_DROPPED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Loading:
    """What is loaded and how. `sha256` is asked for when the last item was read."""

    run_id: str
    spec: RunSpec
    sha256: Callable[[], str | None]
    duplicates: Duplicates = "refuse"
    chunk_items: int = CHUNK_ITEMS


def load(database: Database, loading: Loading, items: Iterable[NewItem]) -> int:
    """Write a run and its items; returns how many. Nothing stands if anything raises.

    Raises:
        InvalidInput: no item at all, two of one reference, or what reading an item raised.
        Conflict: there is a run of that id.
    """
    drop_abandoned(database)
    run = _insert_run(database, loading)
    try:
        total = _insert_items(database, run, loading, items)
        total -= _settle_duplicates(database, run, loading)
        _check_not_empty(total, loading)
        with database.transaction() as session:
            session.rows("open_run", run=run, total=total, items_sha256=loading.sha256())
            session.rows("drop_owners", run=run)
    except BaseException:
        drop_run(database, run)
        raise
    return total


def drop_abandoned(database: Database) -> int:
    """Take away what loaders left that died; returns how many runs."""
    with database.transaction() as session:
        dead = [
            int(run)
            for run, no, host, pid, born, beat_at in session.rows("abandoned_loads")
            if Owner(no, "loader", ProcessIdentity(host, pid, born), beat_at).is_dead(session.now)
        ]
    for run in dead:
        drop_run(database, run)
    return len(dead)


def drop_run(database: Database, run: int) -> None:
    """Delete a run in pieces, so that others get at the database in between."""
    with database.transaction() as session:
        ((highest,),) = session.rows("highest_seq", run=run)
    for first in range(1, int(highest) + 1, _DROPPED_AT_ONCE):
        with database.transaction() as session:
            session.rows("drop_items", run=run, first=first, beyond=first + _DROPPED_AT_ONCE)
    with database.transaction() as session:
        for statement in ("drop_chunks", "drop_owners"):
            session.rows(statement, run=run)
        session.rows("drop_run", run=run)


def _insert_run(database: Database, loading: Loading) -> int:
    with database.transaction() as session:
        if session.rows("run_exists", run_id=loading.run_id):
            raise Conflict(f"there is a run {loading.run_id} already", status=409)
        ((run,),) = session.rows(
            "insert_run",
            run_id=loading.run_id,
            name=loading.spec.name,
            spec=orjson.dumps(loading.spec.to_json()).decode(),
            chunk_size=loading.chunk_items,
            now=session.now,
        )
        sign_on(session, int(run), "loader")
    return int(run)


def _insert_items(database: Database, run: int, loading: Loading, items: Iterable[NewItem]) -> int:
    source = iter(items)
    size, total, chunk = loading.chunk_items, 0, 0
    while batch := list(islice(source, size)):
        first = chunk * size + 1
        with database.transaction() as session:
            session.insert_items(_rows(run, first, batch))
            session.rows(
                "insert_chunk",
                run=run,
                chunk=chunk,
                first=first,
                last=first + len(batch) - 1,
                pending=len(batch),
            )
            session.rows("beat_loader", run=run, now=session.now)
        total += len(batch)
        chunk += 1
    return total


def _rows(run: int, first: int, batch: list[NewItem]) -> Iterator[dict[str, str | int | None]]:
    for seq, item in enumerate(batch, start=first):
        yield {
            "run": run,
            "seq": seq,
            "line": item.line,
            "reference": item.reference,
            "input": item.text,
        }


def _settle_duplicates(database: Database, run: int, loading: Loading) -> int:
    if loading.spec.reference_field is None:
        return 0
    with database.transaction() as session:
        found = session.rows("duplicate_references", run=run, limit=_SHOWN_DUPLICATES)
        if not found:
            return 0
        if loading.duplicates == "refuse":
            raise _duplicates(found, loading.spec.reference_field)
        dropped = [int(seq) for (seq,) in session.rows("drop_duplicates", run=run)]
        by_chunk: dict[int, int] = {}
        for seq in dropped:
            chunk = (seq - 1) // loading.chunk_items
            by_chunk[chunk] = by_chunk.get(chunk, 0) + 1
        for chunk, count in by_chunk.items():
            session.rows("shrink_chunk", run=run, chunk=chunk, dropped=count)
        return len(dropped)


def _check_not_empty(total: int, loading: Loading) -> None:
    if total == 0:
        raise InvalidInput(
            f"{loading.spec.items_source or 'the items'}: there is no item",
            hint="a JSONL line or a CSV row under the header is an item",
        )


def _duplicates(found: list[tuple[str, int, int, int]], field: str) -> InvalidInput:
    reference, first, last, count = found[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return InvalidInput(
        f"{field} {reference!r} occurs {count} times, first on line {first}, last on line {last}"
        f"{more}; nothing was started",
        hint="`--duplicates first` keeps the first item of each reference",
        details=[
            {"loc": ["items", first], "type": "duplicate_reference", "message": f"{n} times"}
            for _, first, _, n in found
        ],
    )
