"""A ledger in one SQLite file: every process of one machine, nothing to install.

WAL with synchronous=FULL: a commit is on the disk when it returns, so what was sent stays sent
through a power cut.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from tieline.clock import Clock, SystemClock
from tieline.errors import StoreUnavailable
from tieline.store.ledger.database import Row
from tieline.store.ledger.migrate import Migration, outstanding
from tieline.store.ledger.statements import load_statements
from tieline.store.process_identity import this_host

# Longer than the longest transaction of ours (a chunk of a load, well under a second).
LOCK_PATIENCE_SECONDS = 20.0
_CACHE_KIB = 32_768
Durability = Literal["power cut", "process"]
_HINTS = {
    sqlite3.SQLITE_FULL: "free space on that disk, then `tieline runs resume`; nothing is lost",
    sqlite3.SQLITE_BUSY: "another program holds the file; end it, then `tieline runs resume`",
    sqlite3.SQLITE_CORRUPT: "restore the file from a copy; keep this one as evidence",
    sqlite3.SQLITE_NOTADB: "the file is no ledger; use another --state-dir",
}


class SqliteSession:
    """See `Session`."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._statements = load_statements("sqlite")
        self._clock = clock
        self.now = clock.wall()

    @property
    def tick(self) -> tuple[str, float]:
        """Monotonic seconds: all processes of one boot share them, and no wall clock jumps in."""
        return this_host(), self._clock.monotonic()

    def rows(self, statement: str, **values: Any) -> list[Row]:
        """Run a named statement; see `Session`."""
        return self._connection.execute(self._statements[statement], values).fetchall()

    def insert_items(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Write new items; see `Session`."""
        self._connection.executemany(self._statements["insert_items"], items)

    def change_items(
        self, changes: Sequence[Mapping[str, Any]], *, run: int, owner: int, origin: str
    ) -> list[Row]:
        """Move items; see `Session`."""
        statement = self._statements["change_item"]
        same = {"run": run, "owner": owner, "origin": origin, "now": self.now}
        moved: list[Row] = []
        for change in changes:
            moved += self._connection.execute(statement, {**same, **change}).fetchall()
        return moved

    def load_limit(self, key: str) -> tuple[str, str] | None:
        """State of a limit; see `Session`."""
        found = self.rows("lock_limit", key=key)
        return (found[0][0], found[0][1]) if found else None

    def save_limit(self, key: str, epoch: str, state: str) -> None:
        """Write a limit; see `Session`."""
        self.rows("save_limit", key=key, epoch=epoch, state=state)


class SqliteDatabase:
    """See `Database`. Safe to use from any thread, one transaction at a time."""

    one_machine = True

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        patience_s: float = LOCK_PATIENCE_SECONDS,
        durability: Durability = "power cut",
    ) -> None:
        """Open or make the file and bring its schema up to date.

        `durability` is what a commit survives. Rate limits need to survive only the process.

        Raises:
            StoreUnavailable: not writable, no database, or made by a newer program.
        """
        self._path = path
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreUnavailable(f"{path.parent} cannot be made: {exc.strerror}") from exc
        with self._reporting():
            self._connection = sqlite3.connect(
                path, timeout=patience_s, isolation_level=None, check_same_thread=False
            )
            try:
                path.chmod(0o600)  # items hold what customers are called with
                self._prepare(durability)
            except BaseException:
                self._connection.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[SqliteSession]:
        """All or nothing; see `Database`."""
        with self._lock, self._reporting():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteSession(self._connection, self._clock)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Give the connection up; waits for a transaction under way."""
        with self._lock:
            self._connection.close()

    def _prepare(self, durability: Durability) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL" if durability == "power cut" else "PRAGMA synchronous=NORMAL")
        run("PRAGMA foreign_keys=OFF")  # every write is ours; a look-up an item would cost a tenth
        run(f"PRAGMA cache_size=-{_CACHE_KIB}")
        if not self._outstanding():
            return
        run("BEGIN EXCLUSIVE")
        try:
            for step in self._outstanding():  # again: another process may have been faster
                for statement in _statements(step.sql):
                    run(statement)
                run(f"PRAGMA user_version={step.version}")
            run("COMMIT")
        except BaseException:
            run("ROLLBACK")
            raise

    def _outstanding(self) -> tuple[Migration, ...]:
        (current,) = self._connection.execute("PRAGMA user_version").fetchone()
        return outstanding("sqlite", current, where=str(self._path))

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
            raise StoreUnavailable(
                f"the ledger at {self._path} cannot be used: {exc}",
                hint=_HINTS.get(code, "`tieline doctor` checks the state directory"),
            ) from exc


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the transaction that surrounds it.
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
