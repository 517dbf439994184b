"""Tells endpoints of events: at least once, in order, signed, and never into our own network."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import anyio

from tieline._version import __version__
from tieline.calls.delivery import judge_status, next_try, pause
from tieline.calls.destination import Policy
from tieline.calls.event import Event
from tieline.calls.event_catalogue import Told
from tieline.calls.retry_after import retry_after
from tieline.calls.signature import PREFIX, sign
from tieline.clock import Clock, rfc3339
from tieline.errors import Error
from tieline.http.ssrf import DEFAULT_TIMEOUT_SECONDS, GuardedSender
from tieline.http.transport import Incoming
from tieline.observe.logs import logger
from tieline.secret import Secret
from tieline.store.outbox import Delivery, Endpoint, WebhookStore

_log = logger("webhooks")

# Longer than one attempt can take: a claim that runs out means that its process died.
_CLAIM_SECONDS = DEFAULT_TIMEOUT_SECONDS + 10.0


class Sender(Protocol):
    """Writes one request to a configured URL; `GuardedSender` on real sockets."""

    async def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Incoming:
        """See `GuardedSender.send`."""
        ...


MakeSender = Callable[[Policy], Sender]


@dataclass(frozen=True, slots=True)
class Round:
    """What one pass over all endpoints came to."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0

    def __add__(self, other: "Round") -> "Round":
        return Round(
            self.delivered + other.delivered, self.failed + other.failed, self.dead + other.dead
        )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An answer, or why there is none."""

    verdict: str
    error: str | None = None
    retry_after: float | None = None


class Webhooks:
    """Delivers what waits in a store. `chance` gives jitter, uniform in [0, 1)."""

    def __init__(
        self,
        store: WebhookStore,
        clock: Clock,
        *,
        make_sender: MakeSender = GuardedSender,
        chance: Callable[[], float] = lambda: secrets.randbelow(1 << 20) / (1 << 20),
    ) -> None:
        self._store = store
        self._clock = clock
        self._make_sender = make_sender
        self._chance = chance

    def emit(self, event_type: str, payload: dict[str, object]) -> Event:
        """Keep an event for delivery; durable when this returns. `payload` is masked already."""
        event = Event(new_event_id(), event_type, payload, self._clock.wall())
        self._store.add(event)
        return event

    def tell(self, event: Told) -> Event:
        """Keep an event of the catalogue for delivery; durable when this returns."""
        return self.emit(event.type, event.document(rfc3339(self._clock.wall())))

    async def deliver_due(self) -> Round:
        """Try every endpoint that is due, all at once, each until its line is empty or fails."""
        self._store.fan_out()
        results: list[Round] = []

        async def tell(endpoint: Endpoint) -> None:
            results.append(await self._tell(endpoint))

        async with anyio.create_task_group() as group:
            for endpoint in self._store.endpoints():
                group.start_soon(tell, endpoint)
        return sum(results, start=Round())

    async def run(self, *, until_empty: bool, idle_seconds: float = 1.0) -> Round:
        """Deliver as time goes on: until nothing waits, or until cancelled."""
        total = Round()
        while True:
            total += await self.deliver_due()
            due = self._store.next_due()
            if due is None and until_empty:
                return total
            wait = idle_seconds if due is None else max(0.0, due - self._clock.wall())
            await self._clock.sleep(wait if until_empty else min(wait, idle_seconds))

    async def _tell(self, endpoint: Endpoint) -> Round:
        now = self._clock.wall()
        if not self._store.claim(endpoint.name, now=now, until=now + _CLAIM_SECONDS):
            return Round()
        failures, next_at, gone = endpoint.failures, now, False
        total = Round()
        try:
            while next_at <= now and not gone:
                delivery = self._store.oldest(endpoint.name)
                if delivery is None:
                    break
                attempt = await self._attempt(endpoint, delivery)
                now = self._clock.wall()
                if attempt.verdict == "delivered":
                    failures, next_at = 0, now
                    self._store.settle(delivery, "delivered")
                    total += Round(delivered=1)
                    continue
                failures, gone = failures + 1, attempt.verdict == "gone"
                wait = pause(failures, chance=self._chance(), retry_after=attempt.retry_after)
                again = None if gone else next_try(now, delivery.at, wait)
                next_at = now + wait if again is None else again
                total += self._settle_failure(delivery, attempt, dead=again is None)
        finally:
            self._store.release(endpoint.name, failures=failures, next_at=next_at, gone=gone)
        return total

    def _settle_failure(self, delivery: Delivery, attempt: _Attempt, *, dead: bool) -> Round:
        self._store.settle(delivery, "dead" if dead else "pending", error=attempt.error)
        _log.warning(
            "an event was not delivered",
            event_id=delivery.event_id,
            type=delivery.type,
            reason=attempt.error,
            dead=dead,
        )
        return Round(dead=1) if dead else Round(failed=1)

    async def _attempt(self, endpoint: Endpoint, delivery: Delivery) -> _Attempt:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"tieline/{__version__}",
            **sign(
                endpoint.secrets,
                id=delivery.event_id,
                timestamp=int(self._clock.wall()),
                body=delivery.payload,
            ),
        }
        if endpoint.api_key is not None:
            headers["X-API-Key"] = endpoint.api_key.reveal()
        try:
            policy = Policy.allowing(*endpoint.networks, plain_http=endpoint.plain_http)
            sender = self._make_sender(policy)
            answer = await sender.send("POST", endpoint.url, headers, delivery.payload)
        except Error as exc:
            return _Attempt("failed", exc.message)
        verdict = judge_status(answer.status)
        if verdict == "delivered":
            return _Attempt(verdict)
        asked = retry_after(answer.headers, None, wall=self._clock.wall())
        return _Attempt(verdict, f"the receiver answered {answer.status}", asked)


def new_event_id() -> str:
    """An id no other event has; without dots, which separate the parts of what is signed."""
    return f"evt_{secrets.token_hex(16)}"


def new_secret() -> Secret:
    """A fresh signing secret of 32 bytes, as receivers' libraries read it."""
    return Secret(PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())


def with_fresh_secret(endpoint: Endpoint) -> Endpoint:
    """Sign with a fresh secret and, while receivers change over, with the one before."""
    return replace(endpoint, secrets=(new_secret(), *endpoint.secrets[:1]))
