"""The reference interpreter: what a rule means, written to be read.

Total and two-valued. A missing or null field makes every comparison false, `neq` included;
`exists` is true when the field is there and not null; `not` negates. Faster evaluators are tested
against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tieline.rules.check import field_types
from tieline.rules.exact_number import exact
from tieline.rules.field_type import FieldType, wrong_type
from tieline.rules.instant import instant_from_text
from tieline.rules.model import And, Condition, Expression, Not, Or, Rule, Ruleset
from tieline.rules.regex import Pattern, compile_pattern
from tieline.types import Json

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invalid:
    """A record that is not evaluated: what is wrong with it, a sentence a field."""

    problems: tuple[str, ...]


class Interpreter:
    """Evaluates a checked rule set (its literals cast, as `load_ruleset` returns it)."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Keep the enabled rules in the order they are tried."""
        self.ruleset = ruleset
        self.types = field_types(ruleset)
        self.rules = ruleset.ordered()
        self._patterns: dict[str, Pattern] = {}

    def invalid(self, record: Json) -> Invalid | None:
        """Why the record cannot be evaluated: a wrong type, or a required field it lacks."""
        if not isinstance(record, Mapping):
            return Invalid(("the record is no object",))
        problems = [
            problem
            for name, known in self.types.items()
            if (problem := wrong_type(known, record.get(name))) is not None
        ]
        problems += [
            f"`{name}` is required and missing"
            for name in self.ruleset.required
            if record.get(name) is None
        ]
        return Invalid(tuple(problems)) if problems else None

    def first_match(self, record: Record) -> Rule | Invalid | None:
        """The rule that takes the record; None when no rule does, Invalid when none may."""
        invalid = self.invalid(record)
        if invalid is not None:
            return invalid
        return next((rule for rule in self.rules if self.matches(rule.when, record)), None)

    def target(self, record: Record) -> Mapping[str, Any] | None:
        """Where a valid record ends: the winner's `then`, else the default."""
        rule = self.first_match(record)
        return rule.then if isinstance(rule, Rule) else self.ruleset.default

    def matches(self, expression: Expression, record: Record) -> bool:
        """Whether a valid record satisfies the expression."""
        match expression:
            case And(children=children):
                return all(self.matches(child, record) for child in children)
            case Or(children=children):
                return any(self.matches(child, record) for child in children)
            case Not(child=child):
                return not self.matches(child, record)
            case Condition():
                return self.holds(expression, record.get(expression.field))

    def holds(self, condition: Condition, value: Json) -> bool:
        """Whether a field's value satisfies one comparison."""
        match condition.operator:
            case "exists":
                return value is not None
            case "not_exists":
                return value is None
            case _:
                return value is not None and self.compares(condition, value)

    def compares(self, condition: Condition, value: Json) -> bool:
        """Whether a value that is there satisfies a comparison with a literal."""
        known = self.types[condition.field]
        if known.items is not None:
            wanted = comparable(known.items, condition.value)
            return any(comparable(known.items, item) == wanted for item in value)
        if condition.operator == "contains":
            return str(condition.value) in value
        if condition.operator == "regex":
            return self.pattern(str(condition.value)).search(value) is not None
        return _ordered(condition, comparable(known, value), comparable(known, condition.value))

    def pattern(self, text: str) -> Pattern:
        """The compiled pattern, compiled once."""
        if text not in self._patterns:
            compiled = compile_pattern(text)
            if isinstance(compiled, str):  # `check` has refused it
                raise ValueError(compiled)
            self._patterns[text] = compiled
        return self._patterns[text]


def comparable(known: FieldType, value: Json) -> Any:
    """A value of the field's type as something that compares as the language says.

    Numbers become exact, date-times instants; text and booleans stay what they are.
    """
    match known.kind:
        case "integer" | "number":
            return exact(value)
        case "date-time":
            return instant_from_text(value)
        case _:
            return value


def _ordered(condition: Condition, left: Any, right: Any) -> bool:
    match condition.operator:
        case "eq":
            return bool(left == right)
        case "neq":
            return bool(left != right)
        case "gt":
            return bool(left > right)
        case "gte":
            return bool(left >= right)
        case "lt":
            return bool(left < right)
        case "lte":
            return bool(left <= right)
        case operator:
            raise ValueError(f"{operator} compares no two values")
