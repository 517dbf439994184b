"""Several rows in one call: all of them, or none."""

from tieline.emulator import wire_errors
from tieline.emulator.business_rules.errors import invalid
from tieline.emulator.business_rules.limits import (
    MOST_ADDED,
    MOST_REMOVED,
    MOST_UPDATED,
    ROWS,
    require_room,
)
from tieline.emulator.business_rules.reading import items, version_to_change
from tieline.emulator.business_rules.rows import born, checked, place_of, settle, view
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso


def add(call: Call) -> Answer:
    """Append up to 15 rows in the order given."""
    place = version_to_change(call, "Draft")
    sent = items(call, "rows", most=MOST_ADDED)
    placed = [
        (f"rows[{index}].rowIndex", "left out: the rows are appended")
        for index, row in enumerate(sent)
        if isinstance(row, dict) and row.get("rowIndex") is not None
    ]
    if placed:
        raise invalid(placed)
    cells = checked(call, place, [(f"rows[{i}].", row) for i, row in enumerate(sent)])
    rows = place.version["rows"]
    first = len(rows)
    require_room(call, ROWS, first + len(cells))
    rows.extend(born(each, now=call.now) for each in cells)
    settle(call, place)
    views = [view(place, index) for index in range(first, len(rows))]
    return Answer(200, {"totalCreated": len(views), "rows": views}, effect=place.effect)


def update(call: Call) -> Answer:
    """Replace all cells of up to 15 rows."""
    place = version_to_change(call, "Draft")
    sent = items(call, "rows", most=MOST_UPDATED)
    cells = checked(call, place, [(f"rows[{i}].", row) for i, row in enumerate(sent)])
    ids = [str(row.get("rowId")) for row in sent]
    if len(set(ids)) < len(ids):
        raise invalid([("rows", "each rowId once")])
    indexes = [place_of(place.version, row_id) for row_id in ids]
    for index, each in zip(indexes, cells, strict=True):
        place.version["rows"][index].update(each, dateModified=iso(call.now))
    settle(call, place)
    views = [view(place, index) for index in indexes]
    return Answer(200, {"totalUpdated": len(views), "rows": views}, effect=place.effect)


def remove(call: Call) -> Answer:
    """Take up to 49 rows out; the rest moves up."""
    place = version_to_change(call, "Draft")
    sent = items(call, "rowIds", most=MOST_REMOVED)
    present = {row["id"] for row in place.version["rows"]}
    for row_id in sent:
        if not isinstance(row_id, str) or row_id not in present:
            raise wire_errors.not_found(str(row_id)[:80])
    gone = set(sent)
    place.version["rows"][:] = [row for row in place.version["rows"] if row["id"] not in gone]
    settle(call, place)
    return Answer(204, effect=place.effect)
