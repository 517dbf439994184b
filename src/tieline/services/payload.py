"""An invocation's input as people hand it in: a mapping, or a pydantic model."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from tieline.audit.declared import declared_by_model
from tieline.errors import InvalidInput
from tieline.types import JsonObject


@runtime_checkable
class Model(Protocol):
    """A pydantic model, recognised by its method so that pydantic is not loaded for mappings."""

    def model_dump(self, *, mode: str, by_alias: bool) -> dict[str, Any]:
        """Render as JSON-compatible values under wire names."""
        ...


Payload = Mapping[str, Any] | Model
"""What `invoke` and `launch` take as their input."""


def declared_in(payload: Payload | None) -> tuple[tuple[str, ...], ...]:
    """The fields that a model marks as personal, under their wire names; a mapping marks none."""
    if payload is None or isinstance(payload, Mapping):
        return ()
    return declared_by_model(type(payload)) if hasattr(payload, "model_json_schema") else ()


def to_object(payload: Payload | None) -> JsonObject:
    """Render the input as a JSON object; None is an empty one.

    Raises:
        InvalidInput: neither a mapping nor a model.
    """
    if payload is None:
        return {}
    if isinstance(payload, Mapping):
        return payload
    if isinstance(payload, Model):
        return payload.model_dump(mode="json", by_alias=True)
    raise InvalidInput(
        f"the input is a JSON object or a model, not a {type(payload).__name__}",
        details=[{"loc": [], "type": "type", "message": "not an object"}],
    )
