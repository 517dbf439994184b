"""Formulas over numbered variables, and the clauses a SAT solver reads.

A literal is a variable's number, negative for its negation, as DIMACS has it. Formulas are kept in
negation normal form; a fresh variable that implies one costs a clause a disjunction, no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when some part is."""

    parts: tuple["Formula", ...]


Formula = bool | int | AllOf | AnyOf


def all_of(parts: Iterable[Formula]) -> Formula:
    """Their conjunction, constants removed and nested conjunctions opened."""
    kept: list[Formula] = []
    for part in parts:
        if part is False:
            return False
        if isinstance(part, AllOf):
            kept.extend(part.parts)
        elif part is not True:
            kept.append(part)
    if len(kept) == 1:
        return kept[0]
    return AllOf(tuple(kept)) if kept else True


def any_of(parts: Iterable[Formula]) -> Formula:
    """Their disjunction, constants removed and nested disjunctions opened."""
    kept: list[Formula] = []
    for part in parts:
        if part is True:
            return True
        if isinstance(part, AnyOf):
            kept.extend(part.parts)
        elif part is not False:
            kept.append(part)
    if len(kept) == 1:
        return kept[0]
    return AnyOf(tuple(kept)) if kept else False


def negated(formula: Formula) -> Formula:
    """The formula's negation, in negation normal form again."""
    match formula:
        case bool():
            return not formula
        case int():
            return -formula
        case AllOf(parts=parts):
            return any_of(negated(part) for part in parts)
        case AnyOf(parts=parts):
            return all_of(negated(part) for part in parts)


@dataclass(slots=True)
class Clauses:
    """Clauses under construction; `variables` is the number of the last one handed out."""

    variables: int = 0
    clauses: list[Sequence[int]] = field(default_factory=list)

    def variable(self) -> int:
        """A fresh one."""
        self.variables += 1
        return self.variables

    def add(self, *literals: int) -> None:
        """At least one of them holds."""
        self.clauses.append(literals)

    def imply(self, literal: int, formula: Formula) -> None:
        """Wherever the literal holds, the formula does."""
        match formula:
            case bool():
                if not formula:
                    self.add(-literal)
            case int():
                self.add(-literal, formula)
            case AllOf(parts=parts):
                for part in parts:
                    self.imply(literal, part)
            case AnyOf(parts=parts):
                self.clauses.append([-literal, *(self.named(part) for part in parts)])

    def named(self, formula: Formula) -> int:
        """A literal that implies the formula."""
        if isinstance(formula, int) and not isinstance(formula, bool):
            return formula
        name = self.variable()
        self.imply(name, formula)
        return name

    def at_most_one(self, literals: Sequence[int]) -> None:
        """No two of them hold: the ladder, three clauses a literal."""
        before: int | None = None
        for literal in literals:
            step = self.variable()
            self.add(-literal, step)
            if before is not None:
                self.add(-before, -literal)
                self.add(-before, step)
            before = step

    def at_most(self, literals: Sequence[int], most: int) -> None:
        """No more than `most` of them hold: a counter of `most` columns."""
        if most >= len(literals):
            return
        if most <= 0:
            for literal in literals:
                self.add(-literal)
            return
        row = [self.variable() for _ in range(most)]
        self.add(-literals[0], row[0])
        for literal in literals[1:]:
            self.add(-literal, -row[-1])
            following = [self.variable() for _ in range(most)]
            self.add(-literal, following[0])
            for column in range(most):
                self.add(-row[column], following[column])
                if column:
                    self.add(-literal, -row[column - 1], following[column])
            row = following

    def at_least(self, condition: int, literals: Sequence[int], least: int) -> None:
        """Wherever the condition holds, so do `least` of them."""
        if least <= 0:
            return
        if least > len(literals):
            self.add(-condition)
        elif least == 1:
            self.add(-condition, *literals)
        else:
            freed = [self.variable() for _ in literals]
            for literal, free in zip(literals, freed, strict=True):
                self.add(-condition, literal, free)
            self.at_most(freed, len(literals) - least)
