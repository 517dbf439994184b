"""The one transaction of a running run: hand in what became of items, take new ones to send.

Heartbeat, outcomes, rate places, claims and counters are one commit, so that no crash can tear them
apart: what is claimed is `sent` before this returns, and only then is it written to the wire.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from tieline.runs.course import Course, Sample
from tieline.runs.item import Change, Claim, ItemState
from tieline.runs.run import Counts, RunState
from tieline.store.ledger.claims import (
    ANY_CHUNK,
    Locked,
    Share,
    adopt,
    claim,
    into_chunk,
    lock,
)
from tieline.store.ledger.database import Database, Session
from tieline.store.ledger.events import tell_end, tell_items
from tieline.store.ledger.owners import OwnerLost
from tieline.store.ledger.tally import Tally
from tieline.types import Json

# A limit closed for longer than this is a quota, not a minute's window: the run says `paused`.
QUOTA_SECONDS = 120.0
QUOTA_REASON = "the platform's quota is used up"


@dataclass(frozen=True, slots=True)
class Exchange:
    """`wait_s` until the rate limits have place again; 0 where they have, or there are none.

    `claimable` is what is left to claim for this share.
    """

    claims: tuple[Claim, ...]
    state: RunState
    counts: Counts
    claimable: int
    wait_s: float
    reason: str | None
    resumes_at: float | None


def exchange(
    database: Database, share: Share, changes: Sequence[Change], *, slots: int
) -> Exchange:
    """Hand in `changes` and claim at most `slots` items.

    Raises:
        OwnerLost: this owner was buried; nothing was handed in.
        StoreUnavailable: it may or may not be committed; see `reconcile`.
    """
    with database.transaction() as session:
        if not session.rows("beat", owner=share.owner, now=session.now):
            raise OwnerLost
        run = lock(session, share.run)
        tally = Tally()
        _hand_in(session, share, changes, run.chunk_size, tally, origin="sent")
        _reopen(session, share.run, run)
        claims: list[Claim] = []
        wait_s = 0.0
        if run.state == "running":
            claims += adopt(session, share, run, tally, slots)
            fresh = claim(session, share, run, tally, slots - len(claims))
            claims += fresh.claims
            wait_s = fresh.wait_s
        tally.write(session, share.run)
        counts = _after(run.counts, tally)
        _conclude(session, share, run, counts, wait_s)
        left = _left(session, share, counts)
        return Exchange(tuple(claims), run.state, counts, left, wait_s, run.reason, run.resumes_at)


def hand_in_late(database: Database, share: Share, changes: Sequence[Change]) -> None:
    """Settle items that were given up as uncertain while their owner was thought dead.

    The owner holds the true answers; `share.owner` is the buried one.
    """
    with database.transaction() as session:
        run = lock(session, share.run)
        tally = Tally()
        final = [change for change in changes if change.to in {"done", "failed", "pending"}]
        _hand_in(session, share, final, run.chunk_size, tally, origin="uncertain")
        tally.write(session, share.run)


def reconcile(database: Database, share: Share, *, carrying: frozenset[int]) -> int:
    """Give back what the ledger says this owner holds although it does not.

    So it is after a commit whose answer was lost: what was claimed in it was never written to the
    wire, and what was adopted in it is followed by nobody.
    """
    with database.transaction() as session:
        run = lock(session, share.run)
        held = session.rows("held_items", run=share.run, owner=share.owner)
        lost = [row for row in held if int(row[0]) not in carrying]
        tally = Tally()
        for seq, execution_id in lost:
            if execution_id is None:
                session.rows("give_back_item", run=share.run, seq=seq, owner=share.owner)
                into_chunk(session, share.run, int(seq), run.chunk_size)
                tally.move("sent", "pending")
            else:
                session.rows("orphan_item", run=share.run, seq=seq, owner=share.owner)
                tally.orphans += 1
        tally.write(session, share.run)
        return len(lost)


def _hand_in(
    session: Session,
    share: Share,
    changes: Sequence[Change],
    chunk_size: int,
    tally: Tally,
    *,
    origin: ItemState,
) -> None:
    if not changes:
        return
    rows = session.change_items(
        [_columns(change) for change in changes], run=share.run, owner=share.owner, origin=origin
    )
    for seq, state in rows:
        if state != origin:
            tally.move(origin, state)
        if state == "pending":
            into_chunk(session, share.run, int(seq), chunk_size)
    if share.tells == "items":
        moved = {int(seq) for seq, _ in rows}
        tell_items(session, share.run_id, [change for change in changes if change.seq in moved])


def _reopen(session: Session, run: int, locked: Locked) -> None:
    # A quota's pause ends by itself; one that a person or an error made does not.
    due = locked.resumes_at is not None and locked.resumes_at <= session.now
    if locked.state == "paused" and due:
        _set_state(session, run, locked, "running")


def _conclude(
    session: Session, share: Share, locked: Locked, counts: Counts, wait_s: float
) -> None:
    run = share.run
    pace = locked.pace.noting(session.now, counts.settled)
    if pace is not locked.pace:
        session.rows("set_pace", run=run, pace=orjson.dumps(pace.to_json()).decode())
        _note_course(session, run, counts)
    if locked.state in {"running", "paused"} and counts.open == 0:
        _set_state(session, run, locked, "done")
        _note_course(session, run, counts, ended=True)
        tell_end(session, share.run_id, "done", counts)
    elif locked.state == "running" and wait_s > QUOTA_SECONDS:
        _set_state(
            session, run, locked, "paused", reason=QUOTA_REASON, resumes_at=session.now + wait_s
        )


def _note_course(session: Session, run: int, counts: Counts, *, ended: bool = False) -> None:
    ((text,),) = session.rows("read_course", run=run)
    course = Course.from_json(orjson.loads(text))
    sample = Sample(session.now, counts.done, counts.failed, counts.uncertain)
    noted = course.ending(sample) if ended else course.noting(sample)
    if noted is not course:
        session.rows("set_course", run=run, course=orjson.dumps(noted.to_json()).decode())


def _set_state(
    session: Session,
    run: int,
    locked: Locked,
    state: RunState,
    *,
    reason: str | None = None,
    resumes_at: float | None = None,
) -> None:
    locked.state, locked.reason, locked.resumes_at = state, reason, resumes_at
    session.rows(
        "set_state", run=run, state=state, reason=reason, resumes_at=resumes_at, now=session.now
    )


def _after(counts: Counts, tally: Tally) -> Counts:
    moved = tally.by_state
    return Counts(
        total=counts.total,
        pending=counts.pending + moved["pending"],
        sent=counts.sent + moved["sent"],
        done=counts.done + moved["done"],
        failed=counts.failed + moved["failed"],
        uncertain=counts.uncertain + moved["uncertain"],
    )


def _left(session: Session, share: Share, counts: Counts) -> int:
    if share.chunk == ANY_CHUNK:
        return counts.pending
    rows = session.rows("open_chunk", run=share.run, chunk=share.chunk)
    return int(rows[0][4]) if rows else 0


def _columns(change: Change) -> dict[str, str | int | None]:
    # In the order in which `change_items` of PostgreSQL reads them.
    return {
        "seq": change.seq,
        "state": change.to,
        "status": change.status,
        "execution_id": change.execution_id,
        "correlation_id": change.correlation_id,
        "result": _text(change.result),
        "error": _text(change.error),
    }


def _text(value: Json) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=True, default=str)
