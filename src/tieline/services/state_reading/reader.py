"""All of a state folder behind one door, with what is kept up to date in the background."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from tieline.clock import Clock, SystemClock
from tieline.services.state_reading.activity import ActivityReader
from tieline.services.state_reading.audit import AuditReader
from tieline.services.state_reading.rules import RulesReader
from tieline.services.state_reading.runs import RunsReader
from tieline.services.state_reading.verifying import AuditVerifier
from tieline.store.outbox_reading import WebhookReader


class StateReader:
    """What a state folder holds. Nothing is opened before it is asked for."""

    def __init__(
        self, state_dir: Path, *, store: str = "sqlite", clock: Clock | None = None
    ) -> None:
        """`store` is where the ledger of runs is: in the folder, or a PostgreSQL URL."""
        self.state_dir = state_dir
        self.clock = clock or SystemClock()
        self.runs = RunsReader(store, state_dir, clock=self.clock)
        self.audit = AuditReader(state_dir / "audit", self.clock)
        self.webhooks = WebhookReader(state_dir / "webhooks.sqlite3")
        self.rules = RulesReader(state_dir)
        self.activity = ActivityReader(state_dir / "audit", self.clock)
        self.verifier = AuditVerifier(self.audit, self.clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Count, index and verify the audit log in the background for the length of the block."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.activity.run)
            tasks.start_soon(self._after_counting, self.audit.keep_index)
            tasks.start_soon(self._after_counting, self.verifier.run)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                with anyio.CancelScope(shield=True):
                    await self.runs.aclose()

    async def _after_counting(self, work: Callable[[], Awaitable[None]]) -> None:
        """One after the other: all at once they would keep pages waiting for longer."""
        await self.activity.caught_up.wait()
        await work()
