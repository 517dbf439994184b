"""Settling what nobody knew, and stopping or starting a run by hand."""

import json

from tieline.runs.item import Change
from tieline.runs.run import RunState
from tieline.store.ledger.claims import into_chunk, lock
from tieline.store.ledger.database import Database
from tieline.store.ledger.events import tell_end
from tieline.store.ledger.tally import Tally


def resolve(database: Database, run: int, change: Change) -> bool:
    """Settle one uncertain item; False where it was settled meanwhile.

    `change.to` of `pending` sends it again: only whoever knows that it was not carried out, or that
    carrying it out twice does no harm, may ask for that.
    """
    with database.transaction() as session:
        locked = lock(session, run)
        settled = session.rows(
            "resolve_item",
            run=run,
            seq=change.seq,
            state=change.to,
            status=change.status,
            execution_id=change.execution_id,
            result=None if change.result is None else json.dumps(change.result),
            error=None if change.error is None else json.dumps(change.error),
            now=session.now,
        )
        if not settled:
            return False
        tally = Tally()
        tally.move("uncertain", change.to)
        tally.write(session, run)
        if change.to == "pending":
            into_chunk(session, run, change.seq, locked.chunk_size)
            if locked.state == "done":
                session.rows(
                    "set_state",
                    run=run,
                    state="paused",
                    reason="items are to be sent again",
                    resumes_at=None,
                    now=session.now,
                )
        return True


def set_state(
    database: Database,
    run: int,
    state: RunState,
    *,
    reason: str | None = None,
    only_from: frozenset[RunState],
    resumes_at: float | None = None,
) -> RunState:
    """Move a run to a state where it is in one of `only_from`; returns the state it is in then."""
    with database.transaction() as session:
        locked = lock(session, run)
        if locked.state not in only_from:
            return locked.state
        session.rows(
            "set_state",
            run=run,
            state=state,
            reason=reason,
            resumes_at=resumes_at,
            now=session.now,
        )
        if state == "cancelled":
            ((run_id,),) = session.rows("run_id_of", run=run)
            tell_end(session, run_id, state, locked.counts)
        return state


def pause_if_deserted(database: Database, run: int, *, reason: str) -> None:
    """Say why nobody works on a run any more, unless somebody does or it is over."""
    with database.transaction() as session:
        locked = lock(session, run)
        if locked.state == "running" and not session.rows("living_owners", run=run):
            session.rows(
                "set_state",
                run=run,
                state="paused",
                reason=reason,
                resumes_at=None,
                now=session.now,
            )
