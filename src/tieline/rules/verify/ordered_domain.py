"""Numbers and date-times: the line cut at every literal.

Two variables a cut c, `x < c` and `x <= c`, both false when the field is absent. Between two cuts,
and at each, a clause forbids the region when no allowed value lies there: so integers are integers.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from tieline.rules.model import Condition
from tieline.rules.verify.domain import Holds, Undecided, existence
from tieline.rules.verify.formula import Clauses, Formula, all_of, any_of
from tieline.rules.verify.space import Space, fraction_of, instant_value, number_of
from tieline.types import Json


@dataclass(frozen=True, slots=True)
class _Cut:
    """A literal's place, and the variables for `x < at` and `x <= at`."""

    at: Fraction
    below: int
    upto: int


class OrderedDomain:
    """Exact for every comparison; `contains` and `regex` on a date-time's text are only tried."""

    def __init__(
        self,
        space: Space,
        conditions: Iterable[Condition],
        clauses: Clauses,
        judge: Callable[[Condition, Json], bool],
    ) -> None:
        """Cut the line at the literals and forbid what is empty."""
        self.space = space
        self.present = clauses.variable()
        self._judge = judge
        cuts: set[Fraction] = set()
        self._textual: dict[Condition, int] = {}
        for condition in conditions:
            if condition.operator in ("contains", "regex"):
                self._textual.setdefault(condition, clauses.variable())
            elif condition.operator not in ("exists", "not_exists"):
                cuts.add(self._place(condition))
        self._cuts = [_Cut(at, clauses.variable(), clauses.variable()) for at in sorted(cuts)]
        self._cut_at = {cut.at: cut for cut in self._cuts}
        for literal in (*self._line(), *self._textual.values()):
            clauses.add(-literal, self.present)
        self._chain(clauses)

    def atom(self, condition: Condition) -> Formula:
        """The regions that satisfy it."""
        known = existence(condition, self.present)
        if known is not None:
            return known
        if condition.operator in ("contains", "regex"):
            return self._textual[condition]
        cut = self._cut_at[self._place(condition)]
        below, upto = cut.below, cut.upto
        match condition.operator:
            case "lt":
                return below
            case "lte":
                return upto
            case "gt":
                return all_of((self.present, -upto))
            case "gte":
                return all_of((self.present, -below))
            case "eq":
                return all_of((upto, -below))
            case "neq":
                return all_of((self.present, any_of((below, -upto))))
            case operator:
                raise ValueError(f"{operator} is no comparison of numbers")

    def lemma(self, holds: Holds) -> list[int] | None:
        """Every region left is real; a date-time's text is compared with the one value tried."""
        if not self._textual:
            return None
        value = self.value(holds)
        for condition, literal in self._textual.items():
            if value is not None and self._judge(condition, value) != holds(literal):
                raise Undecided(
                    f"`{condition.field}`: {condition.operator} on the text of a date-time"
                )
        return None

    def blocking(self, holds: Holds) -> list[int]:
        """The region and the text together."""
        every = (self.present, *self._line(), *self._textual.values())
        return [-literal if holds(literal) else literal for literal in every]

    def value(self, holds: Holds) -> Json:
        """A simple value of the region."""
        if not holds(self.present):
            return None
        low: Fraction | None = None
        for cut in self._cuts:
            if holds(cut.below):
                return self._plain(self.space.between(low, cut.at))
            if holds(cut.upto):
                return self._plain(cut.at)
            low = cut.at
        return self._plain(self.space.between(low, None))

    def _chain(self, clauses: Clauses) -> None:
        low: Fraction | None = None
        before: int | None = None  # x <= the cut before
        for cut in self._cuts:
            clauses.add(-cut.below, cut.upto)
            if before is not None:
                clauses.add(-before, cut.below)
            if self.space.between(low, cut.at) is None:
                clauses.add(-cut.below, *(() if before is None else (before,)))
            if not self.space.holds_number(cut.at):
                clauses.add(-cut.upto, cut.below)
            low, before = cut.at, cut.upto
        if self.space.between(low, None) is None:
            clauses.add(-self.present, *(() if before is None else (before,)))

    def _line(self) -> Iterator[int]:
        for cut in self._cuts:
            yield cut.below
            yield cut.upto

    def _place(self, condition: Condition) -> Fraction:
        found = fraction_of(self.space.type, condition.value)
        if found is None:  # `check` has cast it
            raise ValueError(f"{condition.value!r} has no place on a line")
        return found

    def _plain(self, number: Fraction | None) -> Json:
        if number is None:
            return None
        return instant_value(number) if self.space.type.kind == "date-time" else number_of(number)
