"""From a ledger's outbox to the endpoints of `tieline webhooks`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import anyio.to_thread

from tieline.clock import Clock
from tieline.errors import Error, StoreUnavailable
from tieline.observe.logs import logger
from tieline.services.webhooks import Webhooks
from tieline.store.ledger.events import forget_events, waiting_events
from tieline.store.ledger.ledger import Ledger
from tieline.store.outbox import WebhookStore, create_outbox, enqueue

_log = logger("services.running")

ENDPOINTS_FILE = "webhooks.sqlite3"
# A run's end tries each endpoint once, and no longer; `tieline webhooks deliver` goes on.
TELLING_SECONDS = 10.0


async def tell_endpoints(ledger: Ledger, state_dir: Path, clock: Clock) -> None:
    """Hand the ledger's events to the endpoints, and try to deliver them.

    Where no endpoint was ever configured there is nobody to tell, and the events are dropped.
    Trouble is logged: what stands in the outbox is told another time.
    """
    path = state_dir / ENDPOINTS_FILE
    try:
        moved = await anyio.to_thread.run_sync(_move, ledger, path)
        if moved:
            store = WebhookStore(path)
            with closing(store), anyio.move_on_after(TELLING_SECONDS):
                await Webhooks(store, clock).deliver_due()
    except Error as error:
        _log.warning("webhooks were not told of a run", reason=error.message)


def _move(ledger: Ledger, path: Path) -> int:
    moved = 0
    while True:
        events, last = waiting_events(ledger.database)
        if not events:
            return moved
        if path.exists():
            with closing(WebhookStore(path)) as store, closing(_as_outbox()) as source:
                for event in events:
                    enqueue(source, event)
                moved += store.fan_out(source)
        forget_events(ledger.database, last)


def _as_outbox() -> sqlite3.Connection:
    # The endpoints' store reads an outbox of SQLite; the ledger may be PostgreSQL.
    try:
        connection = sqlite3.connect(":memory:", isolation_level=None)
    except sqlite3.Error as exc:
        raise StoreUnavailable(f"no memory for the outbox: {exc}") from exc
    create_outbox(connection)
    return connection
