"""Rules being edited over a history in memory: after an edit only what it changed is counted again.

The bitmaps of the conditions are kept, and which rule takes which record. Rules before the first
edited one take what they took. Among the rules behind, only the records that the edited ones took
before, or take and did not, can change hands: those records alone are evaluated anew, gathered from
the kept bitmaps.

A rule's place is its number in the order rules are tried. `first` rules stand before the edited
ones, which were `old` many and are `new` many, so a rule behind them moves by `new - old` places.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tieline.errors import InvalidInput
from tieline.rules.evaluate import Interpreter
from tieline.rules.model import Condition, Rule, Ruleset
from tieline.rules.simulation.bitmap import (
    WORD_BITS,
    Places,
    Words,
    bits_at,
    count,
    full,
    invert,
    pack,
    places_in,
)
from tieline.rules.simulation.columns import Chunk, Numbered
from tieline.rules.simulation.first_match import winner_codes, winners
from tieline.rules.simulation.predicates import Predicates
from tieline.rules.simulation.program import Lookup, Program
from tieline.rules.simulation.tally import Tally

Winners: TypeAlias = npt.NDArray[np.uint16]
Spread = Callable[[Callable[[Chunk], Words], Sequence[Chunk]], Iterable[Words]]
"""Does something to every chunk, in order: `map`, or a thread pool's."""

_NO_PLACE = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class _Standing:
    """How the rules stand after a run; `winner` is len(rules) where no rule takes the record."""

    rules: tuple[Rule, ...]
    winner: Winners
    tally: Tally


@dataclass(frozen=True, slots=True)
class _Edit:
    """What was edited: see the module's description."""

    first: int
    old: int
    new: int

    @property
    def old_end(self) -> int:
        return self.first + self.old

    @property
    def new_end(self) -> int:
        return self.first + self.new

    @property
    def shift(self) -> int:
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class _Changed:
    """Records that changed hands: where they are, the place that took them, the one that does.

    `matched` tells for each rule behind the edited ones which of them it matches.
    """

    places: Places
    was: Places
    now: Places
    matched: list[Words]


class Workbench:
    """Holds a history's chunks; `run` counts a rule set over them, quickly after a small edit."""

    def __init__(self, chunks: Sequence[Chunk], *, spread: Spread = map) -> None:
        """The chunks were encoded for the fields of the rules that will be run."""
        self._chunks = tuple(chunks)
        self._spread = spread
        self._valid = np.concatenate([np.zeros(0, np.uint64), *(c.valid for c in self._chunks)])
        self._bitmaps: dict[Condition, Words] = {}
        records = sum(chunk.length for chunk in self._chunks)
        nothing = Tally(0, records=records, invalid=records - count(self._valid))
        winner = np.zeros(len(self._valid) * WORD_BITS, dtype=np.uint16)
        self._standing = _Standing((), winner, nothing)
        self._read_as: Any = None

    def run(self, ruleset: Ruleset) -> Tally:
        """Count the rules over all chunks.

        `moved` holds the records that another rule takes than in the run before; samples, the time
        series and the cost of each rule are a simulation's and stay empty.

        Raises:
            InvalidInput: a field has another type than in the run before, or is read as text and
                was not: the history has to be encoded for that first.
        """
        read_as = (dict(ruleset.fields), ruleset.required)
        if self._read_as not in (None, read_as):
            raise InvalidInput("the fields changed", hint="load the history again")
        lookup = self._lookup(Predicates(Interpreter(ruleset)))
        self._standing = self._edited(self._standing, ruleset.ordered(), lookup)
        self._read_as = read_as
        return self._standing.tally

    def _edited(self, before: _Standing, rules: tuple[Rule, ...], lookup: Lookup) -> _Standing:
        edit = _difference(before.rules, rules)
        winner = before.winner.copy()
        if edit.shift:
            winner[before.winner >= edit.old_end] += np.uint16(edit.shift % (_NO_PLACE + 1))
        after = _Standing(rules, winner, _shifted(before.tally, edit))
        had = _between(before.winner, edit.first, edit.old_end)
        taken = self._take(after, edit, had, lookup)
        if self._read_as is not None:  # there was a run before
            changed = _changed(before, after, edit, (had, taken), lookup)
            winner[changed.places] = changed.now
            _hand_over(after.tally, edit, changed)
            after.tally.moved = _moves(before, rules, edit, changed)
        after.tally.lost = +after.tally.lost
        return after

    def _take(self, after: _Standing, edit: _Edit, had: Words, lookup: Lookup) -> Words:
        """Let the edited rules take theirs, and count it in `after`; returns what they take."""
        winner, tally = after.winner, after.tally
        remaining = (had | _between(winner, edit.new_end, _NO_PLACE)) & self._valid
        taken: Words = np.zeros_like(self._valid)
        program = Program(after.rules[edit.first : edit.new_end])
        for place, words in enumerate(program.evaluate(lookup, self._valid), edit.first):
            won = words & remaining
            remaining ^= won
            taken |= won
            winner[places_in(won)] = place
            tally.matched[place] = count(words)
            tally.won[place] = count(won)
            elsewhere = np.bincount(winner[places_in(invert(won, words))])
            for taker in np.flatnonzero(elsewhere):
                tally.lost[place, int(taker)] = int(elsewhere[taker])
        return taken

    def _lookup(self, predicates: Predicates) -> Lookup:
        def lookup(condition: Condition) -> Words:
            words = self._bitmaps.get(condition)
            if words is None:
                words = self._bitmaps[condition] = self._words(condition, predicates)
            return words

        return lookup

    def _words(self, condition: Condition, predicates: Predicates) -> Words:
        def of(chunk: Chunk) -> Words:
            column = chunk.columns.get(condition.field)
            if condition.operator in {"contains", "regex"} and isinstance(column, Numbered):
                raise InvalidInput(
                    f"`{condition.field}` was not read as text", hint="load the history again"
                )
            return predicates.words(condition, column, chunk.length)

        return np.concatenate([np.zeros(0, np.uint64), *self._spread(of, self._chunks)])


def _changed(
    before: _Standing, after: _Standing, edit: _Edit, edited: tuple[Words, Words], lookup: Lookup
) -> _Changed:
    """Who had and who has the records that the edited rules took, and those they take."""
    had, taken = edited
    places = places_in(had | taken)
    was, now = before.winner[places], after.winner[places]
    freed = ~bits_at(taken, places)
    kept = ~freed & (was == now) & (was < edit.old_end)
    places, was, now, freed = places[~kept], was[~kept], now[~kept], freed[~kept]

    @cache
    def gathered(condition: Condition) -> Words:
        return pack(bits_at(lookup(condition), places))

    behind = Program(after.rules[edit.new_end :])
    matched = list(behind.evaluate(gathered, full(len(places))))
    heirs = winner_codes(winners(matched, pack(freed))[0], len(places)).astype(np.int64)
    has: Places = np.where(freed, heirs + edit.new_end, now.astype(np.int64))
    return _Changed(places, was.astype(np.int64), has, matched)


def _difference(old: Sequence[Rule], new: Sequence[Rule]) -> _Edit:
    """The shortest stretch of rules that holds everything that was edited."""
    first = 0
    while first < min(len(old), len(new)) and old[first].when == new[first].when:
        first += 1
    behind = 0
    while (
        behind < min(len(old), len(new)) - first and old[-1 - behind].when == new[-1 - behind].when
    ):
        behind += 1
    return _Edit(first, len(old) - first - behind, len(new) - first - behind)


def _between(winner: Winners, low: int, high: int) -> Words:
    return pack((winner >= low) & (winner < high))


def _shifted(tally: Tally, edit: _Edit) -> Tally:
    """The counts of the rules that stay, under their places; nothing yet for the edited ones."""

    def moved(counts: list[int]) -> list[int]:
        return [*counts[: edit.first], *[0] * edit.new, *counts[edit.old_end :]]

    def place(old: int) -> int:
        return old if old < edit.old_end else old + edit.shift

    lost: Counter[tuple[int, int]] = Counter()
    for (loser, taker), number in tally.lost.items():
        if not edit.first <= loser < edit.old_end:
            # A record that an edited rule took and takes counts on under the same place.
            lost[place(loser), place(taker)] += number
    return Tally(
        rules=tally.rules + edit.shift,
        records=tally.records,
        invalid=tally.invalid,
        matched=moved(tally.matched),
        won=moved(tally.won),
        lost=lost,
    )


def _hand_over(tally: Tally, edit: _Edit, changed: _Changed) -> None:
    """Count for the rules behind the edited ones what they won and lost by the change."""
    was = np.where(changed.was < edit.old_end, changed.was, changed.was + edit.shift)
    before_of_behind = changed.was >= edit.old_end
    width = tally.rules + 1
    tally_won = np.bincount(changed.now, minlength=width)
    tally_won -= np.bincount(was[before_of_behind], minlength=width)
    for place, words in enumerate(changed.matched, edit.new_end):
        tally.won[place] += int(tally_won[place])
        inside = places_in(words)
        takers = np.bincount(changed.now[inside], minlength=width)
        takers -= np.bincount(was[inside], minlength=width)
        # What it took and takes itself is not lost.
        own_before = int(np.count_nonzero(before_of_behind[inside] & (was[inside] == place)))
        own_now = int(np.count_nonzero(changed.now[inside] == place))
        takers[place] += own_before - own_now
        for taker in np.flatnonzero(takers):
            tally.lost[place, int(taker)] += int(takers[taker])


def _moves(
    before: _Standing, rules: Sequence[Rule], edit: _Edit, changed: _Changed
) -> Counter[tuple[str | None, str | None]]:
    old_names = [*(rule.name for rule in before.rules), None]
    new_names = [*(rule.name for rule in rules), None]
    moves: Counter[tuple[str | None, str | None]] = Counter()

    def move(was: int, now: int, number: int) -> None:
        if number and old_names[was] != new_names[now]:
            moves[old_names[was], new_names[now]] += number

    pairs, numbers = np.unique(changed.was * len(new_names) + changed.now, return_counts=True)
    for pair, number in zip(pairs, numbers, strict=True):
        move(*divmod(int(pair), len(new_names)), int(number))
    # Where a rule was only renamed, all it takes has another name.
    left = np.bincount(changed.was, minlength=len(old_names))
    for place, number in enumerate(before.tally.won):
        now = place if place < edit.old_end else place + edit.shift
        move(place, now, number - int(left[place]))
    return moves
