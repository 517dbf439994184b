"""Taking items inside a transaction: exactly as many as can be sent at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from tieline.calls.limiter import Window
from tieline.runs.claim_size import claim_size
from tieline.runs.item import Claim
from tieline.runs.pace import Pace
from tieline.runs.places import take_places
from tieline.runs.run import Counts, RunState, Tells
from tieline.store.ledger.database import Row, Session
from tieline.store.ledger.tally import Tally

ANY_CHUNK = -1


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit an item needs a place in.

    `per_minute` where somebody declared it; `assumed` is where to start while nobody knows.
    """

    key: str
    per_minute: int | None = None
    assumed: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Whose exchange it is, and which part of the run it may claim from."""

    run: int
    run_id: str
    owner: int
    limits: tuple[Limit, ...] = ()
    chunk: int = ANY_CHUNK
    tells: Tells = "run"


@dataclass(slots=True)
class Locked:
    """A run's row, held until the transaction ends."""

    state: RunState
    counts: Counts
    orphans: int
    reason: str | None
    resumes_at: float | None
    pace: Pace
    chunk_size: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """Claimed items, and how long until the limits let the next one through."""

    claims: tuple[Claim, ...] = ()
    wait_s: float = 0.0


def lock(session: Session, run: int) -> Locked:
    """Hold the run's row: claims of one run queue here."""
    ((state, *counts, orphans, reason, resumes_at, pace, chunk_size),) = session.rows(
        "lock_run", run=run
    )
    total = sum(counts)
    return Locked(
        state=state,
        counts=Counts(total, *counts),
        orphans=orphans,
        reason=reason,
        resumes_at=resumes_at,
        pace=Pace.from_json(orjson.loads(pace)),
        chunk_size=chunk_size,
    )


def adopt(session: Session, share: Share, run: Locked, tally: Tally, slots: int) -> list[Claim]:
    """Take launched items whose owner died, to follow them; they need no place in a limit."""
    if run.orphans <= 0 or slots <= 0:
        return []
    rows = session.rows("adopt_items", run=share.run, owner=share.owner, limit=slots)
    tally.orphans -= len(rows)
    return _claims(rows, share.run_id)


def claim(session: Session, share: Share, run: Locked, tally: Tally, slots: int) -> Fresh:
    """Move pending items to `sent`, as many as there are slots and places in every limit."""
    wanted = claim_size(free_slots=slots, rate_places=None, pending=run.counts.pending)
    windows, epoch, now = _windows(session, share.limits)
    if wanted == 0 and not windows:
        return Fresh()
    places = take_places(windows, now, wanted=wanted)
    claims: list[Claim] = []
    while len(claims) < places.count:
        taken = _from_chunk(session, share, places.count - len(claims))
        if not taken:
            break
        claims += taken
    if len(claims) < places.count:  # a chunk had fewer: places nobody uses are not taken
        places = take_places(windows, now, wanted=len(claims))
    if claims:
        for key, window in places.windows.items():
            session.save_limit(key, epoch, orjson.dumps(window.to_json()).decode())
    tally.move("pending", "sent", len(claims))
    return Fresh(tuple(claims), places.wait_s)


def into_chunk(session: Session, run: int, seq: int, chunk_size: int) -> None:
    """Count an item as pending in its chunk again."""
    chunk = (seq - 1) // chunk_size
    session.rows("give_back_to_chunk", run=run, chunk=chunk, count=1)


def _windows(session: Session, limits: Sequence[Limit]) -> tuple[dict[str, Window], str, float]:
    if not limits:
        return {}, "", 0.0
    epoch, now = session.tick
    found = {limit.key: load_window(session, limit, epoch) for limit in limits}
    return found, epoch, now


def load_window(session: Session, limit: Limit, epoch: str) -> Window:
    """A limit's state, locked; times of another epoch are forgotten, what was learned is not."""
    stored = session.load_limit(limit.key)
    window = Window() if stored is None else Window.from_json(orjson.loads(stored[1]))
    if stored is not None and stored[0] != epoch:
        window = Window(capacity=window.capacity, declared=window.declared)
    if limit.per_minute is not None:
        return replace(window, capacity=limit.per_minute, declared=True)
    if window.capacity is None and limit.assumed is not None:
        return replace(window, capacity=limit.assumed, declared=True)
    return window


def _from_chunk(session: Session, share: Share, limit: int) -> list[Claim]:
    rows = session.rows("open_chunk", run=share.run, chunk=share.chunk)
    if not rows:
        return []
    chunk, first, cursor, last, _, given_back = rows[0]
    again = (
        _take(session, share, "claim_given_back", limit=limit, start=first, last=last)
        if given_back
        else []
    )
    fresh = _take(session, share, "claim_fresh", limit=limit - len(again), start=cursor, last=last)
    taken = _claims([*again, *fresh], share.run_id)
    session.rows(
        "move_chunk",
        run=share.run,
        chunk=chunk,
        cursor=max((int(row[0]) for row in fresh), default=cursor - 1) + 1,
        pending=-len(taken),
        given_back=-len(again),
    )
    return taken


def _take(
    session: Session, share: Share, statement: str, *, limit: int, start: int, last: int
) -> list[Row]:
    if limit <= 0:
        return []
    return session.rows(
        statement,
        run=share.run,
        owner=share.owner,
        now=session.now,
        start=start,
        last=last,
        limit=limit,
    )


def _claims(rows: Sequence[Row], run_id: str) -> list[Claim]:
    # In the order of the source; RETURNING promises none.
    return [
        Claim(
            seq=seq,
            reference=reference or default_reference(run_id, seq),
            input=json.loads(text),
            execution_id=execution_id,
        )
        for seq, reference, text, execution_id in sorted(rows, key=lambda row: int(row[0]))
    ]


def default_reference(run_id: str, seq: int) -> str:
    """What identifies an item to people where its source named no reference."""
    return f"{run_id}-{seq}"
