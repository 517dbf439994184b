"""Casting a literal to its field's type: deterministic, shown, never a guess.

| the field is | taken as it is | cast |
|---|---|---|
| boolean | a boolean | "true", "false" |
| integer, number | a number | a string that is a JSON number |
| string | a string | a number or boolean to its JSON text |
| date-time | a string in RFC 3339 form | |
| array | what fits its items | what casts to its items |

`contains` and `regex` on a date-time look at its text, so there any string will do.
"""

from dataclasses import dataclass

from tieline.rules.exact_number import exact, narrowest, number_from_text, number_text
from tieline.rules.field_type import FieldType, Kind
from tieline.rules.instant import instant_from_text
from tieline.rules.model import Operator
from tieline.rules.text_writer import literal_text
from tieline.types import Json


@dataclass(frozen=True, slots=True)
class Cast:
    """The literal as the comparison uses it: a bool, str, int or Decimal."""

    value: Json
    changed: bool


def cast_literal(value: Json, field: FieldType, operator: Operator) -> Cast | None:
    """The literal in the field's type; None when it cannot be one (`type-mismatch`)."""
    kind: Kind = field.kind if field.items is None else field.items.kind
    if operator == "regex" or (operator == "contains" and field.kind == "date-time"):
        kind = "string"
    result = _cast(value, kind)
    if result is None:
        return None
    changed = isinstance(value, bool) != isinstance(result, bool) or isinstance(
        value, str
    ) != isinstance(result, str)
    return Cast(result, changed)


def mismatch(value: Json, field: FieldType) -> str:
    """Why the literal does not fit, for a finding."""
    kind = field.kind if field.items is None else field.items.kind
    wanted = {
        "boolean": "true or false",
        "integer": "a number",
        "number": "a number",
        "date-time": 'a date-time such as "2026-01-31T09:00:00Z"',
        "string": "text",
    }.get(kind, kind)
    return f"`{field.name}` is {_article(str(field))}; {literal_text(value)} is not {wanted}"


def _cast(value: Json, kind: Kind) -> Json:
    number = exact(value)
    match kind:
        case "boolean":
            as_text = {"true": True, "false": False}
            return (
                value
                if isinstance(value, bool)
                else as_text.get(value)
                if isinstance(value, str)
                else None
            )
        case "integer" | "number":
            if isinstance(value, str):
                number = number_from_text(value)
            return None if number is None else narrowest(number)
        case "date-time":
            return (
                value if isinstance(value, str) and instant_from_text(value) is not None else None
            )
        case "string":
            if isinstance(value, bool):
                return "true" if value else "false"
            return (
                value if isinstance(value, str) else None if number is None else number_text(number)
            )
        case "array" | "object":
            return None


def _article(word: str) -> str:
    return f"{'an' if word[0] in 'aio' else 'a'} {word}"
