"""The ledger as the services use it: every transaction in a thread, one at a time."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self, TypeVar

import anyio.to_thread

from tieline.clock import Clock
from tieline.errors import Unsupported
from tieline.runs.item import Change, NewItem
from tieline.runs.run import RunState
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Share
from tieline.store.ledger.database import Database
from tieline.store.ledger.exchange import Exchange, exchange, hand_in_late, reconcile
from tieline.store.ledger.loading import Loading
from tieline.store.ledger.owners import Recovered, Role
from tieline.store.ledger.reading import Item, Stored
from tieline.store.ledger.sqlite_database import SqliteDatabase

T = TypeVar("T")

FILE_NAME = "ledger.db"


class Ledger:
    """Runs and their items. Methods raise `StoreUnavailable` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        """Over an open database; `open_ledger` makes both."""
        self.database = database

    async def load(self, what: Loading, items: Iterable[NewItem]) -> int:
        """Write a run and its items, streaming; see `loading.load`."""
        return await _in_thread(lambda: loading.load(self.database, what, items))

    async def find(self, key: str) -> Stored:
        """A run by id or name; see `reading.find`."""
        return await _in_thread(lambda: reading.find(self.database, key))

    async def list(self, *, limit: int, below: int | None = None) -> Sequence[Stored]:
        """Runs, newest first."""
        if below is None:
            return await _in_thread(lambda: reading.list_runs(self.database, limit=limit))
        return await _in_thread(lambda: reading.list_runs(self.database, limit=limit, below=below))

    async def items(self, stored: Stored, *, after: int = 0, limit: int = 1000) -> Sequence[Item]:
        """A page of items behind a seq."""
        return await _in_thread(
            lambda: reading.page(self.database, stored, after=after, limit=limit)
        )

    async def uncertain(
        self, stored: Stored, *, after: int = 0, limit: int = 1000
    ) -> Sequence[Item]:
        """A page of uncertain items behind a seq."""
        return await _in_thread(
            lambda: reading.page(self.database, stored, after=after, limit=limit, only="uncertain")
        )

    async def enlist(self, run: int, role: Role) -> int | None:
        """Become an owner; see `owners.enlist`."""
        return await _in_thread(lambda: owners.enlist(self.database, run, role))

    async def recover(self, run: int) -> Recovered:
        """Settle what dead owners left; see `owners.recover`."""
        return await _in_thread(lambda: owners.recover(self.database, run))

    async def retire(self, run: int, owner: int) -> Recovered:
        """Leave a run; see `owners.retire`."""
        return await _in_thread(lambda: owners.retire(self.database, run, owner))

    async def exchange(self, share: Share, changes: Sequence[Change], *, slots: int) -> Exchange:
        """Hand in and claim; see `exchange`."""
        return await _in_thread(lambda: exchange(self.database, share, changes, slots=slots))

    async def hand_in_late(self, share: Share, changes: Sequence[Change]) -> None:
        """See `exchange.hand_in_late`."""
        await _in_thread(lambda: hand_in_late(self.database, share, changes))

    async def reconcile(self, share: Share, *, carrying: frozenset[int]) -> int:
        """See `exchange.reconcile`."""
        return await _in_thread(lambda: reconcile(self.database, share, carrying=carrying))

    async def resolve(self, run: int, change: Change) -> bool:
        """Settle an uncertain item; see `resolving.resolve`."""
        return await _in_thread(lambda: resolving.resolve(self.database, run, change))

    async def set_state(
        self,
        run: int,
        state: RunState,
        *,
        only_from: frozenset[RunState],
        reason: str | None = None,
        resumes_at: float | None = None,
    ) -> RunState:
        """Move a run by hand; see `resolving.set_state`."""
        return await _in_thread(
            lambda: resolving.set_state(
                self.database,
                run,
                state,
                only_from=only_from,
                reason=reason,
                resumes_at=resumes_at,
            )
        )

    async def pause_if_deserted(self, run: int, *, reason: str) -> None:
        """See `resolving.pause_if_deserted`."""
        await _in_thread(lambda: resolving.pause_if_deserted(self.database, run, reason=reason))

    async def aclose(self) -> None:
        """Give the connection up."""
        await _in_thread(self.database.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


async def open_ledger(store: str, state_dir: Path, *, clock: Clock | None = None) -> Ledger:
    """Open the ledger that `--store` names: `sqlite` (in the state folder) or a PostgreSQL URL.

    Raises:
        StoreUnavailable: it cannot be used, or a newer program made it.
        Unsupported: PostgreSQL without the extra.
    """
    if store == "sqlite":
        path = state_dir / FILE_NAME
        return Ledger(await _in_thread(lambda: SqliteDatabase(path, clock=clock)))
    return Ledger(await _in_thread(lambda: _postgres(store)))


def _postgres(url: str) -> Database:
    if not url.startswith(("postgresql://", "postgres://")):
        raise Unsupported(
            "--store: neither sqlite nor a postgresql:// URL",
            hint="--store postgresql://user@host/database",
        )
    try:
        from tieline.store.ledger.postgres_database import PostgresDatabase  # noqa: PLC0415  # extra
    except ImportError as exc:
        raise Unsupported(
            "a PostgreSQL ledger needs psycopg", hint="pip install 'tieline[distributed]'"
        ) from exc
    return PostgresDatabase(url)


async def _in_thread(work: Callable[[], T]) -> T:
    # Never abandoned when its task is cancelled: a claim nobody hears of would stay sent.
    return await anyio.to_thread.run_sync(work)
