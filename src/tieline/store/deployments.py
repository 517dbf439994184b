"""Journals of deployments: for each rule set and target a file of JSON lines, each synced."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import orjson

from tieline.errors import InvalidInput, StoreUnavailable
from tieline.store.segments.lock import FileLock

_LONGEST_SLUG = 40


class Journal(Protocol):
    """Where a deployment writes what it is about to do and what it did."""

    def entries(self) -> list[dict[str, Any]]:
        """Everything written so far."""
        ...

    def append(self, entry: Mapping[str, Any]) -> None:
        """Write an entry; durable when this returns."""
        ...


class FileJournal:
    """One file, readable by its owner only; a line that a crash left half-written is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[dict[str, Any]]:
        """See `Journal.entries`.

        Raises:
            StoreUnavailable: the file cannot be read, or is no journal.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise StoreUnavailable(f"{self.path} cannot be read: {exc.strerror}") from exc
        whole, _, _ = content.rpartition(b"\n")
        try:
            return [orjson.loads(line) for line in whole.splitlines() if line]
        except orjson.JSONDecodeError as exc:
            raise StoreUnavailable(
                f"{self.path} is damaged: {exc}",
                hint="move the file away; `rules plan` then shows what stands remotely",
            ) from exc

    def append(self, entry: Mapping[str, Any]) -> None:
        """See `Journal.append`.

        Raises:
            StoreUnavailable: it cannot be written; nothing may be sent then.
        """
        line = orjson.dumps(entry) + b"\n"
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                _drop_torn_line(descriptor)
                os.write(descriptor, line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as exc:
            raise StoreUnavailable(f"{self.path} cannot be written: {exc.strerror}") from exc

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from deploying the same rules.

        Raises:
            InvalidInput: another one does at this moment.
            StoreUnavailable: the folder cannot be used.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self.path.with_suffix(".lock"))
        except OSError as exc:
            raise StoreUnavailable(f"{self.path} cannot be locked: {exc.strerror}") from exc
        try:
            with lock.held_at_once() as ours:
                if not ours:
                    raise InvalidInput(
                        "these rules are being deployed by another process",
                        hint="wait for it; `tieline rules status` says where it stands",
                    )
                yield
        finally:
            lock.close()


def journal_path(folder: Path, *, ruleset: str, target: str, place: str) -> Path:
    """The journal of one rule set, target and organisation (`place`: dialect and address)."""
    slug = re.sub(r"[^a-z0-9]+", "-", ruleset.lower()).strip("-")[:_LONGEST_SLUG]
    digest = hashlib.sha256(f"{ruleset}\n{target}\n{place}".encode()).hexdigest()[:12]
    return folder / "deployments" / f"{slug or 'rules'}-{target}-{digest}.jsonl"


def _drop_torn_line(descriptor: int) -> None:
    """A line without an end was never acknowledged: nothing was done in its name."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if not size:
        return
    os.lseek(descriptor, 0, os.SEEK_SET)
    content = os.read(descriptor, size)
    if not content.endswith(b"\n"):
        os.ftruncate(descriptor, content.rfind(b"\n") + 1)
