"""Calls on the rows of a version; only a draft's can be changed."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.business_rules.columns import Column
from tieline.emulator.business_rules.errors import Flaw, invalid
from tieline.emulator.business_rules.limits import ROWS, require_room
from tieline.emulator.business_rules.literals import literal_flaw
from tieline.emulator.business_rules.reading import (
    Place,
    version_to_change,
    version_to_read,
    whole,
)
from tieline.emulator.business_rules.version_states import require_status, rows_changed
from tieline.emulator.business_rules.views import TABLES, row_view
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.paging import numbered_page
from tieline.emulator.queues.state import QueuesState
from tieline.emulator.tables import Document
from tieline.types import JsonObject

SIDES = ("inputs", "outputs")


def list_rows(call: Call) -> Answer:
    """List rows by index, page by page."""
    place = readable(call)
    views = [view(place, index) for index in range(len(place.version["rows"]))]
    return Answer(200, numbered_page(call, views, uris=rows_path(place)))


def get_row(call: Call) -> Answer:
    """Tell about a row."""
    place = readable(call)
    return Answer(200, view(place, place_of(place.version, call.path[2])))


def create_row(call: Call) -> Answer:
    """Insert a row at an index, or append it."""
    place = version_to_change(call, "Draft")
    sent = call.require(*SIDES)
    rows = place.version["rows"]
    index = len(rows)
    if sent.get("rowIndex") is not None:
        index = whole("rowIndex", sent["rowIndex"], most=len(rows)) - 1
    cells = checked(call, place, [("", sent)])[0]
    require_room(call, ROWS, len(rows) + 1)
    row = born(cells, now=call.now)
    rows.insert(index, row)
    settle(call, place)
    return Answer(200, view(place, index), effect=row["id"])


def put_row(call: Call) -> Answer:
    """Replace all cells of a row."""
    place = version_to_change(call, "Draft")
    index = place_of(place.version, call.path[2])
    cells = checked(call, place, [("", call.require(*SIDES))])[0]
    row = place.version["rows"][index]
    row.update(cells, dateModified=iso(call.now))
    settle(call, place)
    return Answer(200, view(place, index), effect=row["id"])


def delete_row(call: Call) -> Answer:
    """Take a row out; those below move up."""
    place = version_to_change(call, "Draft")
    row = place.version["rows"].pop(place_of(place.version, call.path[2]))
    settle(call, place)
    return Answer(204, effect=row["id"])


def readable(call: Call) -> Place:
    """The version of the path, unless its rows are still being copied.

    Raises:
        Refusal: 404; 409 while it is prepared.
    """
    place = version_to_read(call)
    require_status(
        place.version, "Draft", "Published", "Superseded", now=call.now
    )  # a version that ended in Error has no rows to show
    return place


def rows_path(place: Place) -> str:
    """The path of the version's rows."""
    return f"{TABLES}/{place.table['id']}/versions/{place.version['version']}/rows"


def view(place: Place, index: int) -> Document:
    """The row at an index that counts from 0."""
    return row_view(*place, place.version["rows"][index], index=index + 1)


def place_of(version: JsonObject, row_id: str) -> int:
    """The index of a row, from 0.

    Raises:
        Refusal: 404.
    """
    for index, row in enumerate(version["rows"]):
        if row["id"] == row_id:
            return index
    raise wire_errors.not_found(row_id[:80])


def settle(call: Call, place: Place) -> None:
    """Note a change of rows."""
    seconds = call.world.settings.decision_table_settle_seconds
    rows_changed(place.version, now=call.now, settle_seconds=seconds)


def born(cells: Document, *, now: float) -> Document:
    """A new row with checked cells."""
    return {"id": str(uuid.uuid4()), **cells, "dateCreated": iso(now), "dateModified": iso(now)}


def checked(call: Call, place: Place, rows: list[tuple[str, Any]]) -> list[Document]:
    """The cells of rows as they are kept; each comes with the prefix of its place.

    Raises:
        Refusal: 400 with all that is wrong in any of them.
    """
    columns = call.world.business_rules.columns(place.table, place.version)
    queues = call.world.queues
    flaws = [flaw for prefix, row in rows for flaw in row_flaws(prefix, row, columns, queues)]
    if flaws:
        raise invalid(flaws)
    return [kept_cells(row) for _, row in rows]


def row_flaws(
    prefix: str, row: Any, columns: Mapping[str, Column], queues: QueuesState
) -> Iterator[Flaw]:
    """List what is wrong with the cells of a row; nothing when it can be kept."""
    for side in SIDES:
        place = f"{prefix}{side}"
        cells = row.get(side) if isinstance(row, dict) else None
        if not isinstance(cells, dict):
            yield place, "a map of column ids to literals"
            continue
        ours = {k: c for k, c in columns.items() if (c.comparator is None) == (side == "outputs")}
        explicit = {k: cell["literal"] for k, cell in cells.items() if _is_explicit(cell)}
        if not explicit:
            yield place, "at least one explicit literal"
        for column_id, cell in cells.items():
            if column_id not in ours:
                yield f"{place}.{column_id}", f"a column among the table's {side}"
            elif cell is not None and not isinstance(cell, dict):
                yield f"{place}.{column_id}", "an object with a literal"
        for column in ours.values():
            flaw = _cell_flaw(column, explicit.get(column.id), queues)
            if flaw is not None:
                yield f"{place}.{column.id}", flaw


def kept_cells(row: JsonObject) -> Document:
    """The explicit cells of a row without flaws; the others are left to the columns' defaults."""
    return {
        side: {
            k: {"literal": {n: v for n, v in cell["literal"].items() if v is not None}}
            for k, cell in row[side].items()
            if _is_explicit(cell)
        }
        for side in SIDES
    }


def _is_explicit(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("literal") is not None


def _cell_flaw(column: Column, literal: Any, queues: QueuesState) -> str | None:
    if literal is None:
        return None if column.default is not None else "a literal, for the column has no default"
    flaw = literal_flaw(column.attribute, literal, comparator=column.comparator)
    if flaw is None and column.attribute.core.name == "businessRulesQueue":
        queue_id = literal.get("string")
        if queue_id is not None and queues.queues.find(queue_id) is None:
            return "the id of a queue that exists"
    return flaw
