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
        self._last_use = self._last_uses()

    def conditions(self) -> tuple[Condition, ...]:
        """The distinct conditions, in the order they are met."""
        return tuple(step.condition for step in self.steps if step.condition is not None)

    def evaluate(self, lookup: Lookup, within: Words) -> Iterator[Words]:
        """The records each rule matches, among those of `within`, rule by rule.

        A part's bitmap is dropped after the last rule that uses it.
        """
        kept: dict[int, Words] = {}
        for place, root in enumerate(self._roots):
            yield self._made(root, lookup, within, kept) & within
            for step in [s for s in kept if self._last_use[s] <= place]:
                del kept[step]

    def _made(self, root: int, lookup: Lookup, within: Words, kept: dict[int, Words]) -> Words:
        if root in kept:
            return kept[root]
        step = self.steps[root]
        if step.condition is not None:
            return lookup(step.condition)
        inputs = (self._made(child, lookup, within, kept) for child in step.inputs)
        match step.kind:
            case "and":
                words = reduce(np.bitwise_and, inputs)
            case "or":
                words = reduce(np.bitwise_or, inputs)
            case _:
                words = invert(next(inputs), within)
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

    def _last_uses(self) -> list[int]:
        last = [-1] * len(self.steps)
        for place, root in enumerate(self._roots):
            stack = [root]
            while stack:
                step = stack.pop()
                if last[step] != place:
                    last[step] = place
                    stack.extend(self.steps[step].inputs)
        return last
