"""Rows of a decision table in a form that does not depend on the ids of one table's columns.

An input cell stands under its attribute and comparator, an output under its attribute. A cell that
says what an empty one means, a wildcard or a null result, is left out on both sides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tieline.rules.diff import Change, RulesPlan, fingerprint, plan_ordered
from tieline.rules.exact_number import plain_json
from tieline.rules.table import InputColumn, Row, Table
from tieline.types import JsonObject

_NOTHING_SAID = {"inputs": {"special": "Wildcard"}, "outputs": {"special": "Null"}}

BareRow = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Columns:
    """The column ids of one table, by what the columns are.

    `otherwise` names those whose empty cells mean something else than a wildcard or a null result.
    """

    inputs: Mapping[InputColumn, str]
    outputs: Mapping[str, str]
    otherwise: tuple[str, ...] = ()

    @classmethod
    def read(cls, columns: JsonObject) -> "Columns":
        """Read the `columns` of a table or version."""
        inputs = {
            InputColumn(
                one["expression"]["contractual"]["schemaPropertyKey"],
                one["expression"]["comparator"],
            ): str(one["id"])
            for one in columns.get("inputs", ())
        }
        outputs = {
            one["value"]["schemaPropertyKey"]: str(one["id"]) for one in columns.get("outputs", ())
        }
        names = {number: f"{one.key} {one.comparator}" for one, number in inputs.items()}
        names |= {number: key for key, number in outputs.items()}
        otherwise = tuple(
            names.get(str(one["id"]), str(one["id"]))
            for side, nothing in _NOTHING_SAID.items()
            for one in columns.get(side, ())
            if _set(one.get("defaultsTo")) != nothing
        )
        return cls(inputs, outputs, otherwise)

    def unfit(self, table: Table) -> list[str]:
        """Why the table's rows cannot stand in these columns; empty where they can."""
        lacking = [f"{one.key} {one.comparator}" for one in table.inputs if one not in self.inputs]
        lacking += [key for key in table.outputs if key not in self.outputs]
        return [
            *(f"there is no column `{name}`" for name in lacking),
            *(f"an empty cell of the column `{name}` has a value" for name in self.otherwise),
        ]

    def ids(self) -> dict[InputColumn | str, str]:
        """As `Table.row_json` wants them."""
        inputs: list[tuple[InputColumn | str, str]] = list(self.inputs.items())
        return dict([*inputs, *self.outputs.items()])

    def bare(self, row: JsonObject) -> BareRow:
        """A standing row, bare."""
        names: dict[str, str] = {number: key for key, number in self.outputs.items()}
        for column, number in self.inputs.items():
            names[number] = f"{column.key} {column.comparator}"
        return {
            side: {
                names.get(str(number), str(number)): cell["literal"]
                for number, cell in (row.get(side) or {}).items()
                if (cell or {}).get("literal") not in (None, {}, _NOTHING_SAID[side])
            }
            for side in ("inputs", "outputs")
        }


def bare_row(row: Row) -> BareRow:
    """A compiled row, bare."""
    inputs = {f"{one.key} {one.comparator}": cell for one, cell in row.inputs.items()}
    cells = {"inputs": inputs, "outputs": dict(row.outputs)}
    return {
        side: {
            name: literal
            for name, cell in found.items()
            if (literal := plain_json(cell.to_json()["literal"])) != _NOTHING_SAID[side]
        }
        for side, found in cells.items()
    }


def common_rows(standing: Sequence[BareRow], wanted: Sequence[BareRow]) -> int:
    """How many rows from the first on are the same."""
    for number, (left, right) in enumerate(zip(standing, wanted, strict=False)):
        if fingerprint(left) != fingerprint(right):
            return number
    return min(len(standing), len(wanted))


def plan_rows(
    target: str, table: Table, standing: Sequence[BareRow], *, rules_of: Mapping[str, str]
) -> RulesPlan:
    """Compare in order; `rules_of` names the rule of a row by its fingerprint, where known."""
    desired = [bare_row(row) for row in table.rows]
    names = dict(rules_of) | rule_names(table)
    plan = plan_ordered(target, desired=desired, remote=standing)
    return replace(plan, changes=tuple(_named(change, names) for change in plan.changes))


def rule_names(table: Table) -> dict[str, str]:
    """The rule behind each row, by the row's fingerprint."""
    return {fingerprint(bare_row(row)): row.rule or "default" for row in table.rows}


def _set(default: JsonObject | None) -> JsonObject:
    return {name: value for name, value in (default or {}).items() if value is not None}


def _named(change: Change, names: Mapping[str, str]) -> Change:
    entry = change.before if change.after is None else change.after
    return replace(change, name=names.get(fingerprint(entry), "a row"))
