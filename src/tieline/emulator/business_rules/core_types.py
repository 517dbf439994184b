"""The core types of attributes: what their values may be, and which constraints they take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:?\d{2})$"
_LARGEST_INTEGER = 2**63 - 1
_LENGTHS = {"min": 0, "max": 1000}
_SIZES = {"min": 0, "max": 100}
_INTEGERS = {"min": -_LARGEST_INTEGER, "max": _LARGEST_INTEGER}


@dataclass(frozen=True, slots=True)
class CoreType:
    """One core type. `literal` is the field of a row's literal that holds its values."""

    name: str
    literal: str
    json_type: str
    limits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """The constraints it takes, each with its smallest and largest value."""
    pattern: str | None = None
    item_limits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The Coretype as the platform answers it; the limits' numbers are assumed."""
        schema: dict[str, Any] = {"title": self.name, "type": [self.json_type]}
        if self.pattern is not None:
            schema["pattern"] = self.pattern
        if self.json_type == "array":
            schema["items"] = {"type": "string"}
        told: dict[str, Any] = {
            "id": self.name,
            "name": self.name,
            "version": 1,
            "dateCreated": "2025-01-01T00:00:00.000Z",
            "schema": schema,
            "current": True,
            "validationFields": list(self.limits),
            "validationLimits": {name: dict(limit) for name, limit in self.limits.items()},
            "selfUri": f"/api/v2/businessrules/schemas/coretypes/{self.name}",
        }
        if self.item_limits:
            told["itemValidationFields"] = list(self.item_limits)
            told["itemValidationLimits"] = {k: dict(v) for k, v in self.item_limits.items()}
        return told


CORE_TYPES: Mapping[str, CoreType] = {
    core.name: core
    for core in (
        CoreType("string", "string", "string", {"minLength": _LENGTHS, "maxLength": _LENGTHS}),
        CoreType("integer", "integer", "integer", {"minimum": _INTEGERS, "maximum": _INTEGERS}),
        CoreType("number", "number", "number", {"minimum": _INTEGERS, "maximum": _INTEGERS}),
        CoreType("boolean", "boolean", "boolean"),
        CoreType("date", "date", "string", pattern=_DATE),
        CoreType("datetime", "datetime", "string", pattern=_DATETIME),
        CoreType("enum", "string", "string"),
        CoreType(
            "stringList", "strings", "array", {"minItems": _SIZES, "maxItems": _SIZES},
            item_limits={"minLength": _LENGTHS, "maxLength": _LENGTHS},
        ),
        CoreType("businessRulesQueue", "string", "object"),
    )
}  # fmt: skip
"""By name; the order is that of the listing."""
