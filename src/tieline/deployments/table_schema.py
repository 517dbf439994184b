"""The rule schema of a decision table: what it must get for rules that need more of it.

A schema grows only: attributes come to it, ranges widen, options are added. A file that asks for
less than stands is content with more.
"""

from typing import Any

from tieline.rules.diff import Change
from tieline.rules.exact_number import plain_json
from tieline.rules.table import Table
from tieline.types import JsonObject

_LOWER = ("minLength", "minimum", "minItems")
_UPPER = ("maxLength", "maximum", "maxItems")


def new_schema(table: Table, *, marker: str) -> dict[str, Any]:
    """The document of a schema that is made for the table; `marker` makes it known again."""
    return dict(plain_json({**table.schema_json(), "description": marker}))


def extended_schema(table: Table, standing: JsonObject) -> dict[str, Any]:
    """A standing schema with what the table needs beside what it has."""
    properties = standing.get("properties") or {}
    wanted = plain_json(table.schema_json())["properties"]
    grown = {key: _grown(properties.get(key), told) for key, told in wanted.items()}
    return {**standing, "properties": {**properties, **grown}}


def schema_change(table: Table, standing: JsonObject) -> Change | None:
    """What a standing schema must get, if anything."""
    before = standing.get("properties") or {}
    after = extended_schema(table, standing)["properties"]
    fields = tuple(key for key in after if _said(after[key]) != _said(before.get(key)))
    if not fields:
        return None
    return Change(
        "change", "schema", {key: before.get(key) for key in fields},
        {key: after[key] for key in fields}, fields,
    )  # fmt: skip


def retyped(table: Table, standing: JsonObject) -> list[str]:
    """The attributes that have another type in the standing schema, which they keep for ever."""
    properties = standing.get("properties") or {}
    kinds = {one.key: (_type(properties.get(one.key)), one.type) for one in table.attributes}
    return [
        f"`{key}` is {there} there and {here} in the file"
        for key, (there, here) in kinds.items()
        if there is not None and there != here
    ]


def _grown(standing: JsonObject | None, wanted: JsonObject) -> dict[str, Any]:
    if standing is None:
        return dict(wanted)
    grown = dict(standing)
    for name in (*_LOWER, *_UPPER):
        there, asked = standing.get(name), wanted.get(name)
        if there is None or asked is None:
            grown[name] = None
        else:
            grown[name] = min(there, asked) if name in _LOWER else max(there, asked)
    if not wanted.get("uniqueItems"):
        grown["uniqueItems"] = None
    if wanted.get("enum"):
        options = dict.fromkeys([*(standing.get("enum") or ()), *wanted["enum"]])
        grown["enum"] = list(options)
        grown["_enumProperties"] = {
            **wanted.get("_enumProperties", {}), **(standing.get("_enumProperties") or {}),
        }  # fmt: skip
    return {name: value for name, value in grown.items() if value is not None}


def _said(attribute: JsonObject | None) -> Any:
    """An attribute without what says nothing: an answer may leave it out."""
    if attribute is None:
        return None
    return {key: value for key, value in attribute.items() if value not in (None, "", [])}


def _type(attribute: JsonObject | None) -> str | None:
    references = (attribute or {}).get("allOf") or [{}]
    reference = str(references[0].get("$ref", ""))
    return reference.rpartition("/")[2] or None
