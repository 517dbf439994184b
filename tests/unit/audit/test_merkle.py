import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.audit.merkle import (
    EMPTY_ROOT,
    Hash,
    Node,
    check_consistency,
    check_inclusion,
    consistency_path,
    fold,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    subtree,
)

LINES = [bytes([place]) * place for place in range(70)]
LEAVES = [leaf_hash(line) for line in LINES]


def literal_root(lines: list[bytes]) -> Hash:
    """MTH, letter by letter from RFC 6962, 2.1."""
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\x00" + lines[0]).digest()
    k = max(2**power for power in range(len(lines)) if 2**power < len(lines))
    left, right = literal_root(lines[:k]), literal_root(lines[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def node(level: int, index: int) -> Hash:
    return fold(LEAVES[index << level : (index + 1) << level])


NODE: Node = node
SIZES = st.integers(0, len(LINES))


@given(SIZES)
def test_the_root_is_the_one_of_the_rfc(size: int) -> None:
    expected = literal_root(LINES[:size])

    assert (root_of(LEAVES[:size]) or EMPTY_ROOT) == expected
    assert subtree(NODE, 0, size) == expected


@given(st.integers(1, len(LINES)), st.data())
def test_an_inclusion_path_proves_its_line_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(NODE, index, size), literal_root(LINES[:size])

    assert check_inclusion(LEAVES[index], index, size, path, root)
    other = data.draw(st.integers(0, len(LINES) - 1).filter(lambda place: place != index))
    assert not check_inclusion(LEAVES[other], index, size, path, root)
    assert not check_inclusion(LEAVES[index], other, size, path, root)
    assert not check_inclusion(LEAVES[index], index, size, [*path, root], root)
    assert not check_inclusion(LEAVES[index], index, size, path[:-1], root) or not path


@given(SIZES, SIZES)
def test_a_consistency_path_proves_that_nothing_before_was_changed(one: int, other: int) -> None:
    old, new = sorted((one, other))
    old_root, new_root = literal_root(LINES[:old]), literal_root(LINES[:new])
    path = consistency_path(NODE, old, new)

    assert check_consistency(old, old_root, new, new_root, path)
    forged = literal_root([b"forged", *LINES[1:old]])
    if old:
        assert not check_consistency(old, forged, new, new_root, path)
        assert not check_consistency(old, old_root, new, forged, path)
    assert not check_consistency(old, old_root, new, new_root, [*path, EMPTY_ROOT])


@pytest.mark.parametrize(
    ("size", "root"),
    [
        # The roots of certificate-transparency-go's reference tree over its eight test lines.
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_the_reference_tree_of_certificate_transparency_has_the_same_roots(
    size: int, root: str
) -> None:
    texts = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    lines = [bytes.fromhex(t) for t in [*texts, "606162636465666768696a6b6c6d6e6f"]]

    assert (root_of([leaf_hash(line) for line in lines[:size]]) or b"").hex() == root


def test_a_parent_is_not_mistaken_for_a_line() -> None:
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])
