"""A chunk of history, field by field, in the narrowest form that still compares exactly.

| form | holds | compared by |
|---|---|---|
| `Flagged` | booleans | the bitmap itself |
| `Numbered` | integers, doubles, instants | machine comparison |
| `Coded` | everything else: a code a record, and the distinct values | once a distinct value |
| `Listed` | arrays: where each begins, and its members as one of the above | once a member |

A number that no 64-bit integer or double holds exactly, and an instant finer than a billionth of
a second, stay `Coded`: their distinct values are compared by the reference interpreter.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tieline.rules.simulation.bitmap import Words
from tieline.rules.simulation.distinct import DistinctValues

Codes: TypeAlias = npt.NDArray[Any]  # uint8, uint16 or uint32
Numbers: TypeAlias = npt.NDArray[Any]  # int8 … int64 or float64
Offsets: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Flagged:
    """Booleans: `true` has the bits of the records that hold true, `present` of all that hold."""

    present: Words
    true: Words


@dataclass(frozen=True, slots=True)
class Numbered:
    """Numbers by value; a record that holds none has an arbitrary one, and no bit in `present`.

    `scale` is how many of them make one of the literal's units: instants are counted in millionths
    or billionths of a second.
    """

    present: Words
    numbers: Numbers
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Coded:
    """`codes[i]` stands for what record i holds; an arbitrary code where `present` has no bit."""

    present: Words
    codes: Codes
    values: DistinctValues


@dataclass(frozen=True, slots=True)
class Listed:
    """Record i holds `members[offsets[i]:offsets[i + 1]]`."""

    present: Words
    offsets: Offsets
    members: "Members"


Members = Coded | Numbered | Flagged
Column = Members | Listed


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some records: `length` of them, of which those in `valid` may be evaluated."""

    length: int
    valid: Words
    columns: dict[str, Column]
    first_row: int = 0  # the number of its first record in the whole history, from 0
    gaps: tuple[int, ...] = ()  # ascending numbers of rows among them that are no records

    def row(self, place: int) -> int:
        """The number in the whole history of the record at a place."""
        row = self.first_row + place
        for gap in self.gaps:
            if gap > row:
                break
            row += 1
        return row


def narrowest_codes(codes: npt.NDArray[Any], distinct: int) -> Codes:
    """The codes in the smallest unsigned type that holds `distinct` of them."""
    for kind in (np.uint8, np.uint16):
        if distinct <= np.iinfo(kind).max + 1:
            return codes.astype(kind, copy=False)
    return codes.astype(np.uint32, copy=False)


def narrowest_integers(numbers: npt.NDArray[np.int64]) -> Numbers:
    """The integers in the smallest signed type that holds them: a machine word holds more then."""
    if not len(numbers):
        return numbers
    low, high = int(numbers.min()), int(numbers.max())
    for kind in (np.int8, np.int16, np.int32):
        limits = np.iinfo(kind)
        if limits.min <= low and high <= limits.max:
            return numbers.astype(kind)
    return numbers
