"""What the platform refuses in a contract, found before anything is sent.

Rules and their sources: docs/reference/contracts.md (platform pages on data-action contracts).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tieline.errors import InvalidInput

SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
RESERVED = frozenset({"orgId", "integrationId", "rawRequest"})
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Restriction:
    """One thing the platform would refuse: where, why, and what to write instead."""

    field: str  # dotted; the contract itself is ""
    rule: str
    message: str
    fix: str

    def to_json(self) -> dict[str, Any]:
        """The form of an entry in an error's `details`."""
        return {"loc": self.field.split("."), "type": self.rule, "message": self.message,
                "fix": self.fix}  # fmt: skip


def platform_restrictions(
    input_schema: Mapping[str, Any], output_schema: Mapping[str, Any]
) -> tuple[Restriction, ...]:
    """List everything the platform dialect would refuse; empty when the contract can be sent."""
    return (*_input(input_schema), *_output(output_schema))


def require_allowed(input_schema: Mapping[str, Any], output_schema: Mapping[str, Any]) -> None:
    """Refuse a contract the platform would refuse.

    Raises:
        InvalidInput: one detail a restriction, each with its fix.
    """
    found = platform_restrictions(input_schema, output_schema)
    if found:
        first = found[0]
        raise InvalidInput(
            f"the platform takes no such contract: {first.field}: {first.message}"
            + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""),
            hint=first.fix,
            details=[each.to_json() for each in found],
        )


def _input(schema: Mapping[str, Any]) -> Iterator[Restriction]:
    if schema.get("type") != "object":
        yield Restriction("input", "root-not-object", "the input's root is not an object",
                          "derive the input from a model with named fields")  # fmt: skip
        return
    yield from _references("input", schema)
    for name, field in schema.get("properties", {}).items():
        where = f"input.{name}"
        yield from _name(where, name)
        types = _types(field)
        if not types or not types <= SCALARS:
            kind = ", ".join(sorted(types - SCALARS)) or "a choice of schemas"
            yield Restriction(
                where,
                "not-scalar",
                f"{kind}: inputs are flat (string, integer, number, boolean, null)",
                "let the build flatten it: `@action(..., flatten=True)`",
            )


def _name(where: str, name: str) -> Iterator[Restriction]:
    if not NAME.match(name):
        yield Restriction(where, "name", f"{name!r}: a letter first, then letters, digits, - or _",
                          "rename it, or give it such an alias")  # fmt: skip
    if name in RESERVED:
        yield Restriction(where, "reserved-name", f"{name} is a name of the platform's own",
                          "rename it, or give it another alias")  # fmt: skip


def _output(schema: Mapping[str, Any]) -> Iterator[Restriction]:
    kind = schema.get("type")
    if kind not in {"object", "array"}:
        yield Restriction("output", "root-not-object",
                          "the output's root is neither an object nor an array",
                          "answer with a model that has the value as a field")  # fmt: skip
        return
    if kind == "array" and "items" not in schema:
        yield Restriction("output", "no-items", "a root array says nothing of its items",
                          "add `items`")  # fmt: skip
    yield from _references("output", schema)
    yield from _nested_arrays("output", schema, 0)


def _references(where: str, node: Any) -> Iterator[Restriction]:
    stack: list[tuple[str, Any, int]] = [(where, node, 0)]
    while stack:
        place, here, depth = stack.pop()
        if depth > DEEPEST * 2:  # a schema has a `properties` level for each level of JSON
            yield Restriction(place, "too-deep", f"nested deeper than {DEEPEST} levels",
                              "flatten the model")  # fmt: skip
            return
        if isinstance(here, Mapping):
            if isinstance(here.get("$ref"), str):
                yield Restriction(place, "ref", "`$ref` is not allowed in a contract",
                                  "write the inner schema out")  # fmt: skip
            stack.extend((f"{place}.{key}", child, depth + 1) for key, child in here.items())
        elif isinstance(here, list):
            stack.extend((place, child, depth + 1) for child in here)


def _nested_arrays(where: str, node: Any, depth: int) -> Iterator[Restriction]:
    if not isinstance(node, Mapping) or depth > DEEPEST:
        return
    items = node.get("items")
    if isinstance(items, Mapping):
        if "array" in _types(items):
            yield Restriction(where, "nested-array", "an array directly inside an array",
                              "put the inner array into an object")  # fmt: skip
        yield from _nested_arrays(f"{where}.items", items, depth + 1)
    for name, child in node.get("properties", {}).items():
        yield from _nested_arrays(f"{where}.{name}", child, depth + 1)


def _types(field: Any) -> frozenset[str]:
    if not isinstance(field, Mapping):
        return frozenset()
    declared = field.get("type")
    if isinstance(declared, str):
        return frozenset({declared})
    return frozenset(declared) if isinstance(declared, list) else frozenset()
