"""A ledger in PostgreSQL: several machines work on one run. Needs `tieline[postgres]`."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict

from tieline.errors import ConfigInvalid, StoreUnavailable
from tieline.store.ledger.database import Row
from tieline.store.ledger.migrate import Migration, outstanding
from tieline.store.ledger.statements import load_statements, with_percent_places

SCHEMA = "tieline"
_CONNECT_SECONDS = 10
# A number of our own for the lock under which one process alone migrates.
_MIGRATION_LOCK = 7_468_543
_HINT = (
    "see that PostgreSQL runs and takes connections, then `tieline runs resume`; nothing is lost"
)


class PostgresSession:
    """See `Session`."""

    def __init__(self, connection: psycopg.Connection[Row], statements: Mapping[str, str]) -> None:
        self._connection = connection
        self._statements = statements
        self._now: float | None = None

    @property
    def now(self) -> float:
        """The server's clock, read once a transaction."""
        if self._now is None:
            self._now = float(self.rows("server_time")[0][0])
        return self._now

    @property
    def tick(self) -> tuple[str, float]:
        """The server's clock: the only one that all machines share."""
        return "server", self.now

    def rows(self, statement: str, **values: Any) -> list[Row]:
        """Run a named statement; see `Session`."""
        cursor = self._connection.execute(self._statements[statement].encode(), values)
        return cursor.fetchall() if cursor.description else []

    def insert_items(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Write new items by COPY; see `Session`."""
        with (
            self._connection.cursor() as cursor,
            cursor.copy("COPY items (run, seq, line, reference, input) FROM STDIN") as copy,
        ):
            for item in items:
                copy.write_row(
                    (item["run"], item["seq"], item["line"], item["reference"], item["input"])
                )

    def change_items(
        self, changes: Sequence[Mapping[str, Any]], *, run: int, owner: int, origin: str
    ) -> list[Row]:
        """Move items in one round trip; see `Session`."""
        document = orjson.dumps([list(change.values()) for change in changes]).decode()
        return self.rows(
            "change_items", run=run, owner=owner, origin=origin, now=self.now, changes=document
        )

    def load_limit(self, key: str) -> tuple[str, str] | None:
        """State of a limit; see `Session`."""
        self.rows("make_limit", key=key)
        ((epoch, state),) = self.rows("lock_limit", key=key)
        return (epoch, state) if state else None

    def save_limit(self, key: str, epoch: str, state: str) -> None:
        """Write a limit; see `Session`."""
        self.rows("save_limit", key=key, epoch=epoch, state=state)


class PostgresDatabase:
    """See `Database`. One connection; opened again after it broke."""

    one_machine = False

    def __init__(self, url: str, *, schema: str = SCHEMA) -> None:
        """Connect and bring the schema up to date.

        Raises:
            ConfigInvalid: the URL cannot be read; it is not repeated, it may hold a password.
            StoreUnavailable: no connection, or a schema made by a newer program.
        """
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError as exc:
            raise ConfigInvalid("--store: the PostgreSQL URL cannot be read") from exc
        self._where = f"{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"
        self._url = url
        self._schema = schema
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Row] | None = None
        self._statements = {
            name: with_percent_places(sql) for name, sql in load_statements("postgres").items()
        }
        try:
            with self._lock, self._reporting():
                self._migrate(self._connected())
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[PostgresSession]:
        """All or nothing; see `Database`."""
        with self._lock, self._reporting():
            connection = self._connected()
            with connection.transaction():
                yield PostgresSession(connection, self._statements)

    def close(self) -> None:
        """Give the connection up."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    def _connected(self) -> psycopg.Connection[Row]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                application_name="tieline",
                options=f"-c search_path={self._schema} -c synchronous_commit=on",
            )
        return self._connection

    def _migrate(self, connection: psycopg.Connection[Row]) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}".encode())
            connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
            for step in self._outstanding(connection):
                connection.execute(step.sql.encode())
                connection.execute("DELETE FROM schema_version")
                connection.execute("INSERT INTO schema_version VALUES (%s)", (step.version,))

    def _outstanding(self, connection: psycopg.Connection[Row]) -> tuple[Migration, ...]:
        found = connection.execute("SELECT version FROM schema_version").fetchone()
        return outstanding("postgres", found[0] if found else 0, where=self._where)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as exc:
            reason = " ".join(str(exc).split()) or type(exc).__name__
            raise StoreUnavailable(
                f"the ledger at {self._where} cannot be used: {reason}", hint=_HINT
            ) from exc
