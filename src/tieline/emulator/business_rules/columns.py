"""Columns of a table: reading them, their ids, and what is wrong with a request's columns."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tieline.emulator.business_rules.attributes import Attribute
from tieline.emulator.business_rules.comparators import COMPARATORS
from tieline.emulator.business_rules.errors import Flaw
from tieline.emulator.business_rules.literals import Literal, default_flaw, default_literal
from tieline.emulator.tables import Document
from tieline.types import JsonObject

MOST_COLUMNS = 30
MOST_STRING_COLUMNS = 20

_QUEUE_PATH = ("queue", "id")


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its attribute; `comparator` is None for an output."""

    id: str
    attribute: Attribute
    comparator: str | None
    default: Literal | None
    """What a row has here that says nothing."""


def columns_of(table: JsonObject, attributes: Mapping[str, Attribute]) -> dict[str, Column]:
    """All columns of a table by id, inputs first, in their order."""
    found: dict[str, Column] = {}
    for told in table["columns"]["inputs"]:
        expression = told["expression"]
        key = expression["contractual"]["schemaPropertyKey"]
        found[told["id"]] = _column(told, attributes[key], expression["comparator"])
    for told in table["columns"]["outputs"]:
        key = told["value"]["schemaPropertyKey"]
        found[told["id"]] = _column(told, attributes[key], None)
    return found


def with_ids(sent: JsonObject, *, before: JsonObject | None = None) -> Document:
    """Columns as they are kept. One that says the same as before keeps its id."""
    known: dict[str, list[str]] = {}
    for side in ("inputs", "outputs"):
        for told in (before or {}).get(side, ()):
            known.setdefault(_path_key(side, told), []).append(told["id"])

    def kept(side: str, told: JsonObject) -> Document:
        ids = known.get(_path_key(side, told))
        content = "expression" if side == "inputs" else "value"
        column: Document = {"id": ids.pop(0) if ids else str(uuid.uuid4())}
        if told.get("defaultsTo") is not None:
            column["defaultsTo"] = {k: v for k, v in told["defaultsTo"].items() if v is not None}
        return {**column, content: told[content]}

    return {side: [kept(side, told) for told in sent[side]] for side in ("inputs", "outputs")}


def column_flaws(sent: Any, attributes: Mapping[str, Attribute]) -> Iterator[Flaw]:
    """List what is wrong with the `columns` of a request; nothing when they can be kept."""
    if not isinstance(sent, dict):
        yield "columns", "inputs and outputs"
        return
    used: list[Attribute] = []
    outputs: set[str] = set()
    for side in ("inputs", "outputs"):
        columns = sent.get(side)
        if not isinstance(columns, list) or not columns:
            yield f"columns.{side}", "at least one column"
            continue
        for index, told in enumerate(columns):
            place = f"columns.{side}[{index}]"
            attribute, flaw = _read(side, told, attributes)
            if attribute is None:
                yield place, flaw
                continue
            used.append(attribute)
            if side == "outputs" and attribute.key in outputs:
                yield place, f"{attribute.key} is an output already"
            outputs |= {attribute.key} if side == "outputs" else set()
            yield from _content_flaws(place, side, told, attribute)
    yield from _limit_flaws(used)


def _column(told: JsonObject, attribute: Attribute, comparator: str | None) -> Column:
    default = told.get("defaultsTo")
    literal = None if default is None else default_literal(attribute, default)
    return Column(told["id"], attribute, comparator, literal)


def _limit_flaws(used: list[Attribute]) -> Iterator[Flaw]:
    if len(used) > MOST_COLUMNS:
        yield "columns", f"at most {MOST_COLUMNS} columns"
    if sum(attribute.core.name == "string" for attribute in used) > MOST_STRING_COLUMNS:
        yield "columns", f"at most {MOST_STRING_COLUMNS} columns of type string"


def _content_flaws(place: str, side: str, told: JsonObject, attribute: Attribute) -> Iterator[Flaw]:
    name = None if side == "outputs" else str(told["expression"].get("comparator"))
    if name is not None:
        comparator = COMPARATORS.get(name)
        if comparator is None:
            yield f"{place}.expression.comparator", f"one of {', '.join(COMPARATORS)}"
        elif attribute.core.name not in comparator.types:
            yield f"{place}.expression.comparator", f"{name} does not fit {attribute.core.name}"
    default = told.get("defaultsTo")
    if default is not None:
        flaw = default_flaw(attribute, default, comparator=name)
        if flaw is not None:
            yield f"{place}.defaultsTo", flaw


def _read(
    side: str, told: Any, attributes: Mapping[str, Attribute]
) -> tuple[Attribute | None, str]:
    try:
        path = _path(told["expression"]["contractual"] if side == "inputs" else told["value"])
    except (KeyError, IndexError, TypeError):
        where = "expression.contractual" if side == "inputs" else "value"
        return None, f"{where} names a property of the schema"
    attribute = attributes.get(path[0])
    if attribute is None:
        return None, f"the schema has no property {path[0]}"
    expected = _QUEUE_PATH if attribute.core.name == "businessRulesQueue" else ()
    if path[1:] != expected:
        return None, f"the path of a {attribute.core.name} is {', '.join((path[0], *expected))}"
    return attribute, ""


def _path(told: Any) -> tuple[str, ...]:
    key = told["schemaPropertyKey"]
    if not isinstance(key, str):
        raise TypeError(key)
    inner = told.get("contractual")
    if inner is None and told.get("properties"):
        (inner,) = told["properties"][:1]
    return (key,) if inner is None else (key, *_path(inner))


def _path_key(side: str, told: JsonObject) -> str:
    if side == "outputs":
        return f"output {told['value']['schemaPropertyKey']}"
    expression = told["expression"]
    return f"input {expression['contractual']['schemaPropertyKey']} {expression['comparator']}"
