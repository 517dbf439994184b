"""A field's type as the language sees it, read from its JSON Schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tieline.rules.exact_number import exact, is_whole
from tieline.rules.instant import instant_from_text
from tieline.types import Json

Kind = Literal["string", "date-time", "integer", "number", "boolean", "array", "object"]

_JSON_TYPES = ("string", "integer", "number", "boolean", "array", "object")
_ORDERED: tuple[Kind, ...] = ("integer", "number", "date-time")


@dataclass(frozen=True, slots=True)
class FieldType:
    """`kind` of the value, `items` of an array's members; `schema` keeps every other keyword."""

    name: str
    kind: Kind
    schema: Mapping[str, Any]
    items: "FieldType | None" = None

    @property
    def ordered(self) -> bool:
        """Whether gt, gte, lt and lte mean something here."""
        return self.kind in _ORDERED

    def __str__(self) -> str:
        """As messages call it: `array of string`."""
        return f"array of {self.items}" if self.items else self.kind


def field_type(name: str, schema: Json) -> FieldType | str:
    """The type of a field, or the sentence that says why its schema is not usable."""
    if not isinstance(schema, Mapping):
        return "a field's schema is a mapping such as `{type: string}`"
    declared = _declared(schema)
    if declared not in _JSON_TYPES:
        known = ", ".join(_JSON_TYPES)
        return f"its `type` must be one of {known}" + (
            "" if declared is None else f", not {declared!r}"
        )
    if declared == "string" and schema.get("format") == "date-time":
        return FieldType(name, "date-time", schema)
    if declared != "array":
        return FieldType(name, declared, schema)
    items = field_type(name, schema.get("items"))
    if isinstance(items, str) or items.kind in ("array", "object"):
        return "an array needs `items` of a plain type, such as `items: {type: string}`"
    return FieldType(name, "array", schema, items)


def wrong_type(field: FieldType, value: Json) -> str | None:
    """What a record's value is instead of the field's type; None when it fits, or is null.

    Only the type is judged (and an array's members, and a date-time's form): a value outside
    `enum` or `minimum` is compared as it stands.
    """
    if value is None:
        return None
    if field.items is not None:
        if not isinstance(value, list | tuple):
            return f"`{field.name}` is {_named(value)}, not an array"
        for number, item in enumerate(value):
            if item is None or wrong_type(field.items, item):
                return f"`{field.name}[{number}]` is {_named(item)}, not {field.items}"
        return None
    return (
        None if _fits(field.kind, value) else f"`{field.name}` is {_named(value)}, not {field.kind}"
    )


def _declared(schema: Mapping[str, Any]) -> Any:
    declared = schema.get("type")
    if isinstance(declared, list):  # `[string, null]`: any field may be null anyway
        some = [one for one in declared if one != "null"]
        declared = some[0] if len(some) == 1 else declared
    if declared is None and isinstance(schema.get("enum"), list):
        kinds = {_json_type(value) for value in schema["enum"] if value is not None}
        declared = kinds.pop() if len(kinds) == 1 else None
    return declared


def _json_type(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    number = exact(value)
    if number is not None:
        return "integer" if is_whole(number) else "number"
    return "string" if isinstance(value, str) else "null"


def _fits(kind: Kind, value: Json) -> bool:
    match kind:
        case "string" | "date-time":
            if not isinstance(value, str) or not _is_unicode(value):
                return False
            return kind == "string" or instant_from_text(value) is not None
        case "boolean":
            return isinstance(value, bool)
        case "number" | "integer":
            number = exact(value)
            return number is not None and (kind == "number" or is_whole(number))
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list | tuple)


def _is_unicode(text: str) -> bool:
    # JSON can escape half a surrogate pair; such text has no UTF-8 and no pattern can look at it.
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _named(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string" if _is_unicode(value) else "half of a surrogate pair"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    return "a number" if exact(value) is not None else "no JSON value"
