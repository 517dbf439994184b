"""`rules check`: every condition against the type of its field; literals cast on the way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal

from tieline.errors import InvalidInput
from tieline.rules.exact_number import exact
from tieline.rules.field_schema import field_schema
from tieline.rules.field_type import FieldType, field_type
from tieline.rules.finding import Code, Finding, Severity
from tieline.rules.literal import cast_literal, mismatch
from tieline.rules.model import And, Condition, Expression, Not, Or, Position, Rule, Ruleset
from tieline.rules.regex import compile_pattern
from tieline.rules.rule_file import RuleFile, read_rule_file
from tieline.rules.text_writer import literal_text
from tieline.types import Json

Strictness = Literal["normal", "strict"]


@dataclass(frozen=True, slots=True)
class ShownCast:
    """A literal that was cast, for people: `priority gte "5"` is read as 5."""

    rule: str
    field: str
    written: Json
    read: Json
    at: Position

    def __str__(self) -> str:
        """One sentence."""
        return f"`{self.field}`: {literal_text(self.written)} is read as {literal_text(self.read)}"


@dataclass(frozen=True, slots=True)
class Checked:
    """`ruleset` has its literals cast; it may be evaluated only when `ok`."""

    ruleset: Ruleset
    findings: tuple[Finding, ...]
    casts: tuple[ShownCast, ...]
    rules: int

    @property
    def ok(self) -> bool:
        """Whether nothing is an error."""
        return all(finding.severity != "error" for finding in self.findings)


def check_rule_file(
    file: RuleFile, *, strictness: Strictness = "normal", queues: Collection[str] | None = None
) -> Checked:
    """Check what was read; `queues` are the names and ids that exist, None when nobody knows.

    Under `strict` every warning is an error.
    """
    checker = _Checker(file.ruleset, file.faulty, queues, file.places)
    ruleset = checker.check()
    findings = (*file.findings, *checker.findings)
    if strictness == "strict":
        findings = tuple(replace(finding, severity="error") for finding in findings)
    ordered = sorted(findings, key=lambda finding: (finding.at.line or 0, finding.at.column or 0))
    return Checked(ruleset, tuple(ordered), tuple(checker.casts), file.rules)


def load_ruleset(data: bytes | str) -> Ruleset:
    """Read, check and cast a rule file that is meant to be used.

    Raises:
        InvalidInput: it cannot be read, or `check` has an error; `details` lists the findings.
    """
    return usable(check_rule_file(read_rule_file(data)))


def usable(checked: Checked) -> Ruleset:
    """The cast rule set, when there is no error in it.

    Raises:
        InvalidInput: with the first finding in the message and all of them in `details`.
    """
    errors = [finding for finding in checked.findings if finding.severity == "error"]
    if not errors:
        return checked.ruleset
    first = errors[0]
    place = "" if first.at.line is None else f" at line {first.at.line}, column {first.at.column}"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise InvalidInput(
        f"the rules have an error{place}: {first.message}{more}",
        hint=first.hint or "`tieline rules check` lists them with their lines",
        details=[finding.to_json() for finding in errors],
    )


def field_types(ruleset: Ruleset) -> dict[str, FieldType]:
    """The type of every field whose schema is usable; `check` reports the others."""
    found = ((name, field_type(name, schema)) for name, schema in ruleset.fields.items())
    return {name: kind for name, kind in found if isinstance(kind, FieldType)}


@dataclass(slots=True)
class _Checker:
    ruleset: Ruleset
    faulty: tuple[Rule, ...]
    queues: Collection[str] | None
    places: Mapping[str, Position]
    findings: list[Finding] = field(default_factory=list)
    casts: list[ShownCast] = field(default_factory=list)
    types: dict[str, FieldType] = field(default_factory=dict)
    rule: str | None = None

    def check(self) -> Ruleset:
        """Every rule; returns them with their literals cast."""
        self.read_types()
        rules = tuple(self.check_rule(rule) for rule in self.ruleset.rules)
        for rule in self.faulty:
            self.check_rule(rule)
        self.rule = None
        self.queue(self.ruleset.queue, self.place("queue"))
        if self.ruleset.default is not None:
            self.queue(self.ruleset.default.get("queue"), self.place("default"))
        return replace(self.ruleset, rules=rules)

    def read_types(self) -> None:
        """Fields whose schema is of no use are reported once, here."""
        for name, schema in self.ruleset.fields.items():
            found = field_type(name, schema)
            if isinstance(found, FieldType):
                found = _schema_fault(schema) or found
            if isinstance(found, FieldType):
                self.types[name] = found
            else:
                message = f"the field `{name}` cannot be used: {found}"
                self.add("syntax", message, self.place(f"fields.{name}"))

    def place(self, path: str) -> Position:
        """Where something outside the rules stands."""
        return self.places.get(path, Position(path))

    def check_rule(self, rule: Rule) -> Rule:
        """One rule's condition and target."""
        self.rule = rule.name
        self.queue(rule.then.get("queue"), self.place(f"{rule.at.path}.then"))
        return replace(rule, when=self.expression(rule.when))

    def expression(self, expression: Expression) -> Expression:
        """The expression with its literals cast; at most ten levels deep, so recursion is safe."""
        match expression:
            case Condition():
                return self.condition(expression)
            case Not(child=child):
                return replace(expression, child=self.expression(child))
            case And(children=children) | Or(children=children):
                return replace(expression, children=tuple(self.expression(one) for one in children))

    def condition(self, condition: Condition) -> Condition:
        """The four things that can be wrong with a comparison."""
        known = self.types.get(condition.field)
        if known is None:
            if condition.field not in self.ruleset.fields:
                self.unknown_field(condition)
            return condition
        if condition.operator in ("exists", "not_exists"):
            return self.existence(condition)
        refused = _operator_refused(known, condition)
        if refused:
            self.add("operator-not-for-type", refused[0], condition.at, refused[1])
            return condition
        cast = cast_literal(condition.value, known, condition.operator)
        if cast is None:
            self.add("type-mismatch", mismatch(condition.value, known), condition.at)
            return condition
        if condition.operator == "regex":
            pattern = compile_pattern(str(cast.value))
            if isinstance(pattern, str):
                message = f"{literal_text(cast.value)} is not RE2 syntax: {pattern}"
                self.add("bad-regex", message, condition.at)
                return condition
        if cast.changed:
            shown = ShownCast(
                self.rule or "", condition.field, condition.value, cast.value, condition.at
            )
            self.casts.append(shown)
        return replace(condition, value=cast.value)

    def unknown_field(self, condition: Condition) -> None:
        """A field no record is said to have."""
        close = get_close_matches(condition.field, list(self.ruleset.fields), n=1)
        hint = f"did you mean `{close[0]}`?" if close else "declare it under `fields`"
        self.add("unknown-field", f"there is no field `{condition.field}`", condition.at, hint)

    def existence(self, condition: Condition) -> Condition:
        """A value behind `exists` is a sign of a misunderstanding."""
        if condition.value is None:
            return condition
        message = f"`{condition.operator}` ignores its value {literal_text(condition.value)}"
        hint = "`contains` or `eq` was probably meant"
        self.add("value-ignored", message, condition.at, hint, severity="warning")
        return replace(condition, value=None)

    def queue(self, queue: Json, at: Position) -> None:
        """A queue that is known not to exist."""
        name = queue.get("id") or queue.get("name") if isinstance(queue, Mapping) else queue
        if self.queues is None or name is None or name in self.queues:
            return
        close = get_close_matches(str(name), list(self.queues), n=1)
        hint = f"did you mean `{close[0]}`?" if close else ""
        self.add("unknown-queue", f"there is no queue `{name}`", at, hint)

    def add(
        self,
        code: Code,
        message: str,
        at: Position,
        hint: str = "",
        *,
        severity: Severity = "error",
    ) -> None:
        """Keep a finding about the rule at hand."""
        self.findings.append(Finding(severity, code, message, self.rule, at, hint))


def _schema_fault(schema: Mapping[str, Any]) -> str | None:
    """Why it is no JSON Schema."""
    try:
        field_schema(schema)
    except InvalidInput as exc:
        return exc.message
    return None


def _operator_refused(known: FieldType, condition: Condition) -> tuple[str, str] | None:
    """The sentence and the hint for an operator that means nothing on this type."""
    operator = condition.operator
    message = f"`{operator}` does not apply to `{known.name}`, {known}"
    if known.kind == "object":
        return message, "an object can only be tested with exists and not_exists"
    if operator in ("gt", "gte", "lt", "lte") and not known.ordered:
        wanted = "numbers and date-times"
        as_number = known.kind == "string" and exact(condition.value) is not None
        hint = f"declare `{known.name}` as a number" if as_number else f"it applies to {wanted}"
        return message, hint
    if operator == "regex" and known.kind not in ("string", "date-time"):
        return message, "it applies to strings"
    if operator == "contains" and known.kind not in ("string", "date-time", "array"):
        return message, "it applies to arrays and strings"
    if operator in ("eq", "neq") and known.kind == "array":
        return message, "use `contains` to look for a member"
    return None
