"""A field with a closed set of values: a boolean, an enum, a constant. One variable a value."""

from collections.abc import Callable, Iterable

from tieline.rules.model import Condition
from tieline.rules.verify.domain import Holds, existence
from tieline.rules.verify.formula import Clauses, Formula, any_of
from tieline.types import Json


class ChoiceDomain:
    """Exact for every operator: each value is put to the reference interpreter."""

    def __init__(
        self,
        values: Iterable[Json],
        clauses: Clauses,
        judge: Callable[[Condition, Json], bool],
    ) -> None:
        """Say that a present field has exactly one of its values."""
        self.values = tuple(values)
        self.present = clauses.variable()
        self._judge = judge
        self._chosen = [clauses.variable() for _ in self.values]
        clauses.add(-self.present, *self._chosen)
        for chosen in self._chosen:
            clauses.add(-chosen, self.present)
        clauses.at_most_one(self._chosen)

    def atom(self, condition: Condition) -> Formula:
        """The values that satisfy it."""
        known = existence(condition, self.present)
        if known is not None:
            return known
        return any_of(
            chosen
            for chosen, value in zip(self._chosen, self.values, strict=True)
            if self._judge(condition, value)
        )

    def lemma(self, holds: Holds) -> list[int] | None:
        """Every assignment is real."""
        del holds
        return None

    def blocking(self, holds: Holds) -> list[int]:
        """Never asked for: nothing is undecided here."""
        return [-literal for literal in self._chosen if holds(literal)]

    def value(self, holds: Holds) -> Json:
        """The chosen one."""
        chosen = zip(self._chosen, self.values, strict=True)
        return next((value for literal, value in chosen if holds(literal)), None)
