"""The gateway's own table: each invocation and each idempotency key, on disk before it is sent."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import anyio
import anyio.to_thread
import orjson

from tieline.errors import Conflict, StoreUnavailable

SCHEMA = files("tieline.store").joinpath("gateway.sql")
BUSY_SECONDS = 5.0

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Invocation:
    """One row: `document` is the final answer, None while the invocation is under way."""

    id: str
    action_id: str
    created: float  # wall seconds
    document: dict[str, Any] | None


class GatewayTable:
    """Every call is one transaction with synchronous=FULL, made in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = anyio.Lock()

    async def open(self) -> None:
        """Make the file (0600) and the table; invocations a dead process left are `uncertain`.

        Raises:
            StoreUnavailable: the file cannot be used.
        """
        await anyio.to_thread.run_sync(self._open)

    async def begin(
        self, *, invocation: str, action_id: str, key: str | None, body_hash: str, now: float
    ) -> Invocation | None:
        """Record the intent; None when it is recorded, else what stands under the same key.

        Raises:
            Conflict: the key was used with another body.
            StoreUnavailable: it cannot be recorded; nothing may be sent then.
        """
        return await self._run(self._begin, invocation, action_id, key, body_hash, now)

    async def finish(self, invocation: str, document: dict[str, Any]) -> None:
        """Record the final answer."""
        await self._run(self._finish, invocation, orjson.dumps(document, default=str).decode())

    async def find(self, action_id: str, invocation: str) -> Invocation | None:
        """Look one invocation of an action up."""
        return await self._run(self._find, action_id, invocation)

    async def page(
        self, action_id: str, *, before: int | None, size: int
    ) -> list[tuple[int, Invocation]]:
        """Read invocations of an action, newest first, each with its position for the next page."""
        return await self._run(self._page, action_id, before, size)

    async def aclose(self) -> None:
        """Close the file."""
        if self._connection is not None:
            await anyio.to_thread.run_sync(self._connection.close)
            self._connection = None

    async def _run(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        async with self._one_at_a_time:
            return await anyio.to_thread.run_sync(work, *arguments)

    def _open(self) -> None:
        with self._explained():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600, exist_ok=True)
            self._connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None
            )
            self._connection.executescript(SCHEMA.read_text())

    def _begin(
        self, invocation: str, action_id: str, key: str | None, body_hash: str, now: float
    ) -> Invocation | None:
        with self._transaction() as connection:
            if key is not None:
                standing = connection.execute(
                    "SELECT id, action_id, created, document, body_hash FROM invocations"
                    " WHERE action_id = ? AND idempotency_key = ?",
                    (action_id, key),
                ).fetchone()
                if standing is not None:
                    if standing[4] != body_hash:
                        raise Conflict(
                            "this Idempotency-Key was used with another body",
                            status=409,
                            hint="use a new key for a new request",
                        )
                    return _invocation(standing[:4])
            connection.execute(
                "INSERT INTO invocations (id, action_id, idempotency_key, body_hash, created)"
                " VALUES (?, ?, ?, ?, ?)",
                (invocation, action_id, key, body_hash, now),
            )
        return None

    def _finish(self, invocation: str, document: str) -> None:
        with self._transaction() as connection:
            connection.execute(
                "UPDATE invocations SET document = ? WHERE id = ?", (document, invocation)
            )

    def _find(self, action_id: str, invocation: str) -> Invocation | None:
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT id, action_id, created, document FROM invocations"
                " WHERE id = ? AND action_id = ?",
                (invocation, action_id),
            ).fetchone()
        return None if row is None else _invocation(row)

    def _page(self, action_id: str, before: int | None, size: int) -> list[tuple[int, Invocation]]:
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT n, id, action_id, created, document FROM invocations"
                " WHERE action_id = ? AND n < ? ORDER BY n DESC LIMIT ?",
                (action_id, 1 << 62 if before is None else before, size),
            ).fetchall()
        return [(row[0], _invocation(row[1:])) for row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        if connection is None:
            raise StoreUnavailable("the gateway's table is not open")
        with self._explained():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as exc:
            raise StoreUnavailable(
                f"{self._path}: {exc}", hint="free space or permissions on the state directory"
            ) from exc


def _invocation(row: tuple[Any, ...]) -> Invocation:
    document = None if row[3] is None else orjson.loads(row[3])
    return Invocation(row[0], row[1], row[2], document)
