"""The audit log of a state folder: `AuditSink` on files."""

import asyncio
from collections.abc import Awaitable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tieline._version import __version__
from tieline.audit.canonical import canonical_json
from tieline.audit.keyed import Keyed
from tieline.audit.line import record_body
from tieline.audit.masking import Masker
from tieline.audit.record import Record
from tieline.clock import Clock, SystemClock
from tieline.store.segments.commit import GroupCommit
from tieline.store.segments.opening import OpenLog, open_log
from tieline.store.segments.writer import SEGMENT_BYTES
from tieline.types import Json


class SegmentLog:
    """An open audit log. Any number of tasks of one event loop, and other processes, append."""

    def __init__(
        self, opened: OpenLog, commit: GroupCommit, personal: Sequence[str], plain: Sequence[str]
    ) -> None:
        """Used by `open`, which is how one is made."""
        self.log_id = opened.log_id
        self._fingerprint_key = opened.keys.fingerprint
        self._keyed = Keyed(self._fingerprint_key)
        self._commit = commit
        self._names = (personal, plain)

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        clock: Clock | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        personal: Sequence[str] = (),
        plain: Sequence[str] = (),
    ) -> Self:
        """Open the log in `folder`, making folder, id and keys at first use.

        `personal` and `plain` are key names that its masker takes more or less than usual.

        Raises:
            StoreUnavailable: the folder cannot be written, or the log's end is not what was signed.
        """
        opened = await asyncio.to_thread(open_log, folder, segment_bytes=segment_bytes)
        return cls(opened, GroupCommit(opened, clock or SystemClock()), personal, plain)

    def append(self, record: Record) -> Awaitable[str]:
        """Give the record's id, `<log>:<sequence>`, once it is durable.

        A task cancelled while it waits may have its record in the log; nothing is taken back.

        Raises:
            StoreUnavailable: it could not be made durable.
        """
        return self._commit.submit(record_body(record, code_version=__version__))

    def fingerprint(self, value: Json) -> str:
        """HMAC-SHA-256 (hex) of the value's canonical JSON under this log's key."""
        return self._keyed.hex(canonical_json(value))

    def masker(self) -> Masker:
        """A masker whose pseudonyms join with this log's."""
        personal, plain = self._names
        return Masker(self._fingerprint_key, personal=personal, plain=plain)

    async def aclose(self) -> None:
        """Make everything durable, sign it and release the files.

        Raises:
            StoreUnavailable: the last records are durable but could not be signed.
        """
        await self._commit.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
