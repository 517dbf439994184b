"""Lists of distinct items: a repetition is dropped where it stands, the first of each stays.

The guides ask for it (tags through a set, which loses their order); it is the one thing the gateway
changes in a payload, and only where the contract says `uniqueItems`.
"""

from collections.abc import Mapping
from typing import Any

from tieline.types import Json


def first_of_each(items: Any) -> Any:
    """Drop later repetitions from a list of texts; anything else is returned as it is."""
    if isinstance(items, list) and all(isinstance(item, str) for item in items):
        return list(dict.fromkeys(items))
    return items


def without_repetitions(value: Json, schema: Mapping[str, Any]) -> Json:
    """Apply it wherever the schema says `uniqueItems`, following its properties."""
    properties = schema.get("properties")
    if isinstance(value, dict) and isinstance(properties, Mapping):
        return {
            name: without_repetitions(inner, properties[name])
            if isinstance(properties.get(name), Mapping)
            else inner
            for name, inner in value.items()
        }
    return first_of_each(value) if schema.get("uniqueItems") is True else value
