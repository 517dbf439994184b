"""Looking at webhooks: no secret, no scan, no change."""

from pathlib import Path

import pytest

from tieline.calls.event import Event
from tieline.errors import StoreUnavailable
from tieline.secret import Secret
from tieline.store.outbox import Endpoint, WebhookStore
from tieline.store.outbox_reading import WebhookReader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "webhooks.sqlite3"


def fill(path: Path, events: int) -> WebhookStore:
    store = WebhookStore(path)
    for name in ("crm", "wallboard"):
        store.put_endpoint(
            Endpoint(name, f"https://{name}.example.org/h/token", ("*",), (Secret("s3cret"),))
        )
    for number in range(events):
        store.add(Event(f"evt_{number}", "runs.done", {"n": number}, 1000.0 + number))
    store.fan_out()
    return store


def test_before_there_is_a_file_nothing_waits_and_none_is_made(path: Path) -> None:
    reader = WebhookReader(path)

    assert (reader.endpoints(most=10), reader.backlog(most=10)) == ((), 0)
    assert reader.page("crm", "dead", limit=5) == ()
    assert not path.exists()


def test_an_endpoint_stands_with_what_waits_what_was_given_up_and_its_circuit(path: Path) -> None:
    store = fill(path, 5)
    first = store.oldest("crm")
    assert first is not None
    store.settle(first, "dead", error="the receiver answered 500")
    store.release("crm", failures=3, next_at=5000.0, gone=False)
    store.add(Event("evt_new", "runs.done", {}, 2000.0))

    crm, wallboard = WebhookReader(path).endpoints(most=100)

    assert (crm.pending, crm.dead, crm.failures, crm.next_at) == (4, 1, 3, 5000.0)
    assert crm.oldest_pending_at == 1001.0
    assert (wallboard.pending, wallboard.dead) == (5, 0)
    assert WebhookReader(path).backlog(most=100) == 1
    assert "s3cret" not in repr((crm, wallboard))
    store.close()


def test_nothing_is_counted_further_than_somebody_looks(path: Path) -> None:
    store = fill(path, 30)
    for number in range(12):
        store.add(Event(f"more_{number}", "runs.done", {}, 1.0))

    crm, _ = WebhookReader(path).endpoints(most=10)

    assert crm.pending == 10
    assert WebhookReader(path).backlog(most=10) == 10
    store.close()


def test_deliveries_are_paged_from_the_newest_by_number(path: Path) -> None:
    store = fill(path, 7)
    reader = WebhookReader(path)

    first = reader.page("crm", "pending", limit=4)
    second = reader.page("crm", "pending", limit=4, below=first[-1].id)

    assert [one.event_id for one in (*first, *second)] == [f"evt_{n}" for n in range(6, -1, -1)]
    store.close()


def test_a_file_that_is_no_database_is_said(path: Path) -> None:
    path.write_bytes(b"no database at all, whatever its name says " * 50)

    with pytest.raises(StoreUnavailable, match="cannot be read"):
        WebhookReader(path).endpoints(most=10)
