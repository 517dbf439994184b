"""Which keys an input schema allows at its top."""

from collections.abc import Mapping

from tieline.types import JsonObject


def named_properties(schema: JsonObject) -> tuple[str, ...] | None:
    """List the only keys a schema allows; None where it says `additionalProperties` itself.

    A contract that is silent about other keys is taken to mean its own: a key it does not name can
    reach no template, so it is a misspelt one.
    """
    if schema.get("additionalProperties", False) is not False:
        return None
    properties = schema.get("properties")
    return tuple(properties) if isinstance(properties, Mapping) else None
