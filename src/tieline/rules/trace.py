"""Why a rule matched a record, or did not: the one comparison, or the few, that decided it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tieline.errors import InvalidInput
from tieline.rules.evaluate import Interpreter, Invalid
from tieline.rules.model import And, Condition, Expression, Not, Or, Ruleset
from tieline.rules.text_writer import field_text, literal_text, write_text
from tieline.types import Json

# A value longer than this is cut in a sentence meant for people.
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One enabled rule's answer, in the order rules are tried."""

    rule: str
    matched: bool
    because: str

    def to_json(self) -> dict[str, Any]:
        """An entry of `trace`."""
        return {"rule": self.rule, "matched": self.matched, "because": self.because}


@dataclass(frozen=True, slots=True)
class Trace:
    """Every enabled rule's answer; `matched` names the first to match, which takes the record."""

    matched: str | None
    then: Mapping[str, Any] | None
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """The document of `rules evaluate --json`."""
        return {
            "matched": self.matched,
            "then": self.then,
            "trace": [step.to_json() for step in self.steps],
        }


def trace_record(ruleset: Ruleset, record: Json) -> Trace:
    """Evaluate one record and say why.

    Raises:
        InvalidInput: a field has a wrong type, or a required one is missing.
    """
    interpreter = Interpreter(ruleset)
    invalid = interpreter.invalid(record)
    if invalid is not None:
        raise refusal(invalid)
    steps: list[Step] = []
    winner = None
    for rule in interpreter.rules:
        matched = interpreter.matches(rule.when, record)
        because = _because(interpreter, rule.when, record, matched=matched)
        if matched and winner is not None:
            because = f"{because}; but `{winner.name}` takes it first"
        if matched and winner is None:
            winner = rule
        steps.append(Step(rule.name, matched, because))
    then = ruleset.default if winner is None else winner.then
    return Trace(None if winner is None else winner.name, then, tuple(steps))


def refusal(invalid: Invalid) -> InvalidInput:
    """The error for a record that is not evaluated."""
    details = [{"loc": ["record"], "type": "type", "message": one} for one in invalid.problems]
    return InvalidInput(
        f"the record cannot be evaluated: {'; '.join(invalid.problems[:3])}", details=details
    )


def _because(
    interpreter: Interpreter, expression: Expression, record: Mapping[str, Any], *, matched: bool
) -> str:
    """The part that decided: all of a true `and`, the false one of a false `and`, and so on."""
    match expression:
        case Condition():
            return _fact(expression, record.get(expression.field), matched=matched)
        case Not(child=child):
            return _because(interpreter, child, record, matched=not matched)
        case And(children=children) | Or(children=children):
            decided_by_one = isinstance(expression, Or) == matched
            parts = [one for one in children if interpreter.matches(one, record) == matched]
            shown = parts[:1] if decided_by_one else parts[:4]
            left = "" if decided_by_one or len(parts) == len(shown) else " and …"
            told = [_because(interpreter, one, record, matched=matched) for one in shown]
            return " and ".join(dict.fromkeys(told)) + left


def _fact(condition: Condition, value: Json, *, matched: bool) -> str:
    name = field_text(condition.field)
    if value is None:
        return f"{name} is missing"
    if condition.operator in ("exists", "not_exists"):
        return f"{name} is there"
    shown = _shown(value)
    words = write_text(condition).removeprefix(f"{name} ")
    return f"{name} is {shown}, {'so' if matched else 'not'} {words}"


def _shown(value: Json) -> str:
    if isinstance(value, list | tuple):
        text = "[" + ", ".join(literal_text(one) for one in value[:5]) + "]"
    else:
        text = literal_text(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
