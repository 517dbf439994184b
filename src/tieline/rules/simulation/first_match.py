"""Who takes what: rule after rule over the records that remain."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tieline.rules.simulation.bitmap import Words, count, invert, unpack


def winners(matched: Sequence[Words], valid: Words) -> tuple[list[Words], Words]:
    """The records each rule takes, and those that no rule does."""
    remaining = valid.copy()
    taken: list[Words] = []
    for words in matched:
        won = words & remaining
        remaining ^= won
        taken.append(won)
    return taken, remaining


def winner_codes(won: Sequence[Words], length: int) -> npt.NDArray[np.uint16]:
    """For each record the place of the rule that takes it; `len(won)` where none does."""
    codes = np.full(length, len(won), dtype=np.uint16)
    for place, words in enumerate(won):
        if words.any():
            codes[unpack(words, length)] = place
    return codes


def losses(
    matched: Sequence[Words], won: Sequence[Words], codes: npt.NDArray[np.uint16]
) -> Counter[tuple[int, int]]:
    """For each rule, how many of the records it matches an earlier rule took, rule by rule."""
    lost: Counter[tuple[int, int]] = Counter()
    for place, (all_of_it, its_own) in enumerate(zip(matched, won, strict=True)):
        elsewhere = invert(its_own, all_of_it)
        if not count(elsewhere):
            continue
        takers = np.bincount(codes[unpack(elsewhere, len(codes))])
        lost.update({(place, int(t)): int(takers[t]) for t in np.flatnonzero(takers)})
    return lost
