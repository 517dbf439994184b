"""What the platform allows in a contract; read from its pages apart from Tieline's own checks."""

import re
from collections.abc import Iterator
from typing import Any

from tieline.types import JsonObject

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_SCALARS = ("string", "integer", "number", "boolean", "null")
_RESERVED = {"orgId", "integrationId", "rawRequest"}
_DEEPEST = 50

Flaw = tuple[str, str]


def flaws(input_schema: JsonObject, success_schema: JsonObject) -> Iterator[Flaw]:
    """List what would be refused, by field: flat scalar input, no `$ref`, 50 levels at most."""
    yield from _input(input_schema)
    kind = success_schema.get("type")
    if kind not in ("object", "array"):
        yield "successSchema", "the root must be an object or an array"
    if kind == "array" and "items" not in success_schema:
        yield "successSchema", "an array needs items"
    for name, schema in (("inputSchema", input_schema), ("successSchema", success_schema)):
        yield from _walked(name, schema, 0)


def _input(schema: JsonObject) -> Iterator[Flaw]:
    if schema.get("type") != "object":
        yield "inputSchema", "the root must be an object"
    properties = schema.get("properties") or {}
    if not isinstance(properties, dict):
        yield "inputSchema.properties", "an object, a schema by name"
        return
    for name, field in properties.items():
        if not _NAME.match(name):
            yield name, "a name is a letter, then letters, digits, - and _"
        if name in _RESERVED:
            yield name, "the name is reserved"
        kinds = field.get("type") if isinstance(field, dict) else None
        listed = kinds if isinstance(kinds, list) else [kinds]
        if not listed or any(kind not in _SCALARS for kind in listed):
            yield name, "inputs are flat: string, integer, number, boolean or null"


def _walked(place: str, node: Any, depth: int) -> Iterator[Flaw]:
    if depth > _DEEPEST * 2:  # a level of JSON is two of its schema: `properties`, then the name
        yield place, f"deeper than {_DEEPEST} levels"
        return
    if isinstance(node, dict):
        if "$ref" in node and isinstance(node["$ref"], str):
            yield place, "$ref is not allowed"
        for name, child in node.items():
            yield from _walked(f"{place}.{name}", child, depth + 1)
    elif isinstance(node, list):
        for child in node:
            yield from _walked(place, child, depth + 1)
