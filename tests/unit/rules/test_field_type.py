"""A field's type out of its JSON Schema, and what a value is instead of it."""

from decimal import Decimal
from typing import Any

import pytest

from tieline.rules.field_type import FieldType, field_type, wrong_type

KINDS: list[tuple[dict[str, Any], str, bool]] = [
    ({"type": "string"}, "string", False),
    ({"type": "string", "format": "date-time"}, "date-time", True),
    ({"type": "string", "format": "email"}, "string", False),
    ({"type": "integer"}, "integer", True),
    ({"type": "number"}, "number", True),
    ({"type": "boolean"}, "boolean", False),
    ({"type": "object"}, "object", False),
    ({"type": ["string", "null"]}, "string", False),
    ({"enum": ["a", None]}, "string", False),
    ({"enum": [1, 2.0]}, "integer", True),
    ({"enum": [1.5]}, "number", True),
    ({"enum": [True]}, "boolean", False),
]


@pytest.mark.parametrize(("schema", "kind", "ordered"), KINDS, ids=[str(row[0]) for row in KINDS])
def test_a_field_has_the_type_its_schema_says(
    schema: dict[str, Any], kind: str, ordered: bool
) -> None:
    found = field_type("f", schema)

    assert isinstance(found, FieldType)
    assert (found.name, found.kind, found.schema, found.items) == ("f", kind, schema, None)
    assert (found.ordered, str(found)) == (ordered, kind)


def test_an_array_is_known_by_its_items() -> None:
    items = {"type": "string", "format": "date-time"}
    schema = {"type": "array", "items": items}

    found = field_type("f", schema)

    assert found == FieldType("f", "array", schema, FieldType("f", "date-time", items))
    assert str(found) == "array of date-time"


ONE_OF = "its `type` must be one of string, integer, number, boolean, array, object"
PLAIN_ITEMS = "an array needs `items` of a plain type, such as `items: {type: string}`"
USELESS: list[tuple[Any, str]] = [
    (5, "a field's schema is a mapping such as `{type: string}`"),
    ({}, ONE_OF),
    ({"type": "banana"}, f"{ONE_OF}, not 'banana'"),
    ({"type": ["string", "integer"]}, f"{ONE_OF}, not ['string', 'integer']"),
    ({"enum": [1, "a"]}, ONE_OF),
    ({"enum": [1, 1.5]}, ONE_OF),
    ({"enum": []}, ONE_OF),
    ({"enum": [[1]]}, f"{ONE_OF}, not 'null'"),
    ({"type": "array"}, PLAIN_ITEMS),
    ({"type": "array", "items": {"type": "object"}}, PLAIN_ITEMS),
    ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, PLAIN_ITEMS),
]


@pytest.mark.parametrize(("schema", "reason"), USELESS, ids=[str(row[0]) for row in USELESS])
def test_a_schema_of_no_use_is_told_why(schema: Any, reason: str) -> None:
    assert field_type("f", schema) == reason


STRINGS = {"type": "array", "items": {"type": "string"}}
WRONG: list[tuple[dict[str, Any], Any, str | None]] = [
    ({"type": "integer"}, 5, None),
    ({"type": "integer"}, 5.0, None),
    ({"type": "integer"}, Decimal("5E+2"), None),
    ({"type": "integer"}, None, None),
    ({"type": "integer"}, 5.5, "`f` is a number, not integer"),
    ({"type": "integer"}, True, "`f` is a boolean, not integer"),
    ({"type": "integer"}, "5", "`f` is a string, not integer"),
    ({"type": "number"}, 5.5, None),
    ({"type": "number"}, float("nan"), "`f` is no JSON value, not number"),
    ({"type": "number"}, [5], "`f` is an array, not number"),
    ({"type": "boolean"}, False, None),
    ({"type": "boolean"}, 0, "`f` is a number, not boolean"),
    ({"type": "string"}, "", None),
    ({"type": "string"}, {}, "`f` is an object, not string"),
    ({"type": "string"}, "\ud800", "`f` is half of a surrogate pair, not string"),
    ({"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z", None),
    ({"type": "string", "format": "date-time"}, "today", "`f` is a string, not date-time"),
    ({"type": "string", "format": "date-time"}, 5, "`f` is a number, not date-time"),
    ({"type": "object"}, {"a": 1}, None),
    ({"type": "object"}, "a", "`f` is a string, not object"),
    (STRINGS, [], None),
    (STRINGS, ("a", "b"), None),
    (STRINGS, "a", "`f` is a string, not an array"),
    (STRINGS, {}, "`f` is an object, not an array"),
    (STRINGS, ["a", 5], "`f[1]` is a number, not string"),
    (STRINGS, [None], "`f[0]` is null, not string"),
]


@pytest.mark.parametrize(
    ("schema", "value", "told"), WRONG, ids=[str(number) for number in range(len(WRONG))]
)
def test_a_value_fits_or_is_told_what_it_is(
    schema: dict[str, Any], value: Any, told: str | None
) -> None:
    known = field_type("f", schema)

    assert isinstance(known, FieldType)
    assert wrong_type(known, value) == told
