import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tieline.calls.destination import Policy
from tieline.calls.event import Event
from tieline.clock import JumpingClock
from tieline.errors import NetworkError
from tieline.http.transport import Incoming
from tieline.secret import Secret
from tieline.services.webhook_receiver import Repeated, WebhookReceiver
from tieline.services.webhooks import Webhooks, new_secret, with_fresh_secret
from tieline.store.outbox import Endpoint, WebhookStore, create_outbox, enqueue

DAY = 86_400.0


@dataclass
class Receiver:
    """A receiver that checks signatures; `answer` decides what it says to each message."""

    secret: Secret
    clock: JumpingClock
    answer: Callable[[float], int | None] = lambda _: 200
    taken: list[str] = field(default_factory=list)
    heard: list[tuple[float, dict[str, str]]] = field(default_factory=list)

    async def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Incoming:
        assert (method, url) == ("POST", "https://hooks.example.org/in")
        self.heard.append((self.clock.wall(), headers))
        status = self.answer(self.clock.wall())
        if status is None:
            raise NetworkError("no answer")
        if status == 200:
            message = WebhookReceiver(self.secret, clock=self.clock).receive(headers, body)
            self.taken.append(message["n"])
        return Incoming(status, {"retry-after": "90"} if status == 429 else {}, b"")


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WebhookStore]:
    store = WebhookStore(tmp_path / "webhooks.sqlite3")
    yield store
    store.close()


@pytest.fixture
def receiver(store: WebhookStore, clock: JumpingClock) -> Receiver:
    secret = new_secret()
    store.put_endpoint(Endpoint("crm", "https://hooks.example.org/in", ("*",), (secret,)))
    return Receiver(secret, clock)


def webhooks(store: WebhookStore, clock: JumpingClock, receiver: Receiver) -> Webhooks:
    def make(policy: Policy) -> Receiver:
        assert policy == Policy()
        return receiver

    return Webhooks(store, clock, make_sender=make, chance=lambda: 0.5)


async def test_events_arrive_signed_and_in_order(
    store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    hooks = webhooks(store, clock, receiver)
    for number in range(20):
        hooks.emit("runs.progress", {"n": number})

    done = await hooks.deliver_due()

    assert (done.delivered, receiver.taken) == (20, list(range(20)))
    assert {row["state"] for row in store.deliveries()} == {"delivered"}


async def test_a_receiver_that_fails_for_hours_gets_all_in_order_when_it_is_back(
    store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    hooks = webhooks(store, clock, receiver)
    up_again = clock.wall() + 0.7 * DAY
    receiver.answer = lambda now: 200 if now >= up_again else 500
    for number in range(5):
        hooks.emit("x", {"n": number})

    done = await hooks.run(until_empty=True)

    assert (done.delivered, done.dead) == (5, 0)
    assert receiver.taken == list(range(5))
    assert len(receiver.heard) < 30


async def test_after_a_day_of_500_an_event_is_a_dead_letter_that_can_be_replayed(
    store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    hooks = webhooks(store, clock, receiver)
    began = clock.wall()
    receiver.answer = lambda _: 500
    hooks.emit("x", {"n": 1})

    done = await hooks.run(until_empty=True)

    assert (done.delivered, done.dead) == (0, 1)
    assert clock.wall() - began == pytest.approx(DAY)
    (dead,) = store.deliveries(state="dead")
    assert dead["error"] == "the receiver answered 500"

    receiver.answer = lambda _: 200
    assert store.revive(now=clock.wall()) == 1
    clock.advance(DAY)
    assert (await hooks.deliver_due()).delivered == 1
    assert receiver.taken == [1]
    assert {headers["webhook-id"] for _, headers in receiver.heard} == {dead["event_id"]}


async def test_no_answer_is_a_failure_and_the_same_id_comes_again(
    store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    hooks = webhooks(store, clock, receiver)
    answers = iter([None, 301, 200])
    receiver.answer = lambda _: next(answers)
    hooks.emit("x", {"n": 1})

    done = await hooks.run(until_empty=True)

    assert (done.delivered, done.failed) == (1, 2)
    assert len({headers["webhook-id"] for _, headers in receiver.heard}) == 1


async def test_retry_after_is_obeyed(
    store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    hooks = webhooks(store, clock, receiver)
    answers = iter([429, 200])
    receiver.answer = lambda _: next(answers)
    hooks.emit("x", {"n": 1})
    await hooks.run(until_empty=True)

    (first, _), (second, _) = receiver.heard
    assert second - first == 90.0


async def test_gone_means_nothing_more_is_sent(
    store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    hooks = webhooks(store, clock, receiver)
    receiver.answer = lambda _: 410
    for number in range(3):
        hooks.emit("x", {"n": number})
    await hooks.run(until_empty=True)

    assert len(receiver.heard) == 1
    assert store.endpoint("crm").gone


async def test_an_endpoint_hears_only_what_it_asked_for(
    store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    url = "https://hooks.example.org/in"
    store.put_endpoint(Endpoint("crm", url, ("runs.*",), (receiver.secret,), Secret("key-1")))
    hooks = webhooks(store, clock, receiver)
    hooks.emit("flows.launch.completed", {"n": 1})
    hooks.emit("runs.done", {"n": 2})
    await hooks.deliver_due()

    assert receiver.taken == [2]
    assert receiver.heard[0][1]["X-API-Key"] == "key-1"


async def test_an_event_is_told_only_if_the_change_it_tells_of_is_committed(
    tmp_path: Path, store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    ledger = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)
    create_outbox(ledger)
    for number, end in ((1, "ROLLBACK"), (2, "COMMIT")):
        ledger.execute("BEGIN")
        enqueue(ledger, Event(f"evt_{number}", "runs.done", {"n": number}, clock.wall()))
        ledger.execute(end)

    assert store.fan_out(ledger) == 1
    assert store.fan_out(ledger) == 0
    await webhooks(store, clock, receiver).deliver_due()
    ledger.close()

    assert receiver.taken == [2]


async def test_a_crash_between_two_databases_does_not_tell_twice(
    tmp_path: Path, store: WebhookStore, clock: JumpingClock, receiver: Receiver
) -> None:
    event = Event("evt_1", "runs.done", {"n": 1}, clock.wall())
    for name in ("before the crash", "after it"):
        ledger = sqlite3.connect(tmp_path / name, isolation_level=None)
        create_outbox(ledger)
        enqueue(ledger, event)
        store.fan_out(ledger)
        ledger.close()
    await webhooks(store, clock, receiver).deliver_due()

    assert receiver.taken == [1]


def test_one_process_at_a_time_tells_an_endpoint(
    store: WebhookStore, receiver: Receiver, clock: JumpingClock
) -> None:
    now = clock.wall()

    assert store.claim("crm", now=now, until=now + 30)
    assert not store.claim("crm", now=now, until=now + 30)
    assert store.claim("crm", now=now + 31, until=now + 60)
    assert receiver.heard == []


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path, store: WebhookStore) -> None:
    assert (tmp_path / "webhooks.sqlite3").stat().st_mode & 0o077 == 0
    assert store.endpoints() == []


def test_while_a_secret_is_replaced_both_sign(store: WebhookStore, receiver: Receiver) -> None:
    fresh = with_fresh_secret(store.endpoint("crm"))

    assert len(fresh.secrets) == 2
    assert fresh.secrets[1] == receiver.secret


def test_a_recording_played_back_is_refused(clock: JumpingClock) -> None:
    from tieline.calls.signature import sign

    secret = new_secret()
    receiver = WebhookReceiver(secret, clock=clock)
    body = json.dumps({"n": 1}).encode()
    headers = sign([secret], id="evt_1", timestamp=int(clock.wall()), body=body)

    assert receiver.receive(headers, body) == {"n": 1}
    for _ in range(100):
        with pytest.raises(Repeated):
            receiver.receive(headers, body)
