"""Turns recorded outcomes into events, where a webhook is set up; else costs nothing."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import anyio

from tieline.audit.record import Record
from tieline.calls.event_catalogue import OutcomeRecorded, Told
from tieline.clock import Clock
from tieline.errors import StoreUnavailable
from tieline.observe.logs import logger
from tieline.services.webhooks import Webhooks
from tieline.store.outbox import WebhookStore

_log = logger("webhooks")

# A command that ends does not wait long for receivers: what is left is delivered by the next one,
# or by `tieline webhooks deliver --watch`.
_PARTING_SECONDS = 3.0

_OF_THE_RECORD = tuple(field.name for field in fields(OutcomeRecorded) if field.name != "audit_id")


class Announcer:
    """Tells of outcomes as `<operation>.<status>`, such as `flows.launch.completed`."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Use the webhooks of this file.

        Raises:
            StoreUnavailable: it cannot be used.
        """
        self._store = WebhookStore(path)
        self._webhooks = Webhooks(self._store, clock)

    def outcome(self, record: Record, audit_id: str) -> None:
        """Keep the event of a recorded outcome. The record is masked, so the event is.

        One that cannot be kept is only logged: what it tells of has happened, and is on record.
        """
        told: dict[str, Any] = {name: getattr(record, name) for name in _OF_THE_RECORD}
        self.tell(OutcomeRecorded(**told, audit_id=audit_id))

    def tell(self, event: Told) -> None:
        """Keep an event whose content is masked already. One that cannot be kept is logged."""
        try:
            self._webhooks.tell(event)
        except StoreUnavailable as exc:
            _log.error(
                "an event could not be kept", type=event.type, reason=exc.message
            )  # the reason is in the message

    async def aclose(self) -> None:
        """Deliver what is due, for some seconds at most, and let go of the file."""
        try:
            with anyio.move_on_after(_PARTING_SECONDS):
                await self._webhooks.deliver_due()
        except StoreUnavailable as exc:
            _log.warning("events wait for another time", reason=exc.message)
        finally:
            self._store.close()


def announcer_of(state_dir: Path, clock: Clock) -> Announcer | None:
    """None where no webhook was ever added."""
    path = state_dir / "webhooks.sqlite3"
    return Announcer(path, clock) if path.exists() else None
