"""A pattern as a machine that reads a text character by character and says whether it is in it.

Thompson's construction, run as sets of states; each set met becomes one state of a table that is
filled as it is used. The search is unanchored: the machine starts again before every character.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tieline.rules.verify.character_ranges import Range
from tieline.rules.verify.domain import Undecided
from tieline.rules.verify.pattern_syntax import (
    Characters,
    Choice,
    Edge,
    Pattern,
    Repeat,
    Sequence,
)

# A pattern whose written-out form has more states than this is not decided.
_MOST_STATES = 5_000


@dataclass(slots=True)
class _State:
    ranges: tuple[Range, ...] = ()
    target: int | None = None  # after one character of the ranges
    free: list[int] = field(default_factory=list)  # without reading
    at_start: list[int] = field(default_factory=list)  # only before the first character
    at_end: list[int] = field(default_factory=list)  # only behind the last character


FOUND = -1
"""The state of a machine that has seen a match: every longer text has it too."""


class Automaton:
    """`start`, `step` and `accepts` over small numbers; FOUND absorbs."""

    def __init__(self, pattern: Pattern) -> None:
        """Build the machine; its table is filled on use."""
        self._states: list[_State] = []
        self._final = self._new()
        self._initial = self._build(pattern, self._final)
        self._numbers: dict[frozenset[int], int] = {}
        self._sets: list[frozenset[int]] = []
        self._table: dict[tuple[int, int], int] = {}
        self._accepting: dict[int, bool] = {}
        # The start has a number of its own: only there does `^` hold, and only if the text is empty
        # does it hold together with `$`.
        opening = self._closure((self._initial,), first=True)
        self._sets.append(opening)
        self.start = FOUND if self._final in opening else 0

    def boundaries(self) -> Iterable[int]:
        """Characters at which some range begins or has just ended."""
        for state in self._states:
            for low, high in state.ranges:
                yield low
                yield high + 1

    def step(self, state: int, character: int) -> int:
        """The state after one more character."""
        if state == FOUND:
            return FOUND
        key = (state, character)
        known = self._table.get(key)
        if known is None:
            moved = [self._initial]
            for number in self._sets[state]:
                one = self._states[number]
                if one.target is not None and any(lo <= character <= hi for lo, hi in one.ranges):
                    moved.append(one.target)
            known = self._table[key] = self._number(self._closure(moved, first=False))
        return known

    def accepts(self, state: int) -> bool:
        """Whether a text that ends here has a match."""
        if state == FOUND:
            return True
        if state not in self._accepting:
            reached = set(self._sets[state])
            todo = list(reached)
            while todo:
                one = self._states[todo.pop()]
                for target in (*one.free, *one.at_end, *(one.at_start if state == 0 else ())):
                    if target not in reached:
                        reached.add(target)
                        todo.append(target)
            self._accepting[state] = self._final in reached
        return self._accepting[state]

    def _number(self, states: frozenset[int]) -> int:
        if self._final in states:
            return FOUND
        if states not in self._numbers:
            self._numbers[states] = len(self._sets)
            self._sets.append(states)
        return self._numbers[states]

    def _closure(self, states: Iterable[int], *, first: bool) -> frozenset[int]:
        reached = set(states)
        todo = list(reached)
        while todo:
            one = self._states[todo.pop()]
            for target in (*one.free, *(one.at_start if first else ())):
                if target not in reached:
                    reached.add(target)
                    todo.append(target)
        return frozenset(reached)

    def _new(self) -> int:
        if len(self._states) >= _MOST_STATES:
            raise Undecided("a pattern is too large to be decided")
        self._states.append(_State())
        return len(self._states) - 1

    def _build(self, pattern: Pattern, after: int) -> int:
        """A state from which the pattern leads to `after`."""
        match pattern:
            case Characters(ranges=ranges):
                state = self._new()
                self._states[state].ranges, self._states[state].target = ranges, after
                return state
            case Sequence(parts=parts):
                for part in reversed(parts):
                    after = self._build(part, after)
                return after
            case Choice(parts=parts):
                state = self._new()
                self._states[state].free = [self._build(part, after) for part in parts]
                return state
            case Edge(start=start):
                state = self._new()
                one = self._states[state]
                (one.at_start if start else one.at_end).append(after)
                return state
            case Repeat():
                return self._build_repeat(pattern, after)

    def _build_repeat(self, repeat: Repeat, after: int) -> int:
        if repeat.most is None:
            loop = self._new()
            self._states[loop].free = [after, self._build(repeat.part, loop)]
            after = loop
        else:
            last = after
            for _ in range(repeat.most - repeat.least):
                state = self._new()
                self._states[state].free = [last, self._build(repeat.part, after)]
                after = state
        for _ in range(repeat.least):
            after = self._build(repeat.part, after)
        return after
