"""The `flatten=true` form: dotted names for nested properties, parallel arrays for lists."""

from collections.abc import Iterator
from typing import Any

from tieline.types import Json, JsonObject


def flat_schema(schema: JsonObject) -> tuple[JsonObject, list[str]]:
    """The flat schema, and the names that are arrays because of an array above them."""
    properties: dict[str, Any] = {}
    arrays: list[str] = []
    for name, field, inside_array in _leaves(schema, "", inside_array=False):
        properties[name] = {"type": "array", "items": field} if inside_array else field
        if inside_array:
            arrays.append(name)
    kept = {k: v for k, v in schema.items() if k in {"$schema", "title", "description"}}
    return {**kept, "type": "object", "properties": properties}, arrays


def flat_value(value: Json) -> Json:
    """A result in the same form; a value that is neither object nor array stays as it is."""
    if isinstance(value, list):
        return _columns(value, "")
    if not isinstance(value, dict):
        return value
    flat: dict[str, Any] = {}
    for name, child in value.items():
        flat |= _spread(name, child)
    return flat


def _leaves(
    schema: JsonObject, prefix: str, *, inside_array: bool
) -> Iterator[tuple[str, JsonObject, bool]]:
    kind = schema.get("type")
    if kind == "array" and isinstance(schema.get("items"), dict):
        items = schema["items"]
        if items.get("type") == "object":
            yield from _leaves(items, prefix, inside_array=True)
        else:
            yield prefix, items, True
        return
    properties = schema.get("properties")
    if kind == "object" and isinstance(properties, dict):
        for name, field in properties.items():
            joined = f"{prefix}.{name}" if prefix else name
            yield from _leaves(field, joined, inside_array=inside_array)
        return
    yield prefix, schema, inside_array


def _spread(prefix: str, value: Json) -> dict[str, Any]:
    if isinstance(value, dict) and value:
        spread: dict[str, Any] = {}
        for name, child in value.items():
            spread |= _spread(f"{prefix}.{name}", child)
        return spread
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return _columns(value, prefix)
    return {prefix: value}


def _columns(rows: list[Any], prefix: str) -> dict[str, Any]:
    if not all(isinstance(row, dict) for row in rows):
        return {prefix: rows}
    spread = [flat_value(row) for row in rows]
    names = list(dict.fromkeys(name for row in spread for name in row))
    return {
        (f"{prefix}.{name}" if prefix else name): [row.get(name) for row in spread]
        for name in names
    }
