"""Who works on a run, and what becomes of the work of those who died."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tieline.store.ledger.database import Database, Session
from tieline.store.ledger.tally import Tally
from tieline.store.process_identity import ProcessIdentity

Role = Literal["loader", "driver", "worker"]

# Six missed beats. Only for owners whose process cannot be seen from here.
LEASE_SECONDS = 30.0
BEAT_SECONDS = 5.0


class OwnerLost(Exception):
    """Others took this owner for dead, after a pause longer than its lease, and buried it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who works on a run; `no` is its row."""

    no: int
    role: Role
    process: ProcessIdentity
    beat_at: float

    def is_dead(self, now: float) -> bool:
        """Seen to be gone, or unseen and silent for longer than its lease."""
        lives = self.process.lives()
        return now - self.beat_at > LEASE_SECONDS if lives is None else not lives


@dataclass(frozen=True, slots=True)
class Recovered:
    """What dead owners left: items nobody knows of, and launched ones to follow."""

    owners: int = 0
    uncertain: int = 0
    orphans: int = 0


def enlist(database: Database, run: int, role: Role) -> int | None:
    """Become an owner of the run; None where a living driver has it and one is enough.

    Dead owners are buried first, in the same transaction, so two processes cannot both drive.
    """
    with database.transaction() as session:
        session.rows("lock_run", run=run)
        _bury_dead(session, run)
        if role == "driver" and any(owner.role == "driver" for owner in _living(session, run)):
            return None
        return sign_on(session, run, role)


def sign_on(session: Session, run: int, role: Role) -> int:
    """Write this process down as an owner of the run; returns its number."""
    process = ProcessIdentity.own()
    ((owner,),) = session.rows(
        "insert_owner",
        run=run,
        role=role,
        host=process.host,
        pid=process.pid,
        born=process.born,
        now=session.now,
    )
    return int(owner)


def recover(database: Database, run: int) -> Recovered:
    """Bury the dead owners of a run and settle what they left."""
    with database.transaction() as session:
        session.rows("lock_run", run=run)
        return _bury_dead(session, run)


def retire(database: Database, run: int, owner: int) -> Recovered:
    """Leave a run; whatever the owner still holds is treated as a dead owner's."""
    with database.transaction() as session:
        session.rows("lock_run", run=run)
        return _bury(session, run, [owner])


def count_alive(session: Session, run: int) -> int:
    """How many owners really live: seen, or heard of within their lease. Buries nobody."""
    return sum(not owner.is_dead(session.now) for owner in _living(session, run))


def _living(session: Session, run: int) -> list[Owner]:
    return [
        Owner(no, role, ProcessIdentity(host, pid, born), beat_at)
        for no, role, host, pid, born, beat_at in session.rows("living_owners", run=run)
    ]


def _bury_dead(session: Session, run: int) -> Recovered:
    dead = [owner.no for owner in _living(session, run) if owner.is_dead(session.now)]
    return _bury(session, run, dead)


def _bury(session: Session, run: int, owners: Sequence[int]) -> Recovered:
    buried = uncertain = orphans = 0
    for owner in owners:
        if not session.rows("bury_owner", owner=owner):
            continue
        buried += 1
        uncertain += len(session.rows("doubt_items", run=run, owner=owner, now=session.now))
        orphans += len(session.rows("orphan_items", run=run, owner=owner))
    tally = Tally()
    tally.move("sent", "uncertain", uncertain)
    tally.orphans += orphans
    tally.write(session, run)
    return Recovered(buried, uncertain, orphans)
