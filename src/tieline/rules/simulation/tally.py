"""What chunks add up to. Adding is associative and commutative, so chunks may be counted anywhere.

`winner` codes: 0 to n-1 are the rules in the order they are tried, n is "no rule".
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# Enough to look at, few enough to carry from every chunk.
MOST_SAMPLES = 5


@dataclass(slots=True)
class Tally:
    """Counts over some records for `rules` rules; `moved` is keyed by (old, new) rule names."""

    rules: int
    records: int = 0
    invalid: int = 0
    matched: list[int] = field(default_factory=list)  # a rule: records it matches
    won: list[int] = field(default_factory=list)  # a rule: records it takes
    lost: Counter[tuple[int, int]] = field(default_factory=Counter)  # (rule, winner)
    nanoseconds: list[int] = field(default_factory=list)  # a rule: spent on its own bitmaps
    moved: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    elsewhere: set[tuple[str | None, str | None]] = field(
        default_factory=set
    )  # those of `moved` whose destination differs
    samples: dict[tuple[str | None, str | None], list[tuple[int, Any]]] = field(
        default_factory=dict
    )  # (row, record), the earliest rows
    invalid_rows: list[tuple[int, str]] = field(default_factory=list)  # (row, problem), earliest
    by_hour: Counter[tuple[str, int]] = field(default_factory=Counter)  # (hour, winner)

    def __post_init__(self) -> None:
        self.matched = self.matched or [0] * self.rules
        self.won = self.won or [0] * self.rules
        self.nanoseconds = self.nanoseconds or [0] * self.rules

    def __add__(self, other: "Tally") -> "Tally":
        """The counts over the records of both."""
        return Tally(
            rules=self.rules,
            records=self.records + other.records,
            invalid=self.invalid + other.invalid,
            matched=_sums(self.matched, other.matched),
            won=_sums(self.won, other.won),
            lost=self.lost + other.lost,
            nanoseconds=_sums(self.nanoseconds, other.nanoseconds),
            moved=self.moved + other.moved,
            elsewhere=self.elsewhere | other.elsewhere,
            samples={
                key: _earliest(self.samples.get(key, []) + other.samples.get(key, []))
                for key in self.samples.keys() | other.samples.keys()
            },
            invalid_rows=_earliest(self.invalid_rows + other.invalid_rows),
            by_hour=self.by_hour + other.by_hour,
        )


def _sums(left: list[int], right: list[int]) -> list[int]:
    return [a + b for a, b in zip(left, right, strict=True)]


def _earliest(rows: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    return sorted(rows, key=lambda row: row[0])[:MOST_SAMPLES]
