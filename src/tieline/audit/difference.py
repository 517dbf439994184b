"""What became of lines whose hashes are known: which were altered, removed, inserted or moved.

The expected hashes are unique, because every line holds its own sequence. So the longest run of
expected lines that still stand in order is the log as it was; everything else is explained around
it. Works in O(n log n), on the part that differs only.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tieline.audit.merkle import Hash

Change = Literal["altered", "removed", "inserted", "reordered"]


@dataclass(frozen=True, slots=True)
class Difference:
    """`count` lines from place `expected` on; `found` is where they stand, or should stand."""

    change: Change
    expected: int
    found: int
    count: int = 1


def differences(expected: Sequence[Hash], found: Sequence[Hash]) -> list[Difference]:
    """Explain how the lines found differ from those expected, in the order of the log."""
    start = _common(zip(expected, found, strict=False))
    rest = min(len(expected), len(found)) - start
    end = min(rest, _common(zip(reversed(expected), reversed(found), strict=False)))
    explained = _explain(expected[start : len(expected) - end], found[start : len(found) - end])
    ordered = sorted(explained, key=lambda d: (d.expected, d.found))
    return [
        Difference(d.change, d.expected + start, d.found + start, d.count) for d in _joined(ordered)
    ]


def _common(pairs: Iterator[tuple[Hash, Hash]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _explain(expected: Sequence[Hash], found: Sequence[Hash]) -> Iterator[Difference]:
    place_of = {content: place for place, content in enumerate(expected)}
    origin: list[int | None] = []  # of each line found: where it was expected
    taken: set[int] = set()
    for content in found:
        place = place_of.get(content)
        if place is None or place in taken:
            origin.append(None)
        else:
            taken.add(place)
            origin.append(place)
    kept = _longest_rising([(i, place) for i, place in enumerate(origin) if place is not None])
    for at, place in enumerate(origin):
        if place is not None and (at, place) not in kept:
            yield Difference("reordered", place, at)
    missing = [place for place in range(len(expected)) if place not in taken]
    foreign = [at for at, place in enumerate(origin) if place is None]
    anchors = [*sorted(kept), (len(found), len(expected))]
    yield from _between_anchors(anchors, missing, foreign)


def _between_anchors(
    anchors: Sequence[tuple[int, int]],
    missing: Sequence[int],
    foreign: Sequence[int],
) -> Iterator[Difference]:
    """Between two lines that stayed, a missing and a foreign line are one altered line.

    The last anchor stands behind both logs.
    """
    gone = came = 0
    for at, place in anchors:
        lost, extra = [], []
        while gone < len(missing) and missing[gone] < place:
            lost.append(missing[gone])
            gone += 1
        while came < len(foreign) and foreign[came] < at:
            extra.append(foreign[came])
            came += 1
        both = min(len(lost), len(extra))
        for old, new in zip(lost, extra, strict=False):
            yield Difference("altered", old, new)
        for old in lost[both:]:
            yield Difference("removed", old, at)
        for new in extra[both:]:
            yield Difference("inserted", place, new)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """The longest part of the pairs, in order, whose second members rise."""
    tails: list[int] = []  # the smallest end of a rising run of each length
    ends: list[int] = []  # which pair that is
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [number]
    chosen: set[tuple[int, int]] = set()
    number = ends[-1] if ends else -1
    while number >= 0:
        chosen.add(pairs[number])
        number = before[number]
    return chosen


def _joined(ordered: Sequence[Difference]) -> Iterator[Difference]:
    """Neighbours of one kind become one difference, save reordered ones, which moved one by one."""
    run: Difference | None = None
    for one in ordered:
        if run is not None and _continues(run, one):
            run = Difference(run.change, run.expected, run.found, run.count + 1)
            continue
        if run is not None:
            yield run
        run = one
    if run is not None:
        yield run


def _continues(run: Difference, one: Difference) -> bool:
    if run.change != one.change:
        return False
    match one.change:
        case "altered":
            return (run.expected + run.count, run.found + run.count) == (one.expected, one.found)
        case "removed":
            return run.expected + run.count == one.expected
        case "inserted":
            return run.expected == one.expected and run.found + run.count == one.found
        case "reordered":
            return False
