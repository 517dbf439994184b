"""Runs and rate limits of a ledger, for those who only look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import anyio.to_thread

from tieline.clock import Clock
from tieline.runs.course import Course
from tieline.store.ledger import reading
from tieline.store.ledger.database import Database
from tieline.store.ledger.ledger import FILE_NAME, open_ledger
from tieline.store.ledger.reading import Item, KnownLimit, Only, Stored
from tieline.store.ledger.sqlite_reader import SqliteReader

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LimitsStanding:
    """What the ledger knows beside its runs."""

    limits: Sequence[KnownLimit] = ()
    waiting_events: int = 0


class RunsReader:
    """Opened at the first question, and again where the file became another one."""

    def __init__(self, store: str, state_dir: Path, *, clock: Clock) -> None:
        """Over the ledger that `--store` names: `sqlite` (in the state folder) or a URL."""
        self.store = store
        self._state_dir = state_dir
        self._clock = clock
        self._opening = anyio.Lock()
        self._database: Database | None = None
        self._identity: tuple[int, int] | None = None

    async def newest(self, *, limit: int, below: int | None = None) -> Sequence[Stored]:
        """Runs, newest first, older than the number `below`; none before there is a ledger.

        A run whose owners have all died is shown as paused: nobody works on it.

        Raises:
            StoreUnavailable: the ledger cannot be read.
        """

        def work(database: Database) -> Sequence[Stored]:
            page = {} if below is None else {"below": below}
            return reading.list_runs(database, limit=limit, **page)

        return await self._ask(work, ())

    async def find(self, key: str) -> Stored | None:
        """A run by id, or the latest of that name; None before there is a ledger.

        Raises:
            NotFound: there is no such run.
            StoreUnavailable: the ledger cannot be read.
        """
        return await self._ask(lambda database: reading.find(database, key), None)

    async def course(self, stored: Stored) -> Course:
        """How the run went since its beginning."""
        return await self._ask(lambda database: reading.course_of(database, stored), Course())

    async def items(
        self, stored: Stored, *, after: int, limit: int, only: Only | None
    ) -> Sequence[Item]:
        """A page of items behind a seq, over a key or a small index whatever the run's size."""

        def work(database: Database) -> Sequence[Item]:
            return reading.page(database, stored, after=after, limit=limit, only=only)

        return await self._ask(work, ())

    async def limits(self, *, most_events: int) -> LimitsStanding:
        """Rate limits, and how many events of runs wait, counted to `most_events`."""

        def work(database: Database) -> LimitsStanding:
            waiting = reading.waiting_events(database, most=most_events)
            return LimitsStanding(reading.limits(database), waiting)

        return await self._ask(work, LimitsStanding())

    async def aclose(self) -> None:
        """Give the connection up."""
        if self._database is not None:
            await anyio.to_thread.run_sync(self._database.close)
            self._database = None

    async def _ask(self, work: Callable[[Database], T], nothing: T) -> T:
        database = await self._opened()
        if database is None:
            return nothing
        return await anyio.to_thread.run_sync(work, database)

    async def _opened(self) -> Database | None:
        async with self._opening:
            if self.store != "sqlite":
                if self._database is None:
                    ledger = await open_ledger(self.store, self._state_dir)
                    self._database = ledger.database
                return self._database
            path = self._state_dir / FILE_NAME
            identity = _identity(path)
            if self._database is not None and identity != self._identity:
                await self.aclose()
            if self._database is None and identity is not None:
                self._database = await anyio.to_thread.run_sync(
                    lambda: SqliteReader(path, clock=self._clock)
                )
            self._identity = identity
            return self._database


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
