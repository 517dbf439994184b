"""The rules as a program over bitmaps: each distinct condition and each distinct part once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np

from tieline.rules.model import And, Condition, Expression, Not, Or, Rule
from tieline.rules.simulation.bitmap import Words, invert

Lookup = Callable[[Condition], Words]


@dataclass(frozen=True, slots=True)
class Step:
    """One distinct part: a condition, or what `kind` makes of earlier steps."""

    kind: Literal["condition", "and", "or", "not"]
    inputs: tuple[int, ...] = ()
    condition: Condition | None = None


class Program:
    """The rules in the order they are tried, as steps that come after the steps they use."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.steps: list[Step] = []
        self._places: dict[Step, int] = {}
        self._roots = [self._place(rule.when) for rule in self.rules]
        self._spent = self._last_used()

    def conditions(self) -> tuple[Condition, ...]:
        """The distinct conditions, in the order they are met."""
        return tuple(step.condition for step in self.steps if step.condition is not None)

    def evaluate(self, lookup: Lookup, within: Words) -> Iterator[Words]:
        """The records each rule matches, among those of `within`, rule by rule.

        A part's bitmap is dropped after the last rule that uses it.
        """
        kept: dict[int, Words] = {}
        for root, spent in zip(self._roots, self._spent, strict=True):
            yield self._made(root, lookup, within, kept) & within
            for step in spent:
                del kept[step]

    def _made(self, root: int, lookup: Lookup, within: Words, kept: dict[int, Words]) -> Words:
        words = kept.get(root)
        if words is not None:
            return words
        step = self.steps[root]
        if step.condition is not None:
            words = kept[root] = lookup(step.condition)
            return words
        inputs = [self._made(child, lookup, within, kept) for child in step.inputs]
        match step.kind:
            case "and":
                words = reduce(np.bitwise_and, inputs)
            case "or":
                words = reduce(np.bitwise_or, inputs)
            case _:
                words = invert(inputs[0], within)
        kept[root] = words
        return words

    def _place(self, part: Expression) -> int:
        match part:
            case Condition(operator="not_exists"):
                exists = self._interned(
                    Step("condition", condition=Condition(part.field, "exists"))
                )
                return self._interned(Step("not", (exists,)))
            case Condition():
                return self._interned(Step("condition", condition=part))
            case Not(child=child):
                return self._interned(Step("not", (self._place(child),)))
            case And(children=children):
                return self._interned(Step("and", self._placed(children)))
            case Or(children=children):
                return self._interned(Step("or", self._placed(children)))

    def _placed(self, children: Sequence[Expression]) -> tuple[int, ...]:
        """Places in ascending order, each once: `a and b` and `b and a and a` are one part."""
        return tuple(sorted({self._place(child) for child in children}))

    def _interned(self, step: Step) -> int:
        place = self._places.get(step)
        if place is None:
            place = self._places[step] = len(self.steps)
            self.steps.append(step)
        return place

    def _last_used(self) -> list[list[int]]:
        """For each rule the steps that no later rule uses."""
        last: dict[int, int] = {}
        for place, root in enumerate(self._roots):
            stack = [root]
            while stack:
                step = stack.pop()
                if last.get(step) != place:
                    last[step] = place
                    stack.extend(self.steps[step].inputs)
        spent: list[list[int]] = [[] for _ in self._roots]
        for step, place in last.items():
            spent[place].append(step)
        return spent
