"""What others are told of runs, written in the transaction that makes it true."""

from collections.abc import Sequence
from typing import Literal

import orjson

from tieline.calls.event import Event
from tieline.calls.event_catalogue import RunEnded, RunItemEnded, Told
from tieline.clock import rfc3339
from tieline.runs.item import Change
from tieline.runs.run import Counts
from tieline.store.ledger.database import Database, Session

_AT_ONCE = 500


def tell_end(
    session: Session, run_id: str, state: Literal["done", "cancelled"], counts: Counts
) -> None:
    """A run is over: `runs.done` or `runs.cancelled`, with its counts."""
    event = RunEnded(
        run_id=run_id,
        state=state,
        total=counts.total,
        pending=counts.pending,
        sent=counts.sent,
        done=counts.done,
        failed=counts.failed,
        uncertain=counts.uncertain,
    )
    # A run whose uncertain items are sent again ends once more, with other counts.
    ending = f"{counts.done}-{counts.failed}-{counts.uncertain}"
    _enqueue(session, f"{run_id}-{state}-{ending}", event)


def tell_items(session: Session, run_id: str, changes: Sequence[Change]) -> None:
    """Items ended: `runs.item.done`, `.failed` or `.uncertain`; never their inputs or results."""
    for change in changes:
        state = change.to
        if state == "pending" or state == "sent":  # noqa: PLR1714  # narrows the type
            continue
        event = RunItemEnded(run_id, change.seq, state, change.status, change.execution_id)
        _enqueue(session, f"{run_id}-{change.seq}-{state}", event)


def waiting_events(database: Database) -> tuple[Sequence[Event], int]:
    """The oldest events that nobody was told of, and what `forget_events` needs; empty at last."""
    with database.transaction() as session:
        rows = session.rows("waiting_events", limit=_AT_ONCE)
    events = [
        Event(event_id, kind, orjson.loads(payload), at) for _, event_id, kind, payload, at in rows
    ]
    return events, max((int(row[0]) for row in rows), default=0)


def forget_events(database: Database, last: int) -> None:
    """Drop events that stand among the endpoints' deliveries."""
    with database.transaction() as session:
        session.rows("taken_events", last=last)


def _enqueue(session: Session, event_id: str, event: Told) -> None:
    payload = orjson.dumps(event.document(rfc3339(session.now)))
    session.rows(
        "enqueue_event", event_id=event_id, type=event.type, payload=payload, at=session.now
    )
