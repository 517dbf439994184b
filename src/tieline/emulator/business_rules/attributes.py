"""The attributes of a rule schema: reading a schema, and what a later version of it may change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tieline.emulator.business_rules.core_types import CORE_TYPES, CoreType
from tieline.emulator.business_rules.errors import Flaw
from tieline.types import JsonObject

MOST_TITLE = 50
FEWEST_ATTRIBUTES, MOST_ATTRIBUTES = 2, 50

_REFERENCE = "#/definitions/"
_LOWER = ("minLength", "minimum", "minItems")
_UPPER = ("maxLength", "maximum", "maxItems")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named, typed property of a schema; `constraints` are its JSON Schema keywords."""

    key: str
    core: CoreType
    constraints: Mapping[str, Any]

    @property
    def options(self) -> list[str]:
        """The keys of an enum."""
        found: list[str] = self.constraints.get("enum", [])
        return found


def attributes_of(schema: JsonObject) -> dict[str, Attribute]:
    """The attributes of a schema that has no flaws, by key."""
    return {
        key: Attribute(key, CORE_TYPES[_core_name(told)], told)
        for key, told in schema["properties"].items()
    }


def schema_flaws(schema: JsonObject) -> Iterator[Flaw]:
    """List what is wrong with a `jsonSchema`; nothing when it can be kept."""
    title, properties = schema.get("title"), schema.get("properties")
    if not isinstance(title, str) or not 1 <= len(title) <= MOST_TITLE:
        yield "jsonSchema.title", f"1 to {MOST_TITLE} characters"
    if schema.get("type", "object") != "object":
        yield "jsonSchema.type", "object"
    if not isinstance(properties, dict):
        yield "jsonSchema.properties", "the attributes by key"
        return
    if not FEWEST_ATTRIBUTES <= len(properties) <= MOST_ATTRIBUTES:
        yield "jsonSchema.properties", f"{FEWEST_ATTRIBUTES} to {MOST_ATTRIBUTES} attributes"
    for key, told in properties.items():
        yield from _attribute_flaws(f"jsonSchema.properties.{key}", told)


def change_flaws(before: JsonObject, after: JsonObject) -> Iterator[Flaw]:
    """List what a schema's next version may not do: keys and types stay, ranges only widen."""
    later = attributes_of(after)
    for key, attribute in attributes_of(before).items():
        place = f"jsonSchema.properties.{key}"
        changed = later.get(key)
        if changed is None or changed.core is not attribute.core:
            yield place, "an attribute's key and type cannot change"
            continue
        if not set(attribute.options) <= set(changed.options):
            yield f"{place}.enum", "an option cannot be removed"
        for name in (*_LOWER, *_UPPER):
            old, new = attribute.constraints.get(name), changed.constraints.get(name)
            narrower = new is not None and (
                old is None or (new > old if name in _LOWER else new < old)
            )
            if narrower:
                yield f"{place}.{name}", "a range can only widen"


def _core_name(told: Mapping[str, Any]) -> str:
    reference = told["allOf"][0]["$ref"]
    return str(reference).removeprefix(_REFERENCE)


def _attribute_flaws(place: str, told: Any) -> Iterator[Flaw]:
    try:
        core = CORE_TYPES[_core_name(told)]
    except (KeyError, IndexError, TypeError):
        yield f"{place}.allOf", f"a $ref to one of {', '.join(CORE_TYPES)}"
        return
    if core.name == "enum":
        options = told.get("enum")
        if not isinstance(options, list) or not options or not all(map(_is_key, options)):
            yield f"{place}.enum", "at least one key"
        elif len(set(options)) < len(options):
            yield f"{place}.enum", "each key once"
    for name, limit in core.limits.items():
        value = told.get(name)
        number = isinstance(value, int) or (core.name == "number" and isinstance(value, float))
        if value is not None and (
            isinstance(value, bool) or not number or not limit["min"] <= value <= limit["max"]
        ):
            yield f"{place}.{name}", f"a number from {limit['min']} to {limit['max']}"
            return
    for low, high in zip(_LOWER, _UPPER, strict=True):
        least, most = told.get(low), told.get(high)
        if low in core.limits and least is not None and most is not None and least > most:
            yield f"{place}.{low}", f"at most {high}"


def _is_key(option: object) -> bool:
    return isinstance(option, str) and option != ""
