"""Fields that a model declares as personal, and masking of exactly these."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from tieline.types import Json

Path = tuple[str, ...]
"""Where a declared field sits: keys from the top, `*` for any item of an array."""


def declared_personal(schema: Mapping[str, Any]) -> tuple[Path, ...]:
    """Find the fields a JSON Schema marks `"pii": true`, through local references.

    Pydantic writes that mark for `Field(json_schema_extra={"pii": True})`. A schema that refers to
    itself is followed once around.
    """
    found: set[Path] = set()
    _collect(schema, schema, (), frozenset(), found)
    return tuple(sorted(found))


@lru_cache(maxsize=256)
def declared_by_model(model: Any) -> tuple[Path, ...]:
    """The declared fields of a pydantic model class, under their wire names; looked for once."""
    return declared_personal(model.model_json_schema(by_alias=True))


def with_declared(value: Json, paths: Iterable[Path], stand_in: Callable[[Json], Json]) -> Json:
    """A copy in which `stand_in` replaces what stands at the paths; null stays null."""
    for path in paths:
        value = _at(value, path, stand_in)
    return value


def _at(value: Json, path: Path, stand_in: Callable[[Json], Json]) -> Json:
    if not path:
        return value if value is None else stand_in(value)
    step, rest = path[0], path[1:]
    if step == "*" and isinstance(value, list):
        return [_at(item, rest, stand_in) for item in value]
    if step == "*" and isinstance(value, dict):
        return {key: _at(item, rest, stand_in) for key, item in value.items()}
    if isinstance(value, dict) and step in value:
        return {**value, step: _at(value[step], rest, stand_in)}
    return value


def _collect(
    root: Mapping[str, Any],
    schema: Any,
    path: Path,
    seen: frozenset[str],
    found: set[Path],
) -> None:
    if not isinstance(schema, Mapping):
        return
    if schema.get("pii") is True:
        found.add(path)
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        _collect(root, _resolve(root, reference), path, seen | {reference}, found)
    for name, child in (schema.get("properties") or {}).items():
        _collect(root, child, (*path, name), seen, found)
    for keyword in ("items", "additionalProperties"):
        _collect(root, schema.get(keyword), (*path, "*"), seen, found)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for child in schema.get(keyword) or ():
            _collect(root, child, path, seen, found)


def _resolve(root: Mapping[str, Any], reference: str) -> Any:
    node: Any = root
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step) if isinstance(node, Mapping) else None
    return node
