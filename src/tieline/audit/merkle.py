"""The tree over the lines of a log, as RFC 6962 (2.1) defines it.

A tree is asked for through `Node`: the hash over the 2**level lines that begin at
`index * 2**level`. Where the hashes come from, files or memory, is not decided here.
"""

import hashlib
from collections.abc import Callable, Sequence

Hash = bytes
"""32 bytes of SHA-256."""

Node = Callable[[int, int], Hash]
"""(level, index) → hash of a whole subtree; only asked for subtrees within the tree's size."""

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(line: bytes) -> Hash:
    """SHA-256 over 0x00 and the exact bytes of a line, without its line feed."""
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """SHA-256 over 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[Hash]) -> Hash:
    """The hash over a whole subtree; their number is a power of two."""
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def root_of(hashes: Sequence[Hash], *, right: Hash | None = None) -> Hash | None:
    """The root over any number of subtrees of one size; `right` is what follows them, if anything.

    None only where there is nothing at all.
    """
    start = len(hashes)
    while start:
        width = start & -start  # whole subtrees from the right, the smallest first
        part = fold(hashes[start - width : start])
        right = part if right is None else node_hash(part, right)
        start -= width
    return right


def subtree(node: Node, low: int, high: int) -> Hash:
    """The hash over the lines from `low` to before `high`; `low` a multiple of a power of two."""
    if low == high:
        return EMPTY_ROOT
    width = high - low
    if width & (width - 1) == 0 and low % width == 0:
        level = width.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(width)
    return node_hash(subtree(node, low, middle), subtree(node, middle, high))


def inclusion_path(node: Node, index: int, size: int) -> list[Hash]:
    """The hashes that lead from line `index` to the root of the first `size` lines."""
    return _inclusion(node, index, 0, size)


def _inclusion(node: Node, index: int, low: int, high: int) -> list[Hash]:
    if high - low == 1:
        return []
    middle = low + _split(high - low)
    if index < middle:
        return [*_inclusion(node, index, low, middle), subtree(node, middle, high)]
    return [*_inclusion(node, index, middle, high), subtree(node, low, middle)]


def consistency_path(node: Node, old: int, new: int) -> list[Hash]:
    """The hashes that show the first `old` lines of both trees to be the same lines."""
    if old in {0, new}:
        return []
    return _consistency(node, old, 0, new, whole=True)


def _consistency(node: Node, old: int, low: int, high: int, *, whole: bool) -> list[Hash]:
    if old == high:
        return [] if whole else [subtree(node, low, high)]
    middle = low + _split(high - low)
    if old <= middle:
        path = _consistency(node, old, low, middle, whole=whole)
        return [*path, subtree(node, middle, high)]
    return [*_consistency(node, old, middle, high, whole=False), subtree(node, low, middle)]


def check_inclusion(leaf: Hash, index: int, size: int, path: Sequence[Hash], root: Hash) -> bool:
    """True where the path leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place % 2 or place == last:
            found = node_hash(step, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def check_consistency(
    old: int, old_root: Hash, new: int, new_root: Hash, path: Sequence[Hash]
) -> bool:
    """True where the first `old` lines of the new tree are the old tree (RFC 9162, 2.1.4.2)."""
    if old > new or old < 0:
        return False
    if old in {0, new}:
        expected = EMPTY_ROOT if old == 0 else new_root
        return not path and old_root == expected
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        place, last = place >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1
