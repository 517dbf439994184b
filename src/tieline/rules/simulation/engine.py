"""One rule set over chunks of a history; optionally beside an older one, to see what moved."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tieline.rules.evaluate import Interpreter
from tieline.rules.model import Condition, Ruleset
from tieline.rules.simulation.batch import RecordAt
from tieline.rules.simulation.bitmap import Flags, Words, count, unpack
from tieline.rules.simulation.columns import Chunk
from tieline.rules.simulation.first_match import losses, winner_codes, winners
from tieline.rules.simulation.hours import Hours
from tieline.rules.simulation.predicates import Predicates
from tieline.rules.simulation.program import Program
from tieline.rules.simulation.tally import MOST_SAMPLES, Tally

Ticks = Callable[[], int]
"""A clock that is handed in: nanoseconds, only differences mean anything."""

Places: TypeAlias = npt.NDArray[np.uint16]


class Engine:
    """Counts chunks for one rule set. Bitmaps of its conditions may be kept between runs."""

    def __init__(self, ruleset: Ruleset, *, ticks: Ticks, against: Ruleset | None = None) -> None:
        """`against` is the rule set in force; it must have been checked, as `ruleset` has."""
        self.ruleset = ruleset
        self.program = Program(ruleset.ordered())
        self._predicates = Predicates(Interpreter(ruleset))
        self._ticks = ticks
        self._before = None if against is None else Engine(against, ticks=ticks)

    def count(
        self,
        chunk: Chunk,
        *,
        bitmaps: dict[Condition, Words] | None = None,
        record_at: RecordAt | None = None,
        hours: Hours | None = None,
    ) -> Tally:
        """Evaluate a chunk.

        Args:
            chunk: the records.
            bitmaps: kept from an earlier count of the same chunk, and added to.
            record_at: where the samples of what moved come from; none are taken without it.
            hours: the hour each record is counted under, for the time series.
        """
        rules = self.program.rules
        matched, spent = self._matched(chunk, {} if bitmaps is None else bitmaps)
        won, _ = winners(matched, chunk.valid)
        codes = winner_codes(won, chunk.length)
        tally = Tally(
            rules=len(rules),
            records=chunk.length,
            invalid=chunk.length - count(chunk.valid),
            matched=[count(words) for words in matched],
            won=[count(words) for words in won],
            lost=losses(matched, won, codes),
            nanoseconds=spent,
        )
        if self._before is not None:
            self._compare(chunk, codes, tally, record_at)
        if hours is not None:
            tally.by_hour = self._by_hour(codes, hours, unpack(chunk.valid, chunk.length))
        return tally

    def takes(self, chunk: Chunk, *, bitmaps: dict[Condition, Words] | None = None) -> list[int]:
        """How many records each rule takes, and nothing else: the quickest question there is."""
        matched, _ = self._matched(chunk, {} if bitmaps is None else bitmaps)
        won, _ = winners(matched, chunk.valid)
        return [count(words) for words in won]

    def winner_names(self, chunk: Chunk) -> tuple[Places, list[str | None]]:
        """For each record a place in the list of names; the last name is None, for no rule."""
        matched, _ = self._matched(chunk, {})
        won, _ = winners(matched, chunk.valid)
        names: list[str | None] = [rule.name for rule in self.program.rules]
        return winner_codes(won, chunk.length), [*names, None]

    def destinations(self) -> list[Mapping[str, Any] | None]:
        """Where each rule sends what it takes, and at the end where what no rule takes goes."""
        return [*(rule.then for rule in self.program.rules), self.ruleset.default]

    def _matched(
        self, chunk: Chunk, bitmaps: dict[Condition, Words]
    ) -> tuple[list[Words], list[int]]:
        """Evaluate rule by rule, so that what a rule costs beyond the ones before is its own."""

        def lookup(condition: Condition) -> Words:
            words = bitmaps.get(condition)
            if words is None:
                column = chunk.columns.get(condition.field)
                words = self._predicates.words(condition, column, chunk.length)
                bitmaps[condition] = words
            return words

        matched: list[Words] = []
        spent: list[int] = []
        before = self._ticks()
        for words in self.program.evaluate(lookup, chunk.valid):
            after = self._ticks()
            matched.append(words)
            spent.append(after - before)
            before = after
        return matched, spent

    def _compare(
        self, chunk: Chunk, codes: Places, tally: Tally, record_at: RecordAt | None
    ) -> None:
        if self._before is None:
            return
        old_codes, old_names = self._before.winner_names(chunk)
        new_names = [*(rule.name for rule in self.program.rules), None]
        old_thens, new_thens = self._before.destinations(), self.destinations()
        stays = _same_ends(zip(old_names, old_thens, strict=True), new_names, new_thens)
        valid = unpack(chunk.valid, chunk.length)
        rows = np.flatnonzero(valid & (stays[old_codes] != codes))
        pairs = old_codes[rows].astype(np.int64) * len(new_names) + codes[rows]
        for pair, number in zip(*np.unique(pairs, return_counts=True), strict=True):
            was, now = divmod(int(pair), len(new_names))
            move = old_names[was], new_names[now]
            tally.moved[move] += int(number)
            if old_thens[was] != new_thens[now]:
                tally.elsewhere.add(move)
            if record_at is not None:
                tally.samples[move] = [
                    (chunk.row(int(row)), dict(record_at(int(row))))
                    for row in rows[pairs == pair][:MOST_SAMPLES]
                ]

    def _by_hour(self, codes: Places, hours: Hours, valid: Flags) -> Counter[tuple[str, int]]:
        width = len(self.program.rules) + 1
        counts = np.bincount((hours.codes.astype(np.int64) * width + codes)[valid])
        return Counter(
            {
                (hours.texts[pair // width], int(pair % width)): int(counts[pair])
                for pair in np.flatnonzero(counts)
            }
        )


def _same_ends(
    old: Iterable[tuple[str | None, Mapping[str, Any] | None]],
    new_names: Sequence[str | None],
    new_thens: Sequence[Mapping[str, Any] | None],
) -> npt.NDArray[np.int64]:
    """For each old place the new one of the same name and target; -1 where there is none."""
    places = {name: place for place, name in enumerate(new_names)}
    found = [(places.get(name, -1), then) for name, then in old]
    return np.array(
        [place if place >= 0 and new_thens[place] == then else -1 for place, then in found],
        dtype=np.int64,
    )
