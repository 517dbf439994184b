"""A field's JSON Schema, compiled: of the newest draft, or of draft 4, which the platform uses."""

from collections.abc import Mapping
from typing import Any

from tieline.contracts.validation import Schema
from tieline.errors import InvalidInput
from tieline.rules.exact_number import plain_json

_NEWEST = "https://json-schema.org/draft/2020-12/schema"


def field_schema(schema: Mapping[str, Any]) -> Schema:
    """Compile it by the draft it fits.

    Raises:
        InvalidInput: it fits neither; the message is the newest draft's.
    """
    plain = plain_json(schema)
    try:
        return Schema({"$schema": _NEWEST, **plain})
    except InvalidInput:
        try:
            return Schema(plain)
        except InvalidInput:
            pass
        raise


def violates(schemas: Mapping[str, Schema], record: Mapping[str, Any]) -> bool:
    """Whether a field of the record has a value that its schema does not allow."""
    return any(
        schemas[name].violations(plain_json(value))
        for name, value in record.items()
        if name in schemas
    )
