"""Chunks of runs as jobs of Procrastinate, in the same PostgreSQL as the ledger."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import anyio.to_thread

from tieline.errors import StoreUnavailable, Unsupported
from tieline.store.ledger.claims import ANY_CHUNK
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.postgres_database import SCHEMA

if TYPE_CHECKING:
    import procrastinate

    App: TypeAlias = procrastinate.App

Carry = Callable[[str, int], Awaitable[None]]
"""Carries out one chunk of a run: run id, and the chunk's number."""

QUEUE = "tieline"
TASK = "tieline.chunk"
# Procrastinate's workers give a sign of life every 10 s; after three of them missed, the jobs of a
# dead one are delivered again.
STALLED_SECONDS = 30.0
_JOBS_AT_ONCE = 1_000
_TABLE = "procrastinate_jobs"


class ChunkJobs:
    """The queue of chunks. A job says only that there may be something in its chunk."""

    def __init__(self, app: "App") -> None:
        self._app = app

    async def put(self, run_id: str, chunks: Sequence[int]) -> None:
        """Hand chunks out; one that is handed out twice does no harm."""
        deferring = self._app.configure_task(TASK, queue=QUEUE)
        for start in range(0, len(chunks), _JOBS_AT_ONCE):
            part = chunks[start : start + _JOBS_AT_ONCE]
            jobs: list[dict[str, Any]] = [{"run_id": run_id, "chunk": chunk} for chunk in part]
            await deferring.batch_defer_async(*jobs)

    async def revive(self) -> int:
        """Deliver the jobs of dead workers again; returns how many."""
        manager = self._app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
        for job in stalled:
            await manager.retry_job(job, retry_at=datetime.now(UTC))
        return len(stalled)

    async def work(self, carry: Carry, *, then: Literal["leave", "wait"]) -> None:
        """Carry out chunks one after the other; `leave` ends when the queue is empty.

        Cancelled, it lets the chunk under way end first.
        """

        @self._app.task(name=TASK, queue=QUEUE)
        async def chunk_job(run_id: str, chunk: int) -> None:
            await carry(run_id, chunk)

        await self._app.run_worker_async(
            queues=[QUEUE],
            wait=then == "wait",
            concurrency=1,
            install_signal_handlers=False,
            delete_jobs="successful",
            stalled_worker_timeout=STALLED_SECONDS,
        )


@asynccontextmanager
async def chunk_jobs(store: str) -> AsyncIterator[ChunkJobs]:
    """Open the queue of a PostgreSQL ledger; its tables are made at first use.

    Raises:
        Unsupported: without the extra, or for another kind of ledger.
        StoreUnavailable: no connection.
    """
    if not store.startswith(("postgresql://", "postgres://")):
        raise Unsupported(
            "workers need a PostgreSQL ledger", hint="`--store postgresql://user@host/database`"
        )
    try:
        import procrastinate  # noqa: PLC0415  # an extra
        import procrastinate.exceptions  # noqa: PLC0415  # an extra
        import psycopg  # noqa: PLC0415  # an extra
    except ImportError as exc:
        raise Unsupported(
            "workers need Procrastinate", hint="pip install 'tieline[distributed]'"
        ) from exc
    connector = procrastinate.PsycopgConnector(
        conninfo=store, kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1, max_size=4
    )
    app = procrastinate.App(connector=connector)
    try:
        async with app.open_async():
            await _make_tables(store, app)
            yield ChunkJobs(app)
    except (procrastinate.exceptions.ConnectorException, psycopg.Error) as exc:
        raise StoreUnavailable(f"the queue of chunks cannot be used: {exc}") from exc


async def open_chunks(ledger: Ledger, run: int, *, which: Literal["all", "begun"]) -> list[int]:
    """Chunks in which something is pending; `begun` leaves out those nobody claimed from.

    Where launched items wait for somebody to follow them, one job for any chunk is added.
    """

    def read() -> list[int]:
        with ledger.database.transaction() as session:
            rows = session.rows("open_chunks" if which == "all" else "begun_chunks", run=run)
            ((*_, orphans, _, _, _, _),) = session.rows("lock_run", run=run)
            return [int(row[0]) for row in rows] + ([ANY_CHUNK] if orphans else [])

    return await anyio.to_thread.run_sync(read)


async def _make_tables(store: str, app: "App") -> None:
    import psycopg  # noqa: PLC0415  # an extra

    connection = await psycopg.AsyncConnection.connect(
        store, autocommit=True, options=f"-c search_path={SCHEMA}"
    )
    async with connection, connection.transaction():
        # One process alone makes them; the others wait here and find them.
        await connection.execute("SELECT pg_advisory_xact_lock(7468544)")
        cursor = await connection.execute("SELECT to_regclass(%s)", (_TABLE,))
        row = await cursor.fetchone()
        if row is None or row[0] is None:
            await app.schema_manager.apply_schema_async()
