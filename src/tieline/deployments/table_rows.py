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
    """The column ids of one table, by what the columns are."""

    inputs: Mapping[InputColumn, str]
    outputs: Mapping[str, str]

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
        return cls(inputs, outputs)

    def missing(self, table: Table) -> list[str]:
        """What the table's rows need and these columns lack."""
        lacking = [f"{one.key} {one.comparator}" for one in table.inputs if one not in self.inputs]
        return lacking + [key for key in table.outputs if key not in self.outputs]

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


def extended_schema(table: Table, standing: JsonObject | None, *, marker: str) -> dict[str, Any]:
    """The schema document of a table; attributes that stand already and are not used are kept."""
    document: dict[str, Any] = {**table.schema_json(), "description": marker}
    if standing is not None:
        document["title"] = standing.get("title", document["title"])
        document["description"] = standing.get("description", "")
        document["properties"] = {**(standing.get("properties") or {}), **document["properties"]}
    return dict(plain_json(document))


def schema_change(table: Table, standing: JsonObject | None) -> Change | None:
    """What the schema that a table has must get, if anything."""
    if standing is None:
        return None
    before = standing.get("properties") or {}
    after = extended_schema(table, standing, marker="")["properties"]
    fields = tuple(key for key in after if _bare(after[key]) != _bare(before.get(key)))
    if not fields:
        return None
    return Change(
        "change", "schema", {key: before.get(key) for key in fields},
        {key: after[key] for key in fields}, fields,
    )  # fmt: skip


def _bare(attribute: JsonObject | None) -> Any:
    if attribute is None:
        return None
    return {key: value for key, value in attribute.items() if value not in (None, "", [])}


def _named(change: Change, names: Mapping[str, str]) -> Change:
    entry = change.before if change.after is None else change.after
    return replace(change, name=names.get(fingerprint(entry), "a row"))
