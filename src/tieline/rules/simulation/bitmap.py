"""Bitmaps: one bit a record, in 64-bit words, least significant bit first as Arrow has them.

Bits past the last record are always zero: every operation here keeps that, `invert` included.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Words: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.int64]

WORD_BITS = 64
WORD_BYTES = 8


def empty(length: int) -> Words:
    """A bitmap of `length` records with no bit set."""
    return np.zeros(-(-length // WORD_BITS), dtype=np.uint64)


def full(length: int) -> Words:
    """A bitmap with the bits of all `length` records set."""
    words = np.full(-(-length // WORD_BITS), ~np.uint64(0), dtype=np.uint64)
    tail = length % WORD_BITS
    if tail:
        words[-1] = (np.uint64(1) << np.uint64(tail)) - np.uint64(1)
    return words


def pack(flags: Flags) -> Words:
    """Pack an array of booleans."""
    packed = np.packbits(flags, bitorder="little")
    missing = -len(packed) % WORD_BYTES
    if missing:
        packed = np.concatenate([packed, np.zeros(missing, dtype=np.uint8)])
    return packed.view(np.uint64)


def unpack(words: Words, length: int) -> Flags:
    """Unpack into an array of booleans."""
    return np.unpackbits(words.view(np.uint8), count=length, bitorder="little").view(np.bool_)


def invert(words: Words, within: Words) -> Words:
    """The records of `within` that are not in `words`."""
    return within & ~words


def count(words: Words) -> int:
    """How many records are in it."""
    return int(np.add.reduce(np.bitwise_count(words), dtype=np.intp))  # half the time of `sum`


def places_in(words: Words) -> Places:
    """The places of the bits that are set, ascending; cheap where few words have any."""
    some = np.flatnonzero(words)
    bits = np.flatnonzero(unpack(words[some], len(some) * WORD_BITS))
    return np.asarray(some[bits // WORD_BITS] * WORD_BITS + bits % WORD_BITS)


def bits_at(words: Words, places: Places) -> Flags:
    """The bits at some places."""
    octets = words.view(np.uint8)[places >> 3]
    return np.asarray((octets >> (places & 7).astype(np.uint8)) & 1, dtype=np.bool_)
