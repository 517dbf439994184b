"""Values of attributes: whether one is right, and the form in which two are compared."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tieline.emulator.business_rules.attributes import Attribute
from tieline.types import Json

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1
MOST_DECIMALS = 10

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:?\d{2})\Z", re.ASCII
)


def type_flaw(attribute: Attribute, value: Json) -> str | None:
    """What the value should have been, None when it is of the attribute's type.

    A queue is its id here; the nested form of executions is unwrapped before.
    """
    match attribute.core.name:
        case "integer":
            whole = isinstance(value, int) and not isinstance(value, bool)
            right = whole and SMALLEST_INTEGER <= value <= LARGEST_INTEGER
            return None if right else "an integer of 64 bits"
        case "number":
            return None if _is_number(value) else f"a number of at most {MOST_DECIMALS} decimals"
        case "boolean":
            return None if isinstance(value, bool) else "true or false"
        case "date":
            return None if _parsed(_DATE, value) else "a date, yyyy-MM-dd"
        case "datetime":
            return None if _parsed(_DATETIME, value) else "a date-time, yyyy-MM-dd'T'HH:mm:ss.SSSZ"
        case "enum":
            right = value in attribute.options
            return None if right else f"one of {', '.join(attribute.options)}"
        case "stringList":
            texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
            return None if texts else "a list of texts"
        case _:
            return None if isinstance(value, str) else "a text"


def constraint_flaws(attribute: Attribute, value: Any) -> Iterator[str]:
    """List the constraints of the schema that a value of the right type breaks."""
    told = attribute.constraints
    size = len(value) if isinstance(value, str | list) else 0
    if isinstance(value, str) and attribute.core.name == "string":
        yield from _range(size, told.get("minLength"), told.get("maxLength"), "characters")
    elif isinstance(value, list):
        yield from _range(size, told.get("minItems"), told.get("maxItems"), "items")
        items = told.get("items") or {}
        for item in value:
            yield from _range(
                len(item), items.get("minLength"), items.get("maxLength"), "characters an item"
            )
        if told.get("uniqueItems") and len(set(value)) < size:
            yield "each item once"
    elif attribute.core.name in {"integer", "number"}:
        yield from _range(value, told.get("minimum"), told.get("maximum"), "")


def comparable(attribute: Attribute, value: Any) -> Any:
    """A value of the right type as something that orders and equals as the platform does."""
    match attribute.core.name:
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case _:
            return value


def empty(attribute: Attribute) -> Json:
    """What the special `Empty` stands for."""
    return [] if attribute.core.name == "stringList" else ""


def current_time(attribute: Attribute, *, now: float) -> str:
    """What the special `CurrentTime` stands for: this moment, or today, in UTC."""
    moment = datetime.fromtimestamp(now, UTC)
    if attribute.core.name == "date":
        return moment.date().isoformat()
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def _range(size: Any, least: Any, most: Any, unit: str) -> Iterator[str]:
    if least is not None and size < least:
        yield f"at least {least} {unit}".rstrip()
    if most is not None and size > most:
        yield f"at most {most} {unit}".rstrip()


def _is_number(value: Json) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DECIMALS


def _parsed(form: re.Pattern[str], value: Json) -> bool:
    if not isinstance(value, str) or not form.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
