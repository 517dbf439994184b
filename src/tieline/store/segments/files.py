"""Where a log keeps what, and how its segments are listed and read.

log.json              the log's id, and the host that writes it
segments/<first>.jsonl  the records, named by the sequence of their first line
torn/                 what a crash left unfinished, kept as evidence
keys/                 signing key and fingerprint key (0600), public keys
tile/ checkpoint      the tree over the lines, as C2SP tlog-tiles lays it out
lock                  held while lines are written
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tieline.errors import StoreUnavailable

_DIGITS = 12
_TAIL_BYTES = 64 * 1024

VERIFY_HINT = "`tieline audit verify` says what is wrong; keep the folder as evidence"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of lines; `first` is the sequence of its first line."""

    path: Path
    first: int


def segment_path(folder: Path, first: int) -> Path:
    """The file of the segment that begins with this sequence."""
    return folder / "segments" / f"{first:0{_DIGITS}d}.jsonl"


def list_segments(folder: Path) -> list[Segment]:
    """All segments in order; a file whose name is no sequence is not the log's."""
    found = (folder / "segments").glob("*.jsonl")
    return sorted(
        (Segment(path, int(path.stem)) for path in found if path.stem.isdigit()),
        key=lambda segment: segment.first,
    )


def last_line(descriptor: int, end: int) -> bytes | None:
    """The line that ends at offset `end`, just behind its line feed; None where there is none."""
    size = _TAIL_BYTES
    while True:
        start = max(0, end - size)
        tail = os.pread(descriptor, end - start, start)[:-1]
        cut = tail.rfind(b"\n")
        if cut >= 0:
            return tail[cut + 1 :]
        if start == 0:
            return tail or None
        size *= 4


@contextmanager
def storing(what: str | Path) -> Iterator[None]:
    """Turn the system's errors into one that says which file cannot be used and why.

    Raises:
        StoreUnavailable: for any OSError inside.
    """
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or str(exc)
        if exc.filename is not None:
            reason = f"{reason}: {Path(os.fsdecode(exc.filename)).name}"
        raise StoreUnavailable(
            f"the audit log at {what} cannot be used: {reason}",
            hint="nothing goes out unrecorded; free space or make the folder writable, or set"
            " another --state-dir",
        ) from exc


def sync_folder(folder: Path) -> None:
    """Make a file's name durable: a crash may otherwise forget a file whose content was synced."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(descriptor: int, content: bytes, *, start: int) -> None:
    """Write all of it, or leave the file as it was (disk full in the middle of a line)."""
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        os.ftruncate(descriptor, start)
        raise


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; it is whole or absent, never half."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.making")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
