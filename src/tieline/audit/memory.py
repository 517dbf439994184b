"""An audit log that lives as long as its process: for tests, and for emulators that forget."""

import secrets

from tieline.audit.canonical import canonical_json
from tieline.audit.keyed import Keyed
from tieline.audit.masking import Masker
from tieline.audit.record import Record
from tieline.types import Json


class MemoryLog:
    """Keeps records in a list; ids count from `memory:0`."""

    def __init__(self, *, key: bytes | None = None) -> None:
        """Fingerprint and mask under `key`; without one, under a key nobody else has."""
        self._key = key or secrets.token_bytes(32)
        self._keyed = Keyed(self._key)
        self.records: list[Record] = []

    async def append(self, record: Record) -> str:
        """See `AuditSink.append`."""
        self.records.append(record)
        return f"memory:{len(self.records) - 1}"

    def fingerprint(self, value: Json) -> str:
        """See `AuditSink.fingerprint`."""
        return self._keyed.hex(canonical_json(value))

    def masker(self) -> Masker:
        """A masker whose pseudonyms join with this log's fingerprints."""
        return Masker(self._key)

    async def aclose(self) -> None:
        """Nothing to release."""
