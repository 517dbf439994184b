"""Cells of rows: the literal that a column takes, a column's default, and what both stand for."""

from collections.abc import Mapping
from typing import Any

from tieline.emulator.business_rules.attributes import Attribute
from tieline.emulator.business_rules.values import (
    constraint_flaws,
    current_time,
    empty,
    type_flaw,
)
from tieline.types import Json

SPECIALS = ("Wildcard", "Null", "Empty", "CurrentTime")
FIELDS = frozenset(
    {"string", "integer", "number", "date", "datetime", "special", "strings", "boolean"}
)

# A part of a text or of a list may be shorter than the attribute's shortest value; what stands
# for a whole value may not. An output, which has no comparator, is one.
WHOLE_VALUE = frozenset(
    {
        None, "Equals", "NotEquals", "GreaterThan", "GreaterThanOrEquals", "LessThan",
        "LessThanOrEquals", "ContainsExactly", "NotContainsExactly",
    }
)  # fmt: skip

Literal = dict[str, Any]


def literal_flaw(attribute: Attribute, literal: Any, *, comparator: str | None) -> str | None:
    """What is wrong with a literal, None when the column takes it; an output has no comparator."""
    if not isinstance(literal, dict) or set(literal) - FIELDS:
        return f"a literal with one of {', '.join(sorted(FIELDS))}"
    given = [name for name, value in literal.items() if value is not None]
    if len(given) != 1:
        return "exactly one field in a literal"
    (name,) = given
    if name == "special":
        return special_flaw(attribute, literal[name], output=comparator is None)
    if name != attribute.core.literal:
        return f"a literal of {attribute.core.name} stands in the field {attribute.core.literal}"
    flaw = _value_flaw(attribute, literal[name], comparator)
    single = attribute.core.name == "stringList" and comparator in {"Contains", "NotContains"}
    if flaw is None and single and len(literal[name]) != 1:
        return f"{comparator} takes one text"
    return flaw


def special_flaw(attribute: Attribute, special: object, *, output: bool) -> str | None:
    """What is wrong with a special in a column of the attribute."""
    if special not in SPECIALS:
        return f"a special is one of {', '.join(SPECIALS)}"
    if special == "Wildcard" and output:
        return "Wildcard is for inputs"
    if special == "Empty" and attribute.core.name not in {"string", "stringList"}:
        return "Empty is for string and stringList"
    if special == "CurrentTime" and attribute.core.name not in {"date", "datetime"}:
        return "CurrentTime is for date and datetime"
    return None


def default_flaw(attribute: Attribute, default: Any, *, comparator: str | None) -> str | None:
    """What is wrong with a column's `defaultsTo`; an output has no comparator."""
    if not isinstance(default, dict) or set(default) - {"value", "values", "special"}:
        return "value, values or special"
    given = [name for name, value in default.items() if value is not None]
    if len(given) != 1:
        return "exactly one of value, values and special"
    if given == ["special"]:
        return special_flaw(attribute, default["special"], output=comparator is None)
    if (given == ["values"]) != (attribute.core.name == "stringList"):
        return "values for a stringList, value for any other"
    value = default[given[0]]
    if given == ["value"] and not isinstance(value, str):
        return "a value is written as text"
    flaw = _value_flaw(attribute, cast(attribute, value), comparator)
    return None if flaw is None else f"{flaw}, as text"


def default_literal(attribute: Attribute, default: Mapping[str, Any]) -> Literal:
    """A column's `defaultsTo` as a literal."""
    if "special" in default:
        return {"special": default["special"]}
    value = default["values"] if "values" in default else cast(attribute, default["value"])
    return {attribute.core.literal: value}


def cast(attribute: Attribute, value: Any) -> Any:
    """A text as a value of the attribute's type; returned as it is when it cannot be one."""
    try:
        match attribute.core.name:
            case "integer":
                return int(value) if value.isascii() and value.lstrip("-").isdecimal() else value
            case "number":
                return float(value) if "." in value or "e" in value.lower() else int(value)
            case "boolean":
                return {"true": True, "false": False}.get(value.lower(), value)
            case _:
                return value
    except ValueError:
        return value


def _value_flaw(attribute: Attribute, value: Any, comparator: str | None) -> str | None:
    flaw = type_flaw(attribute, value)
    if flaw is None and comparator in WHOLE_VALUE:
        flaw = next(constraint_flaws(attribute, value), None)
    return flaw


def meant(attribute: Attribute, literal: Literal, *, now: float) -> Json:
    """The value a literal stands for: of a special its meaning, None for `Null`."""
    special = literal.get("special")
    if special == "Null":
        return None
    if special == "Empty":
        return empty(attribute)
    if special == "CurrentTime":
        return current_time(attribute, now=now)
    return literal[attribute.core.literal]
