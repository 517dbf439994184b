"""The port through which every service records what it is about to do, and what became of it."""

from collections.abc import Awaitable
from typing import Protocol

from tieline.audit.record import Record
from tieline.types import Json


class AuditSink(Protocol):
    """An append-only log."""

    def append(self, record: Record) -> Awaitable[str]:
        """Write a record; what is awaited is its id, once it is durable.

        Raises:
            StoreUnavailable: it cannot be made durable; the caller must then not go on.
        """
        ...

    def fingerprint(self, value: Json) -> str:
        """HMAC-SHA-256 (hex) of the value's canonical JSON under this log's key."""
        ...

    async def aclose(self) -> None:
        """Make everything durable and release the files."""
        ...
