"""Telling a `callback_url` of the end: checked when it is given, told through the durable outbox.

An address is an endpoint of the outbox like any other: signed, in order, retried for a day, and
pinned to the addresses that were judged. What waits when the service stops is told by the next one.
"""

import hashlib
from pathlib import Path

import anyio

from tieline.calls.destination import Policy, judge_addresses, judge_url
from tieline.clock import Clock
from tieline.errors import InvalidInput
from tieline.http.ssrf import resolve_name
from tieline.secret import Secret
from tieline.services.webhooks import Webhooks, new_secret
from tieline.store.outbox import Endpoint, WebhookStore
from tieline.types import JsonObject

RESOLVE_SECONDS = 5.0
# Under https the address is judged; a caller who gives http has chosen it (the guides allow both).
EVENT = "gateway.invocation"


class OutboxCallbacks:
    """The gateway's call-backs, kept in the state directory beside the other webhooks."""

    def __init__(
        self,
        store: WebhookStore,
        clock: Clock,
        *,
        networks: tuple[str, ...] = (),
        secret: Secret | None = None,
    ) -> None:
        """`networks` are private ones that may be called all the same."""
        self._store = store
        self._networks = networks
        self._policy = Policy.allowing(*networks, plain_http=True)
        self._secret = secret
        self._webhooks = Webhooks(store, clock)

    async def check(self, url: str) -> None:
        """Refuse an address inside this network before anything is passed on.

        Raises:
            InvalidInput: the URL or one of its addresses is not allowed, or the name is not known.
        """
        try:
            destination = judge_url(url, self._policy)
            if destination.address is not None:
                found = [str(destination.address)]
            else:
                with anyio.fail_after(RESOLVE_SECONDS):
                    found = list(await resolve_name(destination.host, destination.port))
            judge_addresses(destination.host, found, self._policy)
        except (OSError, TimeoutError) as exc:
            raise _refused("its name cannot be resolved") from exc
        except InvalidInput as refused:
            raise _refused(refused.message) from refused

    async def announce(self, url: str, document: JsonObject) -> None:
        """Keep the document for delivery; durable when this returns."""
        name = f"callback-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
        event = f"{EVENT}.{name}"
        if name not in {endpoint.name for endpoint in self._store.endpoints()}:
            self._store.put_endpoint(
                Endpoint(
                    name, url, (event,), (self._secret or new_secret(),),
                    networks=self._networks, plain_http=True,
                )
            )  # fmt: skip
        self._webhooks.emit(event, dict(document))

    async def deliver(self) -> None:
        """Deliver until cancelled."""
        await self._webhooks.run(until_empty=False)


def open_callbacks(
    state_dir: Path, clock: Clock, *, networks: tuple[str, ...], secret: Secret | None
) -> tuple[OutboxCallbacks, WebhookStore]:
    """Open the outbox of a state directory; the store is the caller's to close.

    Raises:
        StoreUnavailable: the file cannot be used.
    """
    store = WebhookStore(state_dir / "webhooks.sqlite3")
    return OutboxCallbacks(store, clock, networks=networks, secret=secret), store


def _refused(reason: str) -> InvalidInput:
    message = f"callback_url: {reason}"
    detail = {"loc": ["callback_url"], "type": "callback_address", "message": reason}
    return InvalidInput(message, details=[detail])
