"""The tree over a log's lines on disk, built from the segments a piece at a time.

Everything here is derived: lost tiles are computed again from the segments, as long as those are
kept. `grow` reads what was appended since, `publish` makes it readable for others.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tieline.audit.merkle import EMPTY_ROOT, HASH_BYTES, Hash, fold, root_of
from tieline.audit.tiles import TILE_WIDTH, Tile, split_hashes, tile_at
from tieline.errors import StoreUnavailable
from tieline.store.segments.files import VERIFY_HINT, segment_path

_READ_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two lines: `seq` lines lie before it, it is `offset` bytes into a segment."""

    seq: int
    segment: int  # the sequence the segment begins with
    offset: int


@dataclass(slots=True)
class TreeFiles:
    """Tiles below one folder."""

    folder: Path

    def read(self, tile: Tile) -> bytes:
        """The tile's hashes, taken from a wider tile of that place where this one is gone.

        Raises:
            FileNotFoundError: there is none, or none long enough.
        """
        wanted = tile.width * HASH_BYTES
        whole = self.folder / Tile(tile.level, tile.index).path
        for candidate in (self.folder / tile.path, whole, *self._wider(whole)):
            try:
                content = candidate.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
            if len(content) >= wanted:
                return content[:wanted]
        raise FileNotFoundError(2, "No such tile", str(self.folder / tile.path))

    def _wider(self, whole: Path) -> Iterator[Path]:
        """The partial tiles of a place; looked for only when the right one is not there."""
        yield from whole.with_name(f"{whole.name}.p").glob("[0-9]*")

    def write(self, tile: Tile, hashes: list[Hash]) -> None:
        """Write a tile whole or not at all."""
        path = self.folder / tile.path
        fresh = path.with_name(f"{path.name}.{os.getpid()}.making")
        try:
            fresh.write_bytes(b"".join(hashes))
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_bytes(b"".join(hashes))
        fresh.replace(path)

    def forget_partial(self, tile: Tile) -> None:
        """Drop a partial tile that a wider one replaces."""
        if tile.width < TILE_WIDTH:
            (self.folder / tile.path).unlink(missing_ok=True)


@dataclass(slots=True)
class Tree:
    """The right edge of the tree in memory: the hashes of each level's last tile."""

    files: TreeFiles
    size: int = 0
    edges: list[list[Hash]] = field(default_factory=list)

    @classmethod
    def load(cls, files: TreeFiles, size: int) -> "Tree":
        """Read the edge of a published tree.

        Raises:
            FileNotFoundError: a tile of the edge is missing.
        """
        edges = []
        level, count = 0, size
        while count:
            whole, partial = divmod(count, TILE_WIDTH)
            tile = tile_at(level, whole, size)
            edges.append(split_hashes(files.read(tile)) if partial else [])
            level, count = level + 1, whole
        return cls(files, size, edges)

    def grow(self, hashes: list[Hash]) -> None:
        """Take in the next lines' hashes; full tiles are written as they fill."""
        self.size += len(hashes)
        level = 0
        while hashes:
            if level == len(self.edges):
                self.edges.append([])
            edge = self.edges[level]
            edge.extend(hashes)
            first = ((self.size >> (8 * level)) - len(edge)) // TILE_WIDTH
            hashes = []
            while len(edge) >= TILE_WIDTH:
                full = edge[:TILE_WIDTH]
                self.files.write(Tile(level, first + len(hashes)), full)
                hashes.append(fold(full))
                del edge[:TILE_WIDTH]
            level += 1

    def publish(self) -> None:
        """Write the partial tiles of the edge, so that others can read this very size."""
        for tile, edge in self._partial():
            self.files.write(tile, edge)

    def partial_tiles(self) -> list[Tile]:
        """The partial tiles of the present size."""
        return [tile for tile, _ in self._partial()]

    def root(self) -> Hash:
        """The root over all lines taken in."""
        right: Hash | None = None
        for edge in self.edges:
            right = root_of(edge, right=right)
        return EMPTY_ROOT if right is None else right

    def _partial(self) -> Iterator[tuple[Tile, list[Hash]]]:
        for level, edge in enumerate(self.edges):
            if edge:
                index = (self.size >> (8 * level)) // TILE_WIDTH
                yield Tile(level, index, len(edge)), edge


def read_lines(folder: Path, at: Place, end: Place) -> Iterator[tuple[list[bytes], Place]]:
    """The lines between two places, some megabytes at a time, each with the place behind them.

    Raises:
        FileNotFoundError: a segment is missing.
        StoreUnavailable: there are fewer whole lines than `end` says.
    """
    while at.seq < end.seq:
        before = at
        with segment_path(folder, at.segment).open("rb") as file:
            file.seek(at.offset)
            for whole in whole_lines(file):
                lines = whole[: end.seq - at.seq]
                offset = at.offset + sum(map(len, lines)) + len(lines)
                at = Place(at.seq + len(lines), at.segment, offset)
                yield lines, at
                if at.seq == end.seq:
                    return
        if at == before and at.offset == 0:
            raise StoreUnavailable(
                f"the audit log at {folder} ends before record {end.seq - 1}", hint=VERIFY_HINT
            )
        at = Place(at.seq, at.seq, 0)


def whole_lines(file: BinaryIO) -> Iterator[list[bytes]]:
    """Lines without their line feeds; what stands behind the last line feed is left out."""
    rest = b""
    while content := file.read(_READ_BYTES):
        whole, feed, rest = (rest + content).rpartition(b"\n")
        if feed:
            yield whole.split(b"\n")
