"""Rule sets as data: fields, expressions, rules. Every expression knows where it was written."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tieline.types import Json

Operator = Literal[
    "eq", "neq", "gt", "gte", "lt", "lte", "exists", "not_exists", "contains", "regex"
]
Ordering = Literal["highest_first", "lowest_first"]


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands: `path` in the document (`rules[2].when`), line, column from 1."""

    path: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one field with one literal; `exists` and `not_exists` need no value.

    A number with a point or exponent is a `Decimal`, exact: see `exact_number`.
    """

    field: str
    operator: Operator
    value: Json = None
    at: Position = dataclasses.field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """True when every child is."""

    children: tuple["Expression", ...]
    at: Position = dataclasses.field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """True when any child is."""

    children: tuple["Expression", ...]
    at: Position = dataclasses.field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """True when its child is not."""

    child: "Expression"
    at: Position = dataclasses.field(default=Position(), compare=False)


Expression = Condition | And | Or | Not


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the administrator's intent. `then` is where a matching record goes."""

    name: str
    when: Expression
    then: Mapping[str, Any]
    priority: int = 0
    enabled: bool = True
    description: str = ""
    at: Position = dataclasses.field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """An example for `rules test`: the record, and the rule that should take it (None: no rule)."""

    name: str
    record: Mapping[str, Any]
    expect: str | None
    at: Position = dataclasses.field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A rule file, parsed. `rules` keep file order; `ordered()` is evaluation order."""

    name: str
    fields: Mapping[str, Mapping[str, Any]]  # JSON Schema of a record's properties
    rules: tuple[Rule, ...]
    queue: Json = None  # a name, or {"id": …}
    priority_order: Ordering = "highest_first"
    required: tuple[str, ...] = ()
    default: Mapping[str, Any] | None = None
    description: str = ""
    cases: tuple[Case, ...] = ()

    def ordered(self) -> tuple[Rule, ...]:
        """Enabled rules as they are tried: by priority, ties in file order."""
        sign = -1 if self.priority_order == "highest_first" else 1
        enabled = (rule for rule in self.rules if rule.enabled)
        return tuple(sorted(enabled, key=lambda rule: sign * rule.priority))
