"""Rate limits in the ledger's database: every process that uses one OAuth client shares them.

Runs take their places in the transaction that claims items; all other calls take theirs here.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import anyio.to_thread
import orjson

from tieline.calls.limiter import Window, refused, reserve
from tieline.clock import Clock
from tieline.errors import StoreUnavailable
from tieline.store.ledger.claims import Limit, load_window
from tieline.store.ledger.database import Database, Session
from tieline.store.ledger.ledger import FILE_NAME, open_ledger
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.types import Json

R = TypeVar("R")


class DatabaseLimiter:
    """A `tieline.http.limiter.LimiterStore`; raises `StoreUnavailable` where it cannot be used."""

    def __init__(self, database: Database, *, assumed: int | None = None) -> None:
        """Over a connection of its own, so that a call does not wait for a claim's disk write.

        `assumed` calls a minute hold for a limit of which nothing is known. It is not stored: a run
        asks the organisation.
        """
        self._database = database
        self._assumed = assumed

    async def reserve(self, key: str, *, within: float) -> float:
        """Take the earliest free place; see `LimiterStore`."""

        def change(window: Window, now: float) -> tuple[Window, float]:
            return reserve(window, now, within=within)

        return await self._change(key, change)

    async def refused(self, key: str, *, retry_after: float | None, body: Json) -> None:
        """Learn from a 429; see `LimiterStore`."""

        def change(window: Window, now: float) -> tuple[Window, None]:
            return refused(window, now, retry_after=retry_after, body=body), None

        await self._change(key, change)

    async def aclose(self) -> None:
        """Give the connection up."""
        await anyio.to_thread.run_sync(self._database.close)

    async def _change(self, key: str, change: Callable[[Window, float], tuple[Window, R]]) -> R:
        def work() -> R:
            with self._database.transaction() as session:
                return _changed(session, Limit(key, assumed=self._assumed), change)

        return await anyio.to_thread.run_sync(work)


async def existing_limiter(
    state_dir: Path, clock: Clock, *, assumed: int | None = None
) -> DatabaseLimiter | None:
    """The limits in the state folder's ledger; None before the first run made one.

    A ledger that cannot be used is passed over here: a call that is no run does without.
    """
    path = state_dir / FILE_NAME
    if not path.exists():
        return None
    try:
        database = await anyio.to_thread.run_sync(_quick, path, clock)
    except StoreUnavailable:
        return None
    return DatabaseLimiter(database, assumed=assumed)


async def shared_limiter(store: str, state_dir: Path, clock: Clock) -> DatabaseLimiter:
    """The limits in the ledger that `--store` names.

    Raises:
        StoreUnavailable: it cannot be used.
    """
    if store == "sqlite":
        return DatabaseLimiter(await anyio.to_thread.run_sync(_quick, state_dir / FILE_NAME, clock))
    return DatabaseLimiter((await open_ledger(store, state_dir, clock=clock)).database)


def _quick(path: Path, clock: Clock) -> SqliteDatabase:
    return SqliteDatabase(path, clock=clock, durability="process")


def _changed(
    session: Session, limit: Limit, change: Callable[[Window, float], tuple[Window, R]]
) -> R:
    epoch, now = session.tick
    known = load_window(session, Limit(limit.key), epoch)
    start = known
    if known.capacity is None and limit.assumed is not None:
        start = replace(known, capacity=limit.assumed, declared=True)
    window, answer = change(start, now)
    if known.capacity is None and window.capacity == limit.assumed:
        window = replace(window, capacity=None, declared=False)
    session.save_limit(limit.key, epoch, orjson.dumps(window.to_json()).decode())
    return answer
