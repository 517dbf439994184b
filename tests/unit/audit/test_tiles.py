import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.audit.merkle import fold, leaf_hash, root_of, subtree
from tieline.audit.tiles import Tile, nodes_from, split_hashes, tiles_of

LEAVES = [leaf_hash(b"%d" % place) for place in range(2 * 256 + 7)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1), "tile/1/001"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(2, 1000), "tile/2/x001/000"),
    ],
)
def test_a_tile_is_named_as_in_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path


def test_a_tree_of_70000_lines_has_the_tiles_the_specification_lists() -> None:
    paths = [tile.path for tile in tiles_of(70_000)]

    assert len(paths) == 273 + 1 + 1 + 1 + 1
    assert paths[-4:] == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]


def read(tile: Tile) -> bytes:
    hashes = LEAVES
    for _ in range(tile.level):
        whole = len(hashes) // 256
        hashes = [fold(hashes[place * 256 : (place + 1) * 256]) for place in range(whole)]
    start = tile.index * 256
    return b"".join(hashes[start : start + tile.width])


@given(st.integers(1, len(LEAVES)))
def test_the_root_is_read_from_tiles(size: int) -> None:
    assert subtree(nodes_from(read, size), 0, size) == root_of(LEAVES[:size])


def test_concatenated_hashes_come_apart() -> None:
    assert split_hashes(read(Tile(0, 1))) == LEAVES[256:512]
