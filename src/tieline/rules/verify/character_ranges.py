"""Sets of characters as sorted ranges of code points, and the classes RE2 has names for."""

from collections.abc import Iterable

LAST_CHARACTER = 0x10FFFF
Range = tuple[int, int]

_DIGITS: tuple[Range, ...] = ((48, 57),)
_WORD: tuple[Range, ...] = ((48, 57), (65, 90), (95, 95), (97, 122))
_BLANKS: tuple[Range, ...] = ((9, 10), (12, 13), (32, 32))
PERL = {"d": _DIGITS, "w": _WORD, "s": _BLANKS}
POSIX: dict[str, tuple[Range, ...]] = {
    "alnum": ((48, 57), (65, 90), (97, 122)), "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),), "blank": ((9, 9), (32, 32)), "cntrl": ((0, 31), (127, 127)),
    "digit": _DIGITS, "graph": ((33, 126),), "lower": ((97, 122),), "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)), "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),), "word": _WORD, "xdigit": ((48, 57), (65, 70), (97, 102)),
}  # fmt: skip


def folded(ranges: tuple[Range, ...]) -> tuple[Range, ...] | None:
    """The ranges in both cases; None beyond ASCII, where a letter can have more than two."""
    found = list(ranges)
    for low, high in ranges:
        if high > 127:  # noqa: PLR2004  # ASCII ends there
            return None
        for first, last, move in ((65, 90, 32), (97, 122, -32)):
            start, end = max(low, first), min(high, last)
            if start <= end:
                found.append((start + move, end + move))
    letters = [*merged(found)]
    # U+212A and U+017F are the other cases of k and s.
    if _has(letters, ord("k")):
        found.append((0x212A, 0x212A))
    if _has(letters, ord("s")):
        found.append((0x17F, 0x17F))
    return tuple(merged(found))


def complement(ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """Every other character; halves of surrogate pairs are none."""
    outside: list[Range] = []
    start = 0
    for low, high in (*merged((*ranges, (0xD800, 0xDFFF))), (LAST_CHARACTER + 1, 0)):
        if start < low:
            outside.append((start, low - 1))
        start = high + 1
    return tuple(outside)


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same characters as sorted ranges that neither touch nor overlap."""
    joined: list[Range] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _has(ranges: list[Range], code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)
