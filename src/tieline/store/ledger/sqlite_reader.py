"""A ledger file for those who only look: nothing is made, migrated, locked or changed.

In WAL mode a reader sees one moment and keeps no writer waiting.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tieline.clock import Clock, SystemClock
from tieline.errors import StoreUnavailable
from tieline.store.ledger.migrate import outstanding
from tieline.store.ledger.sqlite_database import SqliteSession

# A reader waits only while another process opens or closes the file.
PATIENCE_SECONDS = 2.0


class SqliteReader:
    """A `Database` whose transactions change nothing. Safe to use from any thread."""

    one_machine = True

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        """Open a file that is there.

        Raises:
            StoreUnavailable: not there, not readable, or made by another version of the program.
        """
        self._path = path
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        with self._reporting():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=PATIENCE_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._connection.execute("PRAGMA query_only = ON")
                self._check_version()
            except BaseException:
                self._connection.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[SqliteSession]:
        """One moment of the ledger; see `Database`."""
        with self._lock, self._reporting():
            self._connection.execute("BEGIN")
            try:
                yield SqliteSession(self._connection, self._clock)
            finally:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Give the connection up; waits for a transaction under way."""
        with self._lock:
            self._connection.close()

    def _check_version(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if outstanding("sqlite", version, where=str(self._path)):
            raise StoreUnavailable(
                f"the ledger at {self._path} was made by an older version",
                hint="`tieline runs list` brings it up to date",
            )

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise StoreUnavailable(
                f"the ledger at {self._path} cannot be read: {exc}",
                hint="`tieline doctor` checks the state directory",
            ) from exc
