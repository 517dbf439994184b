"""The contract of a version: what its rows, its executions and their results look like."""

from collections.abc import Collection, Mapping
from typing import Any

from tieline.emulator.business_rules.attributes import Attribute
from tieline.emulator.business_rules.columns import Column
from tieline.emulator.tables import Document
from tieline.types import JsonObject

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_KEYWORDS = (
    "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip
ALL_SCHEMAS = ("RowAuthoringSchema", "ExecutionInputSchema", "ExecutionOutputSchema")


def contract(
    parent: JsonObject, columns: Mapping[str, Column], *, schemas: Collection[str] = ALL_SCHEMAS
) -> Document:
    """The contract of these columns; `schemas` says which of its three schemas are wanted."""
    inputs = [column for column in columns.values() if column.comparator is not None]
    outputs = [column for column in columns.values() if column.comparator is None]
    found: Document = {"parentSchema": dict(parent)}
    if "RowAuthoringSchema" in schemas:
        found["rowAuthoringSchema"] = _object(
            {"inputs": _cells(inputs), "outputs": _cells(outputs)}
        )
    if "ExecutionInputSchema" in schemas:
        found["executionInputSchema"] = _object(_values(inputs))
    if "ExecutionOutputSchema" in schemas:
        found["executionOutputSchema"] = _object(_values(outputs))
    return found


def _object(properties: Mapping[str, Any]) -> Document:
    return {
        "$schema": _DRAFT_4,
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }


def _cells(columns: Collection[Column]) -> Document:
    properties = {
        column.id: {
            "title": column.attribute.key,
            "type": "object",
            "properties": {"literal": {"type": "object"}},
        }
        for column in columns
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _values(columns: Collection[Column]) -> Document:
    return {column.attribute.key: _value(column.attribute) for column in columns}


def _value(attribute: Attribute) -> Document:
    core = attribute.core
    if core.name == "businessRulesQueue":
        text = {"type": "string"}
        inner = {"type": "object", "properties": {"id": text}, "required": ["id"]}
        return {
            "type": ["object", "null"], "properties": {"queue": inner}, "required": ["queue"]
        }  # fmt: skip
    told: Document = {"type": [core.json_type, "null"]}
    if core.pattern is not None:
        told["pattern"] = core.pattern
    if core.json_type == "array":
        told["items"] = {"type": "string", **attribute.constraints.get("items", {})}
    told |= {k: attribute.constraints[k] for k in _KEYWORDS if k in attribute.constraints}
    if "enum" in told:
        told["enum"] = [*told["enum"], None]
    return told
