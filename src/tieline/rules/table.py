"""A decision table as data: what the platform is sent, and what its rows mean.

The meaning is the platform's: the conditions of a row are all to hold, the first row that matches
gives the result, and a missing input satisfies `Wildcard` and `Null` only, so no `Not…` comparator
either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tieline.rules.exact_number import exact
from tieline.rules.instant import instant_from_text
from tieline.types import Json

CoreType = Literal[
    "string", "integer", "number", "boolean", "datetime", "enum", "stringList", "businessRulesQueue"
]
Comparator = Literal[
    "Equals",
    "NotEquals",
    "GreaterThan",
    "GreaterThanOrEquals",
    "LessThan",
    "LessThanOrEquals",
    "StartsWith",
    "NotStartsWith",
    "EndsWith",
    "NotEndsWith",
    "Contains",
    "NotContains",
    "ContainsAll",
    "NotContainsAny",
]
LITERAL_FIELDS: Mapping[CoreType, str] = {
    "string": "string", "enum": "string", "businessRulesQueue": "string", "integer": "integer",
    "number": "number", "boolean": "boolean", "datetime": "datetime", "stringList": "strings",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of the rule schema; `constraints` are its JSON Schema keywords."""

    key: str
    type: CoreType
    constraints: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The property, as the schema's document holds it."""
        reference = {"$ref": f"#/definitions/{self.type}"}
        return {"allOf": [reference], "title": self.key, "description": "", **self.constraints}


@dataclass(frozen=True, slots=True, order=True)
class InputColumn:
    """An attribute and the comparator its cells are read with."""

    key: str
    comparator: Comparator


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: exactly one of the platform's literal fields; a list of texts is a tuple here."""

    field: str
    value: Json

    def to_json(self) -> dict[str, Any]:
        """`{"literal": {"string": "en"}}`."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"literal": {self.field: value}}


WILDCARD = Cell("special", "Wildcard")
NULL = Cell("special", "Null")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; a column that is not among `inputs` is a wildcard."""

    rule: str | None  # None: the row of the default
    inputs: Mapping[InputColumn, Cell]
    outputs: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table; columns stand in the order the platform is given them."""

    name: str
    attributes: tuple[Attribute, ...]
    inputs: tuple[InputColumn, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]

    def attribute(self, key: str) -> Attribute:
        """The attribute of a key."""
        return next(one for one in self.attributes if one.key == key)

    def schema_json(self) -> dict[str, Any]:
        """The `jsonSchema` of the rule schema that the table is authored against."""
        return {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "title": self.name[:50],
            "description": "",
            "type": "object",
            "properties": {one.key: one.to_json() for one in self.attributes},
        }

    def columns_json(self) -> dict[str, Any]:
        """The `columns` of a create or update request; an empty cell is a wildcard, or null."""
        return {
            "inputs": [
                {
                    "defaultsTo": {"special": "Wildcard"},
                    "expression": {
                        "contractual": {"schemaPropertyKey": column.key},
                        "comparator": column.comparator,
                    },
                }
                for column in self.inputs
            ],
            "outputs": [
                {"defaultsTo": {"special": "Null"}, "value": self._output_path(key)}
                for key in self.outputs
            ],
        }

    def row_json(self, row: Row, ids: Mapping[InputColumn | str, str]) -> dict[str, Any]:
        """A row as the platform takes it; `ids` are the column ids the server has given."""
        return {
            "inputs": {ids[column]: cell.to_json() for column, cell in row.inputs.items()},
            "outputs": {ids[key]: cell.to_json() for key, cell in row.outputs.items()},
        }

    def _output_path(self, key: str) -> dict[str, Any]:
        if self.attribute(key).type != "businessRulesQueue":
            return {"schemaPropertyKey": key}
        inner = {"schemaPropertyKey": "queue", "properties": [{"schemaPropertyKey": "id"}]}
        return {"schemaPropertyKey": key, "properties": [inner]}


def execute_table(table: Table, record: Mapping[str, Any]) -> Row | None:
    """The first row that matches a valid record, by the platform's meaning."""
    return next((row for row in table.rows if _row_matches(row, table, record)), None)


def _row_matches(row: Row, table: Table, record: Mapping[str, Any]) -> bool:
    return all(
        _cell_matches(
            table.attribute(column.key).type, column.comparator, cell, record.get(column.key)
        )
        for column, cell in row.inputs.items()
    )


def _cell_matches(kind: CoreType, comparator: Comparator, cell: Cell, value: Json) -> bool:
    if cell.field == "special":
        return cell == WILDCARD or value is None
    if value is None:
        return False
    left, right = _comparable(kind, value), _comparable(kind, cell.value)
    return bool(_COMPARE[comparator](left, right))


def _comparable(kind: CoreType, value: Json) -> Any:
    if kind in ("integer", "number"):
        return exact(value)
    return instant_from_text(value) if kind == "datetime" else value


def _all_of(left: Any, right: Any) -> bool:
    return all(one in left for one in right)


def _none_of(left: Any, right: Any) -> bool:
    return not any(one in left for one in right)


_COMPARE: Mapping[Comparator, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: left == right,
    "NotEquals": lambda left, right: left != right,
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanOrEquals": lambda left, right: left >= right,
    "LessThan": lambda left, right: left < right,
    "LessThanOrEquals": lambda left, right: left <= right,
    "StartsWith": lambda left, right: left.startswith(right),
    "NotStartsWith": lambda left, right: not left.startswith(right),
    "EndsWith": lambda left, right: left.endswith(right),
    "NotEndsWith": lambda left, right: not left.endswith(right),
    "Contains": lambda left, right: right in left,
    "NotContains": lambda left, right: right not in left,
    "ContainsAll": _all_of,
    "NotContainsAny": _none_of,
}
