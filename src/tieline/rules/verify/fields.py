"""The domains of a rule set's fields, and records out of assignments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tieline.contracts.validation import Schema
from tieline.rules.evaluate import Interpreter
from tieline.rules.field_schema import field_schema
from tieline.rules.field_type import FieldType
from tieline.rules.model import And, Condition, Expression, Not, Or, Ruleset
from tieline.rules.verify.choice_domain import ChoiceDomain
from tieline.rules.verify.domain import Domain, Expired, Holds, Undecided, existence, never
from tieline.rules.verify.formula import Clauses, Formula, all_of, any_of, negated
from tieline.rules.verify.member_domain import MOST_MEMBERS, MemberDomain, too_many_members
from tieline.rules.verify.ordered_domain import OrderedDomain
from tieline.rules.verify.others import other_values
from tieline.rules.verify.space import Space, space_of
from tieline.rules.verify.text_domain import TextDomain
from tieline.types import Json


class PresenceDomain:
    """A field no rule compares: there or not, with one value that stands for all."""

    def __init__(self, space: Space, clauses: Clauses, expired: Expired = never) -> None:
        """Forbid its presence when the schema allows no value."""
        self.present = clauses.variable()
        self._reason = ""
        self._value: Json = None
        try:
            values = _any_value(space, expired)
        except Undecided as exc:
            self._reason = str(exc)
        else:
            if values:
                self._value = values[0]
            else:
                clauses.add(-self.present)

    def atom(self, condition: Condition) -> Formula:
        """`exists` and `not_exists` only."""
        known = existence(condition, self.present)
        if known is None:
            raise ValueError(f"{condition.operator} compares a field that has only a presence")
        return known

    def lemma(self, holds: Holds) -> list[int] | None:
        """Real, unless no value is known."""
        if self._reason and holds(self.present):
            raise Undecided(self._reason)
        return None

    def blocking(self, holds: Holds) -> list[int]:
        """Its presence."""
        return [-self.present] if holds(self.present) else [self.present]

    def value(self, holds: Holds) -> Json:
        """The one value."""
        return self._value if holds(self.present) else None


@dataclass(slots=True)
class Fields:
    """Every field's domain; `reasons` says what of the schemas is not understood."""

    domains: dict[str, Domain]
    reasons: tuple[str, ...]
    schemas: Mapping[str, Schema]  # judge witnesses; none where every keyword was understood

    def formula(self, expression: Expression) -> Formula:
        """When the expression holds."""
        match expression:
            case Condition():
                return self.domains[expression.field].atom(expression)
            case And(children=children):
                return all_of(self.formula(child) for child in children)
            case Or(children=children):
                return any_of(self.formula(child) for child in children)
            case Not(child=child):
                return negated(self.formula(child))

    def record(self, holds: Holds) -> dict[str, Json]:
        """A record of the assignment; absent fields are left out."""
        values = ((name, domain.value(holds)) for name, domain in self.domains.items())
        return {name: value for name, value in values if value is not None}


def fields_of(
    ruleset: Ruleset, interpreter: Interpreter, clauses: Clauses, expired: Expired = never
) -> Fields:
    """Make the domains of all fields that a rule names or a record must have."""
    asked: dict[str, list[Condition]] = {name: [] for name in ruleset.required}
    for rule in interpreter.rules:
        for condition in conditions_of(rule.when):
            asked.setdefault(condition.field, []).append(condition)
    domains: dict[str, Domain] = {}
    reasons: list[str] = []
    for name, conditions in asked.items():
        space = space_of(interpreter.types[name])
        reasons.extend(space.reasons)
        domains[name] = _domain(space, conditions, clauses, interpreter, expired)
    for name in ruleset.required:
        clauses.add(domains[name].present)
    judges = {name: field_schema(ruleset.fields[name]) for name in domains} if reasons else {}
    return Fields(domains, tuple(reasons), judges)


def conditions_of(expression: Expression) -> Iterable[Condition]:
    """Its leaves, left to right."""
    match expression:
        case Condition():
            yield expression
        case Not(child=child):
            yield from conditions_of(child)
        case And(children=children) | Or(children=children):
            for child in children:
                yield from conditions_of(child)


def _domain(
    space: Space,
    conditions: list[Condition],
    clauses: Clauses,
    interpreter: Interpreter,
    expired: Expired,
) -> Domain:
    compared = any(one.operator not in ("exists", "not_exists") for one in conditions)
    kind: FieldType = space.type
    if not compared or kind.kind == "object":
        return PresenceDomain(space, clauses, expired)
    if space.choices is not None:
        return ChoiceDomain(space.choices, clauses, interpreter.holds)
    if space.items is not None:
        return MemberDomain(space, space.items, conditions, clauses, expired)
    if kind.kind == "string":
        return TextDomain(space, conditions, clauses, interpreter.holds, expired)
    return OrderedDomain(space, conditions, clauses, interpreter.holds)


def _any_value(space: Space, expired: Expired) -> list[Json]:
    if space.choices is not None:
        return list(space.choices[:1])
    if space.type.kind == "object":
        return [{}]
    if space.items is None:
        return other_values(space, [], 1, expired=expired)
    if space.min_length > MOST_MEMBERS:
        raise Undecided(too_many_members(space))
    needed = space.min_length if space.unique else min(space.min_length, 1)
    members = other_values(space.items, [], needed, expired=expired)
    if len(members) < needed or not space.holds_length(space.min_length):
        return []
    return [members if space.unique else members * space.min_length]
