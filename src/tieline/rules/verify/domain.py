"""What a kind of field brings to the proof: its atoms as formulas, its clauses, its values.

A domain hands out variables when it is made, one group a field. The solver knows nothing else of
fields: whatever assignment it finds, `value` turns the field's part of it into a value of a record.
"""

from collections.abc import Callable
from typing import Protocol

from tieline.rules.model import Condition
from tieline.rules.verify.formula import Formula
from tieline.types import Json

Holds = Callable[[int], bool]
"""Whether a literal holds in the assignment at hand."""

Expired = Callable[[], bool]
"""Whether the time budget has run out; asked inside whatever may take long."""

OUT_OF_TIME = "the time budget ran out"


class Undecided(Exception):
    """The method cannot tell whether such a value exists; the message says why."""


def never() -> bool:
    """The answer of a budget without end."""
    return False


class Domain(Protocol):
    """One field of the rule set."""

    @property
    def present(self) -> int:
        """The variable that says the field is there and not null."""
        ...

    def atom(self, condition: Condition) -> Formula:
        """When the comparison holds; its negation is when it does not, absence included."""
        ...

    def lemma(self, holds: Holds) -> list[int] | None:
        """A clause that every record satisfies and this assignment does not; None if it is real.

        Raises:
            Undecided: nobody knows whether it is real.
        """
        ...

    def blocking(self, holds: Holds) -> list[int]:
        """A clause that excludes just this assignment of the field, for an undecided one."""
        ...

    def value(self, holds: Holds) -> Json:
        """A value of the field that this assignment describes; None when it is absent."""
        ...


def existence(condition: Condition, present: int) -> Formula | None:
    """The formula of `exists` and `not_exists`; None for other operators."""
    if condition.operator == "exists":
        return present
    return -present if condition.operator == "not_exists" else None
