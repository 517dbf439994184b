"""How a tree is cut into files (C2SP tlog-tiles): 256 hashes of one level make a tile.

A tile of level 0 holds the hashes of 256 lines, a tile of level 1 the hashes over 256 tiles of
level 0, and so on. The last tile of a level may be partial; its width is in its name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tieline.audit.merkle import HASH_BYTES, Hash, Node, fold

TILE_HEIGHT = 8
TILE_WIDTH = 256


@dataclass(frozen=True, slots=True)
class Tile:
    """Name of a tile; `width` counts its hashes, 256 where it is whole."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """`tile/<level>/<index>[.p/<width>]`, the index in groups of three digits."""
        rest, digits = self.index // 1000, f"{self.index % 1000:03d}"
        while rest:
            rest, digits = rest // 1000, f"x{rest % 1000:03d}/{digits}"
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{digits}{partial}"


ReadTile = Callable[[Tile], bytes]
"""The concatenated hashes of a tile, exactly `width` of them."""


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of this size, whole and partial, lowest level first."""
    level, count = 0, size
    while count:
        whole, partial = divmod(count, TILE_WIDTH)
        for index in range(whole):
            yield Tile(level, index)
        if partial:
            yield Tile(level, whole, partial)
        level, count = level + 1, whole


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile of that place in a tree of `size` lines, with the width it has there."""
    width = (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH
    return Tile(level, index, min(width, TILE_WIDTH))


def nodes_from(read: ReadTile, size: int) -> Node:
    """Answer for any subtree of a tree of `size` lines by reading its tiles."""

    def node(level: int, index: int) -> Hash:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        tile = tile_at(tile_level, first // TILE_WIDTH, size)
        place = first % TILE_WIDTH
        return fold(split_hashes(read(tile))[place : place + (1 << height)])

    return node


def split_hashes(content: bytes) -> list[Hash]:
    """Cut concatenated hashes apart."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
