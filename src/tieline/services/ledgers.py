"""The ledgers a client has open: one for each `--store` it was asked about."""

from pathlib import Path

import anyio

from tieline.clock import Clock
from tieline.services.shared_limiter import SharedLimiter
from tieline.store.ledger.ledger import Ledger, open_ledger
from tieline.store.limiter import DatabaseLimiter, shared_limiter


class Ledgers:
    """Opened when first asked for, closed with the client."""

    def __init__(self) -> None:
        self._opening = anyio.Lock()
        self._open: dict[str, Ledger] = {}
        self._limiters: dict[str, DatabaseLimiter] = {}

    async def get(self, store: str, state_dir: Path, *, clock: Clock) -> Ledger:
        """The ledger that `store` names: `sqlite` or a PostgreSQL URL.

        Raises:
            StoreUnavailable: it cannot be used.
        """
        async with self._opening:
            if store not in self._open:
                self._open[store] = await open_ledger(store, state_dir, clock=clock)
            return self._open[store]

    async def share_limits(
        self, limiter: SharedLimiter, store: str, state_dir: Path, *, clock: Clock
    ) -> None:
        """Let this client's calls count in the limits that all who use the ledger share."""
        async with self._opening:
            if store not in self._limiters:
                self._limiters[store] = await shared_limiter(store, state_dir, clock)
            limiter.share(self._limiters[store])

    async def aclose(self) -> None:
        """Close all of them."""
        opened: list[Ledger | DatabaseLimiter] = [*self._open.values(), *self._limiters.values()]
        self._open.clear()
        self._limiters.clear()
        for one in opened:
            await one.aclose()
