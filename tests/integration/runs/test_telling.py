"""Webhooks of runs: written with what they tell of, handed to the endpoints once."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tieline.clock import SystemClock
from tieline.runs.item import Change, NewItem
from tieline.runs.run import RunSpec, Tells
from tieline.secret import Secret
from tieline.services.running.telling import ENDPOINTS_FILE, tell_endpoints
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Share
from tieline.store.ledger.events import waiting_events
from tieline.store.ledger.exchange import exchange
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.outbox import Endpoint, WebhookStore


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(tmp_path / "ledger.db")
    yield opened
    opened.close()


def finish_a_run(database: SqliteDatabase, *, tells: Tells) -> None:
    spec = RunSpec(kind="flow", target_id="f", name="n", tells=tells)
    items = [NewItem(line=n, text='{"secret": "of a customer"}') for n in (1, 2)]
    loading.load(database, loading.Loading("r1", spec, lambda: None), items)
    run = reading.find(database, "r1").no
    resolving.set_state(database, run, "running", only_from=frozenset({"paused"}))
    owner = owners.enlist(database, run, "driver")
    assert owner is not None
    share = Share(run, "r1", owner, tells=tells)
    exchange(database, share, [], slots=2)
    changes = [Change(1, "done", status="completed"), Change(2, "uncertain")]
    exchange(database, share, changes, slots=0)


@pytest.mark.parametrize(
    ("tells", "types"),
    [("run", ["runs.done"]), ("items", ["runs.item.done", "runs.item.uncertain", "runs.done"])],
)
def test_a_runs_end_is_told_with_its_counts_and_no_inputs(
    database: SqliteDatabase, tells: Tells, types: list[str]
) -> None:
    finish_a_run(database, tells=tells)

    events, _ = waiting_events(database)

    assert [event.type for event in events] == types
    assert events[-1].payload["data"]["uncertain"] == 1
    assert b"customer" not in orjson.dumps([event.payload for event in events])


async def test_events_go_to_the_endpoints_that_want_them_and_leave_the_outbox(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    store = WebhookStore(tmp_path / ENDPOINTS_FILE)
    for name, pattern in (("crm", "runs.*"), ("other", "flows.*")):
        secret = Secret("whsec_" + "QUJD" * 8)
        # Nobody may call an address of this machine: it stays to be delivered, or is given up.
        store.put_endpoint(
            Endpoint(name=name, url="https://127.0.0.1:9/x", events=(pattern,), secrets=(secret,))
        )
    finish_a_run(database, tells="run")

    await tell_endpoints(Ledger(database), tmp_path, SystemClock())

    told = store.deliveries()
    assert [(one["endpoint"], one["type"]) for one in told] == [("crm", "runs.done")]
    assert waiting_events(database) == ([], 0)
    store.close()


async def test_where_nobody_listens_events_are_dropped(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    finish_a_run(database, tells="items")

    await tell_endpoints(Ledger(database), tmp_path, SystemClock())

    assert waiting_events(database) == ([], 0)
