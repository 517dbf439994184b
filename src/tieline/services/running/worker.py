"""A worker: carries out chunks of any run in a PostgreSQL ledger, beside others like it.

A job is delivered by Procrastinate; what is claimed, the ledger decides. So a job delivered twice
does no harm, and a worker that dies leaves what any dead owner leaves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import anyio
import anyio.abc

from tieline.errors import Error, NotFound
from tieline.observe.logs import logger
from tieline.runs.run import RunSpec
from tieline.services.running.carrier import Carrier, PipelineCarrier
from tieline.services.running.chunk_jobs import Carry, ChunkJobs, chunk_jobs, open_chunks
from tieline.services.running.driving import Driving
from tieline.services.running.engine import Settled
from tieline.services.session import Session
from tieline.store.ledger.ledger import Ledger

_log = logger("services.running")

# How often a worker looks for others that died.
LOOK_SECONDS = 5.0
_RUNS_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker did."""

    chunks: int = 0
    items: int = 0


class Worker:
    """One process's work. `stop` may be called at any time, from the event loop."""

    def __init__(
        self,
        session: Session,
        store: str,
        *,
        make_carrier: Callable[[RunSpec], Carrier] | None = None,
    ) -> None:
        """`make_carrier` stands in for the invocation pipeline."""
        self._session = session
        self._store = store
        self._make_carrier = make_carrier or (lambda spec: PipelineCarrier(session, spec))
        self._driving: Driving | None = None
        self._tasks: anyio.abc.TaskGroup | None = None
        self._stopped = False
        self._error: Error | None = None
        self._done = Done()

    async def run(self, *, then: Literal["leave", "wait"]) -> Done:
        """Carry out chunks until stopped, or with `leave` until there are none.

        Raises:
            Unsupported: no PostgreSQL ledger, or without the extra.
            Error: what holds for every item alike; the chunk was given back.
        """
        session = self._session
        ledger = await session.ledgers.get(
            self._store, session.profile.state_dir, clock=session.clock
        )
        async with chunk_jobs(self._store) as jobs:
            await _look_after_dead(ledger, jobs)
            async with anyio.create_task_group() as self._tasks:
                self._tasks.start_soon(_keep_looking, session, ledger, jobs)
                await jobs.work(self._carry(ledger, jobs), then=then)
                self._tasks.cancel_scope.cancel()
        if self._error is not None:
            raise self._error
        return self._done

    async def stop(self) -> None:
        """Claim nothing more; `run` returns when the answers under way are read."""
        self._stopped = True
        if self._driving is not None:
            self._driving.stop()
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()

    def _carry(self, ledger: Ledger, jobs: ChunkJobs) -> Carry:
        async def carry(run_id: str, chunk: int) -> None:
            try:
                await self._carry_chunk(ledger, run_id, chunk)
            except Error as error:
                self._error = error
                await jobs.put(run_id, [chunk])
                await self.stop()
                return
            if self._stopped:
                await jobs.put(run_id, [chunk])

        return carry

    async def _carry_chunk(self, ledger: Ledger, run_id: str, chunk: int) -> None:
        try:
            stored = await ledger.find(run_id)
        except NotFound:
            _log.warning("a chunk of a run that is no more", run_id=run_id)
            return
        carrier = self._make_carrier(stored.run.spec)
        items = 0

        def report(_latest: object, settled: Sequence[Settled]) -> None:
            nonlocal items
            items += len(settled)

        driving = self._driving = Driving(
            self._session, self._store, ledger, carrier, report=report
        )
        if not self._stopped:
            await driving.drive(stored, role="worker", chunk=chunk)
        self._done = replace(
            self._done, chunks=self._done.chunks + 1, items=self._done.items + items
        )


async def hand_out(session: Session, store: str, run_id: str) -> int:
    """Put all open chunks of a run into the queue; returns how many.

    Raises:
        Unsupported: no PostgreSQL ledger, or without the extra.
    """
    ledger = await session.ledgers.get(store, session.profile.state_dir, clock=session.clock)
    stored = await ledger.find(run_id)
    chunks = await open_chunks(ledger, stored.no, which="all")
    async with chunk_jobs(store) as jobs:
        await jobs.put(run_id, chunks)
    return len(chunks)


async def _keep_looking(session: Session, ledger: Ledger, jobs: ChunkJobs) -> None:
    while True:
        await session.clock.sleep(LOOK_SECONDS)
        await _look_after_dead(ledger, jobs)


async def _look_after_dead(ledger: Ledger, jobs: ChunkJobs) -> None:
    """Settle what dead workers left, and hand the rest of their chunks out again."""
    for stored in await ledger.list(limit=_RUNS_LOOKED_AT):
        if stored.run.finished:
            continue
        left = await ledger.recover(stored.no)
        if left.owners:
            await jobs.put(stored.run.run_id, await open_chunks(ledger, stored.no, which="begun"))
    await jobs.revive()
