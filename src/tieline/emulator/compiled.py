"""Schemas compiled once, and a value's violations as the platform's error details."""

from functools import lru_cache
from typing import Any

import orjson

from tieline.contracts.validation import Schema
from tieline.types import Json, JsonObject


def violations(schema: JsonObject, value: Json) -> list[dict[str, Any]]:
    """Say where the value breaks the schema; empty when it does not.

    Raises:
        InvalidInput: the schema itself cannot be used.
    """
    found = _compiled(orjson.dumps(schema)).violations(value)
    return [
        {
            "errorCode": each.type,
            "fieldName": ".".join(str(part) for part in each.loc),
            "message": each.message,
        }
        for each in found
    ]


def closed(schema: JsonObject) -> JsonObject:
    """The schema, allowing no properties but its own unless it says otherwise."""
    return {"additionalProperties": False, **schema}


@lru_cache(maxsize=1024)
def _compiled(document: bytes) -> Schema:
    return Schema(orjson.loads(document))
