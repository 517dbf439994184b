"""Reads a log as it grows: what was appended since the last look, a piece at a time."""

from dataclasses import dataclass
from pathlib import Path

from tieline.store.segments.files import Segment, list_segments, storing

PIECE_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines without their line feeds. `behind` bytes were there already and not yet read.

    `anew` tells that the log is another one than before: what was read of it means nothing.
    """

    lines: tuple[bytes, ...]
    behind: int
    anew: bool = False


class LogFollower:
    """Remembers how far it has read. Use it from one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first: int | None = None  # the segment that is read
        self._offset = 0

    def more(self) -> Piece:
        """The next lines, at most about `PIECE_BYTES`; none where nothing was appended.

        Raises:
            StoreUnavailable: a segment cannot be read.
        """
        with storing(self._folder):
            segments = list_segments(self._folder)
            anew = self._is_gone(segments)
            if anew:
                self._first, self._offset = None, 0
            lines: tuple[bytes, ...] = ()
            ahead = [one for one in segments if self._first is None or one.first >= self._first]
            for segment in ahead:
                lines = self._lines_of(segment)
                if lines:
                    break
            return Piece(lines, self._bytes_behind(ahead), anew)

    def _is_gone(self, segments: list[Segment]) -> bool:
        """Whether the segment that is read was cut short, or every segment was taken away."""
        if self._first is None:
            return False
        here = [one for one in segments if one.first == self._first]
        if here:
            return here[0].path.stat().st_size < self._offset
        return not any(one.first > self._first for one in segments)

    def _lines_of(self, segment: Segment) -> tuple[bytes, ...]:
        if segment.first != self._first:
            self._first, self._offset = segment.first, 0
        with segment.path.open("rb") as file:
            file.seek(self._offset)
            content = file.read(PIECE_BYTES)
            # A line may be longer than a piece; then all of it is the piece.
            while content and b"\n" not in content and (rest := file.read(PIECE_BYTES)):
                content += rest
        whole, feed, _ = content.rpartition(b"\n")
        if not feed:
            return ()
        self._offset += len(whole) + 1
        return tuple(whole.split(b"\n"))

    def _bytes_behind(self, ahead: list[Segment]) -> int:
        total = sum(one.path.stat().st_size for one in ahead if one.first >= (self._first or 0))
        return max(0, total - self._offset)
