"""An audit log, for those who only look: its head, its records, and what proves them."""

import os
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.to_thread

from tieline.audit.checkpoint import Checkpoint, parse_checkpoint, parse_note
from tieline.audit.keychain import ChainedKey, signer_of
from tieline.audit.line import parse_line
from tieline.audit.masking import Masker
from tieline.audit.merkle import check_inclusion, leaf_hash
from tieline.audit.proof import InclusionProof
from tieline.audit.query import Query
from tieline.clock import Clock
from tieline.errors import Error, NotFound, StoreUnavailable
from tieline.store.segments.files import last_line, list_segments, storing
from tieline.store.segments.index import (
    bring_up_to_date,
    indexed_record,
    search,
    sequence_of,
)
from tieline.store.segments.keys import load_chain
from tieline.store.segments.opening import read_log_id
from tieline.store.segments.prove import newest_checkpoint, prove_inclusion
from tieline.store.segments.verify import Verification, verify_log

# A flow has two outcomes, launched and ended; more than a few come of no program of ours.
MOST_OUTCOMES = 20
INDEX_AGAIN_SECONDS = 10.0
# Longer than a log of usual size takes; a reader does not stare at an empty window for longer.
INDEX_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where a log stands. `records` counts the unsigned ones behind the checkpoint too."""

    log_id: str
    checkpoint: Checkpoint | None
    records: int
    last_time: str | None
    keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A record with what belongs to it: an outcome's intent, an intent's outcomes."""

    record: Mapping[str, Any]
    intent: Mapping[str, Any] | None
    outcomes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Proven:
    """A proof and what checking it here came to; `signer` is the key that signed, as a vkey."""

    proof: InclusionProof
    verdict: Literal["proven", "not in the tree", "not signed by this log's keys"]
    signer: str | None


class AuditReader:
    """Reads the log in one folder; there may be none yet. Methods block in a thread.

    `keep_index` indexes a log for the first time, which takes seconds for each hundred thousand
    records; searches wait for it a little, and are then put off.
    """

    def __init__(
        self, folder: Path, clock: Clock, *, patience_s: float = INDEX_PATIENCE_SECONDS
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._patience_s = patience_s
        self._indexed = anyio.Event()
        self._own_key = secrets.token_bytes(32)

    async def keep_index(self) -> None:
        """Keep the search index up to date until cancelled; a search then has little to add."""
        while True:
            with suppress(Error):  # a search says why it cannot be kept
                await anyio.to_thread.run_sync(self._index)
            self._indexed.set()
            await self._clock.sleep(INDEX_AGAIN_SECONDS)

    async def head(self) -> LogHead | None:
        """How far the log is and how far it is signed; None before there is a log.

        Raises:
            StoreUnavailable: it cannot be read.
            InvalidInput: its checkpoint is damaged.
        """
        return await anyio.to_thread.run_sync(self._head)

    async def search(
        self, query: Query, *, limit: int, below: int | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """A page of matching records, the newest first, older than `below`; over the index only.

        Raises:
            StoreUnavailable: the log cannot be read, or the index cannot be kept beside it.
        """

        def work() -> Sequence[Mapping[str, Any]]:
            log_id = self._log_id()
            if log_id is None:
                return ()
            try:
                return list(search(self.folder, log_id, query, limit=limit, below=below))
            except sqlite3.Error as exc:
                raise self._no_index(exc) from exc

        await self._wait_for_index()
        with storing(self.folder):
            return await anyio.to_thread.run_sync(work)

    async def pair(self, seq: int) -> Pair:
        """A record with its intent and outcomes.

        Raises:
            NotFound: there is no such record.
            StoreUnavailable: the log cannot be read, or the index cannot be kept beside it.
        """
        await self._wait_for_index()
        with storing(self.folder):
            return await anyio.to_thread.run_sync(self._pair, seq)

    async def prove(self, seq: int) -> Proven:
        """Prove a record against the newest checkpoint, and check the proof.

        Raises:
            InvalidInput: it is not signed yet, or was dropped by retention.
            StoreUnavailable: the log cannot be read, or its tree is damaged.
        """

        def work() -> Proven:
            return _checked(prove_inclusion(self.folder, seq), load_chain(self.folder / "keys"))

        return await anyio.to_thread.run_sync(work)

    async def verify(self, *, since: Checkpoint | None) -> Verification | None:
        """Verify the log, or only what came after a checkpoint; None before there is a log.

        Raises:
            StoreUnavailable: it cannot be read.
        """
        if await anyio.to_thread.run_sync(self._log_id) is None:
            return None
        return await anyio.to_thread.run_sync(lambda: verify_log(self.folder, since=since))

    def masker(self) -> Masker:
        """A masker whose pseudonyms join with the log's; with a key of its own before one is."""
        try:
            key = bytes.fromhex((self.folder / "keys" / "fingerprint.key").read_text("ascii"))
        except (OSError, ValueError):
            key = self._own_key
        return Masker(key)

    async def _wait_for_index(self) -> None:
        with anyio.move_on_after(self._patience_s):
            await self._indexed.wait()
            return
        raise StoreUnavailable(
            "the search index of this log is being made", hint="reload this page in a moment"
        )

    def _index(self) -> None:
        log_id = self._log_id()
        if log_id is None:
            return
        try:
            bring_up_to_date(self.folder, log_id)
        except sqlite3.Error as exc:
            raise self._no_index(exc) from exc

    def _log_id(self) -> str | None:
        return read_log_id(self.folder)

    def _head(self) -> LogHead | None:
        log_id = self._log_id()
        if log_id is None:
            return None
        signed = (self.folder / "checkpoint").exists()
        point = newest_checkpoint(self.folder)[1] if signed else None
        last = self._last_record()
        size = 0 if point is None else point.size
        records = size if last is None else max(size, last["seq"] + 1)
        keys = [str(link.key) for link in load_chain(self.folder / "keys")]
        return LogHead(log_id, point, records, None if last is None else last["time"], keys)

    def _last_record(self) -> Mapping[str, Any] | None:
        """The last whole record, read from the end of the newest segment that has one."""
        with storing(self.folder):
            for segment in reversed(list_segments(self.folder)):
                descriptor = os.open(segment.path, os.O_RDONLY)
                try:
                    end = _end_of_last_line(descriptor)
                    line = last_line(descriptor, end) if end else None
                finally:
                    os.close(descriptor)
                members = None if line is None else parse_line(line)
                if members is not None:
                    return members
        return None

    def _pair(self, seq: int) -> Pair:
        log_id = self._log_id()
        try:
            record = None if log_id is None else indexed_record(self.folder, log_id, seq)
            if log_id is None or record is None:
                raise NotFound(f"there is no record {seq} in this log", status=404)
            intent = self._intent_of(record, log_id)
            if intent is None:
                return Pair(record, None, (record,))
            tied = Query(fields={"intent_id": f"{log_id}:{intent['seq']}"})
            outcomes = list(search(self.folder, log_id, tied, limit=MOST_OUTCOMES))
            return Pair(record, intent, outcomes[::-1])
        except sqlite3.Error as exc:
            raise self._no_index(exc) from exc

    def _intent_of(self, record: Mapping[str, Any], log_id: str) -> Mapping[str, Any] | None:
        if record.get("phase") == "intent":
            return record
        seq = sequence_of(str(record.get("intent_id", "")), log_id)
        return None if seq is None else indexed_record(self.folder, log_id, seq)

    def _no_index(self, exc: sqlite3.Error) -> StoreUnavailable:
        return StoreUnavailable(
            f"the search index of {self.folder} cannot be kept: {exc}",
            hint="`tieline audit search` reads the log through instead",
        )


def _checked(proof: InclusionProof, chain: Sequence[ChainedKey]) -> Proven:
    note = parse_note(proof.checkpoint)
    point = parse_checkpoint(note.text)
    signer = signer_of(note, point.size, chain)
    if point.origin != chain[0].key.name or signer is None:
        return Proven(proof, "not signed by this log's keys", None)
    leaf = leaf_hash(proof.line.encode())
    if not check_inclusion(leaf, proof.record, proof.size, proof.path, point.root):
        return Proven(proof, "not in the tree", str(signer))
    return Proven(proof, "proven", str(signer))


def _end_of_last_line(descriptor: int) -> int:
    """The offset behind the last line feed; 0 where there is none in the file's last megabytes."""
    size = os.fstat(descriptor).st_size
    reach = min(size, 16 * 2**20)
    step = 64 * 1024
    while step < reach * 4:
        start = max(0, size - min(step, reach))
        cut = os.pread(descriptor, size - start, start).rfind(b"\n")
        if cut >= 0:
            return start + cut + 1
        step *= 4
    return 0
