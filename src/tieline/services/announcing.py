"""Turns recorded outcomes into events, where a webhook is set up; else costs nothing."""

from pathlib import Path
from typing import Any

import anyio

from tieline.audit.record import Record
from tieline.calls.event import standard_payload
from tieline.clock import Clock, rfc3339
from tieline.errors import StoreUnavailable
from tieline.observe.logs import logger
from tieline.services.webhooks import Webhooks
from tieline.store.outbox import WebhookStore

_log = logger("webhooks")

# A command that ends does not wait long for receivers: what is left is delivered by the next one,
# or by `tieline webhooks deliver --watch`.
_PARTING_SECONDS = 3.0

_TOLD = (
    "operation", "target_kind", "target_id", "target_version", "profile", "status", "execution_id",
    "result", "error", "attempts", "latency_ms", "correlation_id", "intent_id",
)  # fmt: skip


class Announcer:
    """Tells of outcomes as `<operation>.<status>`, such as `flows.launch.completed`."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Use the webhooks of this file.

        Raises:
            StoreUnavailable: it cannot be used.
        """
        self._clock = clock
        self._store = WebhookStore(path)
        self._webhooks = Webhooks(self._store, clock)

    def outcome(self, record: Record, audit_id: str) -> None:
        """Keep the event of a recorded outcome. The record is masked, so the event is.

        An event that cannot be kept is logged: what it tells of has happened and stands in the log.
        """
        event_type = f"{record.operation}.{record.status}"
        told: dict[str, Any] = {name: getattr(record, name) for name in _TOLD}
        told["audit_id"] = audit_id
        timestamp = rfc3339(self._clock.wall())
        try:
            self._webhooks.emit(event_type, standard_payload(event_type, timestamp, told))
        except StoreUnavailable as exc:
            _log.error(
                "an event could not be kept", type=event_type, reason=exc.message
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
