"""Which rules could share a record, by the literals every match of them needs.

Bits of one big integer stand for the rules, so that a question about all of them costs a few
machine words. The answer may name too many rules, never too few; the solver decides the rest.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tieline.rules.verify.formula import AllOf, AnyOf, Formula


class Overlap:
    """Bit n stands for rule n of the formulas given."""

    def __init__(self, formulas: Sequence[Formula]) -> None:
        """Index the rules by the literals at the top of their conjunctions."""
        self._formulas = formulas
        self._needs: dict[int, int] = defaultdict(int)
        self._literals: list[tuple[int, ...]] = []
        for number, formula in enumerate(formulas):
            literals = _needed(formula)
            self._literals.append(literals)
            for literal in literals:
                self._needs[literal] |= 1 << number

    def with_rule(self, number: int, rules: range) -> Iterator[int]:
        """Those of some neighbours that do not need the opposite of a literal this rule needs."""
        candidates = _mask(rules)
        for literal in self._literals[number]:
            candidates &= ~self._needs.get(-literal, 0)
        yield from _bits(candidates)

    def first_match(self, literals: frozenset[int], rules: range) -> int | None:
        """The first of some neighbouring rules that these literals satisfy, whatever else holds."""
        excluded = 0
        for literal, needing in self._needs.items():
            if literal not in literals:
                excluded |= needing
        for number in _bits(_mask(rules) & ~excluded):
            if _holds(self._formulas[number], literals):
                return number
        return None


def _mask(rules: range) -> int:
    return ((1 << len(rules)) - 1) << rules.start


def _needed(formula: Formula) -> tuple[int, ...]:
    parts = formula.parts if isinstance(formula, AllOf) else (formula,)
    return tuple(part for part in parts if isinstance(part, int) and not isinstance(part, bool))


def _holds(formula: Formula, literals: frozenset[int]) -> bool:
    match formula:
        case bool():
            return formula
        case int():
            return formula in literals
        case AllOf(parts=parts):
            return all(_holds(part, literals) for part in parts)
        case AnyOf(parts=parts):
            return any(_holds(part, literals) for part in parts)


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
