"""The audit log of a state folder: `AuditSink` on files."""

import asyncio
import hmac
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from tieline._version import __version__
from tieline.audit.canonical import canonical_json
from tieline.audit.line import record_body
from tieline.audit.masking import Masker
from tieline.audit.record import Record
from tieline.clock import Clock, SystemClock
from tieline.errors import StoreUnavailable
from tieline.store.segments.commit import GroupCommit
from tieline.store.segments.files import VERIFY_HINT, storing
from tieline.store.segments.keys import LogKeys, load_or_make_keys, write_private
from tieline.store.segments.lock import FileLock
from tieline.store.segments.writer import SEGMENT_BYTES, SegmentWriter


class SegmentLog:
    """An open audit log. Any number of tasks of one event loop, and other processes, append."""

    def __init__(self, log_id: str, keys: LogKeys, commit: GroupCommit) -> None:
        """Used by `open`, which is how one is made."""
        self.log_id = log_id
        self._keys = keys
        self._commit = commit

    @classmethod
    async def open(
        cls, folder: Path, *, clock: Clock | None = None, segment_bytes: int = SEGMENT_BYTES
    ) -> Self:
        """Open the log in `folder`, making folder, id and keys at first use.

        Raises:
            StoreUnavailable: the folder cannot be written, or the log's end is damaged.
        """
        clock = clock or SystemClock()
        log_id, keys = await asyncio.to_thread(_prepare, folder)
        writer = await asyncio.to_thread(
            SegmentWriter,
            folder,
            log_id,
            code_version=__version__,
            segment_bytes=segment_bytes,
        )
        return cls(log_id, keys, GroupCommit(writer, clock))

    async def append(self, record: Record) -> str:
        """Return the record's id, `<log>:<sequence>`, once it is durable.

        A task cancelled while it waits may have its record in the log; nothing is taken back.

        Raises:
            StoreUnavailable: it could not be made durable.
        """
        body = record_body(record, code_version=__version__)
        sequence = await self._commit.submit(body)
        return f"{self.log_id}:{sequence}"

    def fingerprint(self, value: object) -> str:
        """HMAC-SHA-256 (hex) of the value's canonical JSON under this log's key."""
        return hmac.digest(self._keys.fingerprint, canonical_json(value), "sha256").hex()

    def masker(self) -> Masker:
        """A masker whose pseudonyms join with this log's."""
        return Masker(self._keys.fingerprint)

    async def aclose(self) -> None:
        """Make everything durable and release the files."""
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


def _prepare(folder: Path) -> tuple[str, LogKeys]:
    with storing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / "lock")
        try:
            with lock.held():
                return _log_id(folder), load_or_make_keys(folder / "keys")
        finally:
            lock.close()


def _log_id(folder: Path) -> str:
    path = folder / "log.json"
    try:
        return str(orjson.loads(path.read_bytes())["log"])
    except FileNotFoundError:
        log_id = secrets.token_hex(8)
        write_private(path, orjson.dumps({"log": log_id, "format": 1}))
        return log_id
    except (orjson.JSONDecodeError, KeyError, TypeError) as exc:
        raise StoreUnavailable(f"{path} is damaged", hint=VERIFY_HINT) from exc
