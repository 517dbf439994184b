"""Writes lines at the end of a log that other processes write too.

Under the lock a writer first looks at what others appended, then writes its own lines in one
piece. It lets go before it waits for the disk: `fdatasync` makes everything before it durable as
well, so several processes wait for the disk at once.

A crash can leave the last line unfinished. Whoever takes the lock next keeps that piece as
evidence, cuts it off, and says so in a record of its own; no record that was acknowledged is in it.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tieline.audit.line import Stamp, parse_line, record_body, stamped
from tieline.audit.record import Record
from tieline.audit.tiles import TILE_WIDTH
from tieline.clock import rfc3339
from tieline.errors import StoreUnavailable
from tieline.store.segments.files import (
    VERIFY_HINT,
    Segment,
    last_line,
    list_segments,
    segment_path,
    storing,
    sync_folder,
    write_whole,
)
from tieline.store.segments.lock import FileLock
from tieline.store.segments.tree import Place

# A segment ends at the first whole tile beyond this size. Segments begin at multiples of a tile's
# width, so no tile spans two of them, and dropping a segment leaves every other tile whole.
SEGMENT_BYTES = 32 * 2**20


@dataclass(slots=True)
class _End:
    """What this process knows of the log's end."""

    segment: Segment
    descriptor: int
    offset: int
    seq: int  # of the next line
    time: str = ""  # of the last line; empty before the first

    def place(self) -> Place:
        return Place(self.seq, self.segment.first, self.offset)


class SegmentWriter:
    """The end of one log in this process. Use it from one thread at a time."""

    def __init__(
        self, folder: Path, log: str, *, code_version: str, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        """Find the end, making the first segment if there is none.

        Raises:
            StoreUnavailable: the files cannot be written, or their end is not readable.
        """
        self._folder = folder
        self._log = log
        self._code_version = code_version
        self._segment_bytes = segment_bytes
        with storing(folder):
            self._lock = FileLock(folder / "lock")
            with self._lock.held():
                self._end = self._open_newest()
                os.fdatasync(self._end.descriptor)
        self._durable = self._end.place()
        self._broken = False

    @property
    def end(self) -> Place:
        """Behind the last line this process wrote or saw that is certainly durable."""
        return self._durable

    def append(self, bodies: Sequence[bytes], *, wall: float) -> range:
        """Write record bodies as lines and return the sequences they got, once they are durable.

        Fewer than given are taken where a segment ends; call again for the others. Time never runs
        backwards within a log: where the clock did, the last time is repeated and the line says how
        far behind the clock was.

        Raises:
            StoreUnavailable: none of them is acknowledged.
        """
        if self._broken:
            raise StoreUnavailable(
                f"the disk did not confirm a write to the audit log at {self._folder}",
                hint="what is on it is not known until it is read again: restart",
            )
        with storing(self._folder):
            with self._lock.held():
                notices = self._catch_up()
                first = self._write([*notices, *bodies], wall=wall)
                descriptor, place = self._end.descriptor, self._end.place()
            # After a failed sync the kernel may forget the pages: a second one would lie.
            self._broken = True
            os.fdatasync(descriptor)
            self._broken = False
        self._durable = place
        return range(first + len(notices), place.seq)

    def close(self) -> None:
        """Let go of the files."""
        os.close(self._end.descriptor)
        self._lock.close()

    def _write(self, bodies: Sequence[bytes], *, wall: float) -> int:
        end = self._end
        if end.offset >= self._segment_bytes and end.seq % TILE_WIDTH == 0:
            end = self._end = self._rotate()
        if end.offset + sum(map(len, bodies)) >= self._segment_bytes:
            bodies = bodies[: TILE_WIDTH - end.seq % TILE_WIDTH]
        time, behind_ms = _next_time(end.time, wall)
        first = end.seq
        lines = stamped(bodies, Stamp(self._log, first, time, behind_ms))
        content = b"".join(lines)
        write_whole(end.descriptor, content, start=end.offset)
        end.offset += len(content)
        end.seq += len(lines)
        end.time = time
        return first

    def _catch_up(self) -> list[bytes]:
        """Take in what other processes appended; what it returns must be written first."""
        state = os.fstat(self._end.descriptor)
        if state.st_nlink == 0:
            raise StoreUnavailable(
                f"the audit log at {self._folder} was removed while it was in use",
                hint="restart to begin another log",
            )
        if not state.st_mode & stat.S_IWUSR:
            os.close(self._end.descriptor)
            self._end = self._open_newest()
            state = os.fstat(self._end.descriptor)
        if state.st_size < self._end.offset:
            raise StoreUnavailable(
                f"{self._end.segment.path} became shorter while it was in use", hint=VERIFY_HINT
            )
        if state.st_size == self._end.offset:
            return []
        return self._take_in(state.st_size)

    def _take_in(self, size: int) -> list[bytes]:
        end = self._end
        added = os.pread(end.descriptor, size - end.offset, end.offset)
        whole = added.rfind(b"\n") + 1
        if whole:
            end.seq += added.count(b"\n")
            end.offset += whole
            self._read_last()
        if whole == len(added):
            return []
        return [self._recover(added[whole:])]

    def _recover(self, torn: bytes) -> bytes:
        """Move an unfinished line out of the log; returns the record that tells of it."""
        end = self._end
        place = f"{end.segment.path.stem}-{end.offset}.part"
        kept = self._folder / "torn" / place
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        kept.write_bytes(torn)
        os.ftruncate(end.descriptor, end.offset)
        told = {"segment": end.segment.path.name, "kept": f"torn/{place}", "bytes": len(torn)}
        return record_body(
            Record("outcome", "audit.recover", status="completed", extra=told),
            code_version=self._code_version,
        )

    def _open_newest(self) -> _End:
        """Open the segment that takes the next line. The position is before an unfinished line."""
        segments = list_segments(self._folder)
        if not segments:
            return self._make_segment(0)
        newest = segments[-1]
        if not newest.path.stat().st_mode & stat.S_IWUSR:
            return self._after_sealed(newest)
        return self._open(newest, os.O_RDWR | os.O_APPEND)

    def _open(self, segment: Segment, flags: int) -> _End:
        descriptor = os.open(segment.path, flags)
        self._end = _End(segment, descriptor, offset=0, seq=segment.first)
        size = os.fstat(descriptor).st_size
        while size and os.pread(descriptor, 1, size - 1) != b"\n":
            size = _line_start(descriptor, size)
        self._end.offset = size
        self._read_last()
        return self._end

    def _read_last(self) -> None:
        """Take sequence and time from the last whole line.

        Raises:
            StoreUnavailable: it is no line of this log; writing behind it would hide that.
        """
        end = self._end
        line = last_line(end.descriptor, end.offset) if end.offset else None
        if line is None:
            return
        members = parse_line(line)
        if members is None or members["log"] != self._log:
            raise StoreUnavailable(
                f"the last line of {end.segment.path} is not a record of this log", hint=VERIFY_HINT
            )
        end.seq = members["seq"] + 1
        end.time = members["time"]

    def _after_sealed(self, sealed: Segment) -> _End:
        """A process died between sealing a segment and making the next: make it."""
        end = self._open(sealed, os.O_RDONLY)
        os.close(end.descriptor)
        return self._make_segment(end.seq, time=end.time)

    def _rotate(self) -> _End:
        end = self._end
        os.fdatasync(end.descriptor)
        os.fchmod(end.descriptor, 0o400)
        fresh = self._make_segment(end.seq, time=end.time)
        os.close(end.descriptor)
        return fresh

    def _make_segment(self, first: int, *, time: str = "") -> _End:
        path = segment_path(self._folder, first)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL
        descriptor = os.open(path, flags, 0o600)
        sync_folder(path.parent)
        return _End(Segment(path, first), descriptor, offset=0, seq=first, time=time)


def _line_start(descriptor: int, end: int) -> int:
    """Offset just behind the last line feed before `end`; 0 where there is none."""
    size = 64 * 1024
    while True:
        start = max(0, end - size)
        cut = os.pread(descriptor, end - start, start).rfind(b"\n")
        if cut >= 0 or start == 0:
            return start + cut + 1
        size *= 4


def _next_time(last: str, wall: float) -> tuple[str, int]:
    time = rfc3339(wall)
    if time >= last:
        return time, 0
    moment = datetime.fromisoformat(last)
    behind = moment - datetime.fromtimestamp(wall, UTC)
    return last, max(1, round(behind.total_seconds() * 1000))
