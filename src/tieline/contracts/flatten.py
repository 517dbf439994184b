"""Nested inputs on a platform whose inputs are flat, and the way back.

A nested object becomes one property a leaf, named by its path (`contact_external_id`); an array
or a free-form object becomes a string that holds its JSON text. The hosted handler receives the
flat object and puts the nested one together again, so the handler's model never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from tieline.contracts.restrictions import SCALARS
from tieline.errors import InvalidInput
from tieline.types import Json, JsonObject

Carrier = Literal["value", "json_text"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One flat property: where its value stands in the nested input, and how it is carried."""

    name: str
    path: tuple[str, ...]
    carrier: Carrier


@dataclass(frozen=True, slots=True)
class Flattened:
    """A flat schema and the leaves that lead back; `leaves` is empty for one that was flat."""

    schema: Mapping[str, Any]
    leaves: tuple[Leaf, ...]

    def flat(self, nested: JsonObject) -> dict[str, Any]:
        """Write a nested input in its flat form; what the schema does not name is kept as it is."""
        if not self.leaves:
            return dict(nested)
        flat: dict[str, Any] = {}
        for leaf in self.leaves:
            found, value = _look(nested, leaf.path)
            if found:
                as_text = leaf.carrier == "json_text" and value is not None
                flat[leaf.name] = orjson.dumps(value).decode() if as_text else value
        return flat

    def nested(self, flat: JsonObject) -> dict[str, Any]:
        """Put the nested input together again.

        Raises:
            InvalidInput: a property that carries JSON text does not hold any.
        """
        if not self.leaves:
            return dict(flat)
        nested: dict[str, Any] = {}
        for leaf in self.leaves:
            if leaf.name in flat:
                _place(nested, leaf.path, _carried(leaf, flat[leaf.name]))
        known = {leaf.name for leaf in self.leaves}
        nested.update({name: value for name, value in flat.items() if name not in known})
        return nested


def flatten(schema: Mapping[str, Any]) -> Flattened:
    """Make a flat schema of a nested one.

    Raises:
        InvalidInput: two paths would get one name.
    """
    properties = schema.get("properties", {})
    if all(_is_scalar(field) for field in properties.values()):
        return Flattened(schema, ())
    flat: dict[str, Any] = {}
    required: list[str] = []
    leaves: list[Leaf] = []
    _walk(schema, (), needed=True, flat=flat, required=required, leaves=leaves)
    rest = {k: v for k, v in schema.items() if k not in {"properties", "required"}}
    document = {**rest, "properties": flat, **({"required": required} if required else {})}
    return Flattened(document, tuple(leaves))


def _walk(
    schema: Mapping[str, Any],
    path: tuple[str, ...],
    *,
    needed: bool,
    flat: dict[str, Any],
    required: list[str],
    leaves: list[Leaf],
) -> None:
    for name, field in schema.get("properties", {}).items():
        here = (*path, name)
        needed_here = needed and name in schema.get("required", ())
        if field.get("type") == "object" and field.get("properties"):
            _walk(field, here, needed=needed_here, flat=flat, required=required, leaves=leaves)
            continue
        joined = "_".join(here)
        if joined in flat:
            raise InvalidInput(
                f"flattening gives {'.'.join(here)} the name {joined}, which is taken",
                hint="rename one of the two fields",
            )
        scalar = _is_scalar(field)
        flat[joined] = field if scalar else _text_property(field)
        leaves.append(Leaf(joined, here, "value" if scalar else "json_text"))
        if needed_here:
            required.append(joined)


def _text_property(field: Mapping[str, Any]) -> dict[str, Any]:
    described = field.get("description") or field.get("title") or "A value"
    return {"type": ["string", "null"] if _may_be_null(field) else "string",
            "description": f"{described} (as JSON text)"}  # fmt: skip


def _may_be_null(field: Mapping[str, Any]) -> bool:
    kinds = field.get("type")
    options = field.get("anyOf", [])
    return (isinstance(kinds, list) and "null" in kinds) or {"type": "null"} in options


def _is_scalar(field: Mapping[str, Any]) -> bool:
    kinds = field.get("type")
    listed = {kinds} if isinstance(kinds, str) else set(kinds or ())
    return bool(listed) and listed <= SCALARS


def _look(nested: JsonObject, path: tuple[str, ...]) -> tuple[bool, Json]:
    value: Any = nested
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False, None
        value = value[name]
    return True, value


def _place(nested: dict[str, Any], path: tuple[str, ...], value: Json) -> None:
    for name in path[:-1]:
        nested = nested.setdefault(name, {})
    nested[path[-1]] = value


def _carried(leaf: Leaf, value: Json) -> Json:
    if leaf.carrier == "value" or value is None:
        return value
    try:
        return orjson.loads(value)
    except (TypeError, ValueError) as exc:
        raise InvalidInput(
            f"{leaf.name}: it carries {'.'.join(leaf.path)} as JSON text, and this is none",
            details=[{"loc": [leaf.name], "type": "json_text", "message": "not JSON text"}],
        ) from exc
