"""Arrays: one variable a literal that some condition looks for, true when it is a member.

How many members there may be is a matter of counting: the literals found, and as many others as
`minItems` asks for and the items' own schema provides.
"""

from collections.abc import Iterable

from tieline.rules.field_type import FieldType
from tieline.rules.model import Condition
from tieline.rules.verify.domain import Expired, Holds, Undecided, existence, never
from tieline.rules.verify.formula import Clauses, Formula
from tieline.rules.verify.others import other_values
from tieline.rules.verify.space import Space, fraction_of
from tieline.types import Json

# Enough members to satisfy any minItems a person writes; more is answered `undecided`.
MOST_MEMBERS = 1_000


class MemberDomain:
    """Exact for `contains` with minItems, maxItems, uniqueItems and any items schema."""

    def __init__(
        self,
        space: Space,
        items: Space,
        conditions: Iterable[Condition],
        clauses: Clauses,
        expired: Expired = never,
    ) -> None:
        """Count what must and may be in the array."""
        self.space = space
        self.present = clauses.variable()
        self._member: dict[Json, int] = {}
        self._literal: dict[int, Json] = {}
        for condition in conditions:
            if condition.operator == "contains" and items.allows(condition.value):
                key = _key(items.type, condition.value)
                if key not in self._member:
                    variable = self._member[key] = clauses.variable()
                    self._literal[variable] = condition.value
        self._items = items
        self._expired = expired
        self._others, self._unknown = self._find_others()
        self._constrain(clauses)

    def atom(self, condition: Condition) -> Formula:
        """Membership; a literal the items cannot be is never a member."""
        known = existence(condition, self.present)
        if known is not None:
            return known
        return self._member.get(_key(self._items.type, condition.value), False)

    def lemma(self, holds: Holds) -> list[int] | None:
        """Real, unless nobody knows what else the array could hold."""
        if self._unknown and holds(self.present):
            too_many = self.space.min_length > MOST_MEMBERS
            if too_many or self._missing(holds) > len(self._others):
                raise Undecided(self._unknown)
        return None

    def blocking(self, holds: Holds) -> list[int]:
        """The members found."""
        every = (self.present, *self._literal)
        return [-literal if holds(literal) else literal for literal in every]

    def value(self, holds: Holds) -> Json:
        """The members found, filled up to `minItems`."""
        if not holds(self.present):
            return None
        found = [value for literal, value in self._literal.items() if holds(literal)]
        if self.space.unique:
            return [*found, *self._others[: max(0, self.space.min_length - len(found))]]
        fill = (found or list(self._others))[:1]
        return [*found, *fill * max(0, self.space.min_length - len(found))]

    def _missing(self, holds: Holds) -> int:
        found = sum(1 for literal in self._literal if holds(literal))
        missing = max(0, self.space.min_length - found)
        return missing if self.space.unique else min(missing, 0 if found else 1)

    def _find_others(self) -> tuple[list[Json], str]:
        needed = self.space.min_length if self.space.unique else min(self.space.min_length, 1)
        if self.space.min_length > MOST_MEMBERS:
            return [], too_many_members(self.space)
        taken = list(self._literal.values())
        try:
            return other_values(self._items, taken, needed, expired=self._expired), ""
        except Undecided as exc:
            return [], str(exc)

    def _constrain(self, clauses: Clauses) -> None:
        found = list(self._literal)
        for literal in found:
            clauses.add(-literal, self.present)
        if self.space.max_length is not None:
            clauses.at_most(found, self.space.max_length)
            if self.space.min_length > self.space.max_length:
                clauses.add(-self.present)
        if self._unknown:
            return
        if self.space.unique:
            clauses.at_least(self.present, found, self.space.min_length - len(self._others))
        elif self.space.min_length and not self._others:
            clauses.at_least(self.present, found, 1)


def too_many_members(space: Space) -> str:
    """The reason for an array nobody would want to see as a witness."""
    return f"`{space.type.name}`: more than {MOST_MEMBERS:,} members"


def _key(items: FieldType, value: Json) -> Json:
    if items.kind in ("integer", "number", "date-time"):
        return fraction_of(items, value)
    return value
