"""From a model to the JSON Schema that is registered: Draft 4, self-contained, never written twice.

pydantic writes Draft 2020-12 with `$ref`; the platform takes Draft 4 without it. The same document
is registered, validated against at the gateway and checked by the emulator.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema

from tieline.errors import InvalidInput

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
# A model that refers to itself has no finite schema without `$ref`.
DEEPEST = 50
ANNOTATIONS_DROPPED = frozenset({"$defs", "discriminator"})

Direction = Literal["input", "output"]


def schema_of(model: type[BaseModel], *, direction: Direction) -> dict[str, Any]:
    """Derive the schema of what a caller may send (`input`) or will receive (`output`).

    Raises:
        InvalidInput: the model refers to itself, or has a field no JSON Schema describes.
    """
    mode: Literal["validation", "serialization"] = (
        "validation" if direction == "input" else "serialization"
    )
    try:
        document = model.model_json_schema(mode=mode)
    except PydanticInvalidForJsonSchema as exc:
        reason = str(exc).splitlines()[0]
        raise InvalidInput(f"{model.__name__}: {reason}") from exc
    inlined = _inline(document, document.get("$defs", {}), (model.__name__,))
    return {"$schema": DRAFT_4, **inlined}


def _inline(node: Any, definitions: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions, path) for item in node]
    if not isinstance(node, dict):
        return node
    if len(path) > DEEPEST:
        raise InvalidInput(
            f"{path[0]}: it refers to itself by way of {path[-1]}",
            hint="a contract cannot hold `$ref`; give the inner level a model of its own",
        )
    if "$ref" in node:
        name = str(node["$ref"]).rsplit("/", 1)[-1]
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _inline({**definitions[name], **beside}, definitions, (*path, name))
    kept = {key: value for key, value in node.items() if key not in ANNOTATIONS_DROPPED}
    walked = {
        key: (
            {name: _inline(child, definitions, (*path, name)) for name, child in value.items()}
            if key == "properties"
            else value
            if key in {"default", "examples", "enum", "const"}
            else _inline(value, definitions, (*path, key))
        )
        for key, value in kept.items()
    }
    return _draft_4(walked)


def _draft_4(node: dict[str, Any]) -> dict[str, Any]:
    """Rewrite the keywords that changed between the drafts."""
    for bound, limit, stricter in (
        ("exclusiveMinimum", "minimum", max),
        ("exclusiveMaximum", "maximum", min),
    ):
        if isinstance(node.get(bound), int | float) and not isinstance(node[bound], bool):
            edge = node.pop(bound)
            inclusive = node.get(limit, edge)
            node[limit] = stricter(edge, inclusive)
            if node[limit] == edge:
                node[bound] = True
    if "const" in node:
        node["enum"] = [node.pop("const")]
    return _nullable(node)


def _nullable(node: dict[str, Any]) -> dict[str, Any]:
    """Write `anyOf: [T, null]` as a list of types, which is all that a flat contract may hold."""
    options = node.get("anyOf")
    if not isinstance(options, list) or {"type": "null"} not in options:
        return node
    others = [option for option in options if option != {"type": "null"}]
    if len(others) != 1 or not isinstance(others[0].get("type"), str):
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    inner = dict(others[0])
    if "enum" in inner:
        inner["enum"] = [*inner["enum"], None]
    return {**rest, **inner, "type": [inner["type"], "null"]}
