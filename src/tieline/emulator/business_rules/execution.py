"""Executing a version: rows from the first, all conditions of a row, the first that matches wins.

Written from the platform's description alone; the rule compiler's reading of it is another one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tieline.emulator.business_rules import errors
from tieline.emulator.business_rules.columns import Column
from tieline.emulator.business_rules.comparators import COMPARATORS
from tieline.emulator.business_rules.errors import Flaw
from tieline.emulator.business_rules.limits import MOST_TOP_ROWS
from tieline.emulator.business_rules.literals import Literal, meant
from tieline.emulator.business_rules.reading import Place, version_to_change
from tieline.emulator.business_rules.rows import rows_path
from tieline.emulator.business_rules.values import comparable, constraint_flaws, type_flaw
from tieline.emulator.business_rules.version_states import published_of, require_status
from tieline.emulator.business_rules.views import version_ref
from tieline.emulator.call import Answer, Call
from tieline.types import Json, JsonObject

_MISSING: Literal = {"special": "Wildcard"}


def execute_published(call: Call) -> Answer:
    """Execute the version that is published."""
    table = call.world.business_rules.table_to_change(call.path[0], now=call.now)
    version = published_of(table)
    if version is None:
        raise errors.nothing_published(table["id"])
    return _execute(call, Place(table, version))


def execute_version(call: Call) -> Answer:
    """Execute one version, a draft too."""
    place = version_to_change(call)
    require_status(place.version, "Draft", "Published", "Superseded", now=call.now)
    return _execute(call, place)


def matching(
    rows: Sequence[JsonObject], columns: Sequence[Column], given: Mapping[str, Json], *, now: float
) -> Iterator[int]:
    """The indexes, from 0, of the rows whose conditions all hold; `columns` are the inputs."""
    inputs = [(column, given.get(column.attribute.key)) for column in columns]
    for index, row in enumerate(rows):
        cells = row["inputs"]
        if all(_holds(column, _literal(cells, column), value, now) for column, value in inputs):
            yield index


def _execute(call: Call, place: Place) -> Answer:
    columns = call.world.business_rules.columns(*place).values()
    inputs = [column for column in columns if column.comparator is not None]
    outputs = [column for column in columns if column.comparator is None]
    given = _inputs(call.require("inputs")["inputs"], inputs)
    rows = place.version["rows"]
    found = list(matching(rows, inputs, given, now=call.now))
    path = rows_path(place)
    others = [rows[index]["id"] for index in found[1 : MOST_TOP_ROWS + 1]]
    results = [
        {
            "rowId": rows[index]["id"],
            "rowIndex": index + 1,
            "outputs": _outputs(rows[index], outputs, now=call.now),
        }
        for index in found[:1]
    ]
    return Answer(
        200,
        {
            "table": version_ref(*place),
            "totalMatchRowCount": len(found),
            "topMatchRows": [{"id": one, "selfUri": f"{path}/{one}"} for one in others],
            "rowExecutionOutputs": results,
        },
    )


def _holds(column: Column, literal: Literal, value: Any, now: float) -> bool:
    special = literal.get("special")
    if special == "Wildcard":
        return True
    if special == "Null":
        return value is None
    if value is None or column.comparator is None:
        return False
    right = meant(column.attribute, literal, now=now)
    return COMPARATORS[column.comparator].holds(
        comparable(column.attribute, value), comparable(column.attribute, right)
    )


def _literal(cells: JsonObject, column: Column) -> Literal:
    cell = cells.get(column.id)
    if cell is None:
        return column.default or _MISSING
    found: Literal = cell["literal"]
    return found


def _outputs(row: JsonObject, columns: Sequence[Column], *, now: float) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for column in columns:
        cell = row["outputs"].get(column.id)
        literal = column.default if cell is None else cell["literal"]
        value = None if literal is None else meant(column.attribute, literal, now=now)
        if value is not None and column.attribute.core.name == "businessRulesQueue":
            value = {"queue": {"id": value}}
        found[column.attribute.key] = value
    return found


def _inputs(sent: Any, columns: Sequence[Column]) -> dict[str, Json]:
    if not isinstance(sent, dict):
        raise errors.invalid([("inputs", "a map of schema properties to values")])
    attributes = {column.attribute.key: column.attribute for column in columns}
    flaws: list[Flaw] = [
        (f"inputs.{key}", "an input column of the table") for key in sent if key not in attributes
    ]
    given: dict[str, Json] = {}
    for key, attribute in attributes.items():
        value = sent.get(key)
        if value is None:
            continue
        if attribute.core.name == "businessRulesQueue":
            value = _queue_id(value)
        flaw = type_flaw(attribute, value)
        broken = [flaw] if flaw is not None else list(constraint_flaws(attribute, value))
        flaws += [(f"inputs.{key}", reason) for reason in broken]
        given[key] = value
    if flaws:
        raise errors.invalid(flaws)
    return given


def _queue_id(value: Any) -> Json:
    try:
        return value["queue"]["id"]
    except (KeyError, TypeError):
        return None
