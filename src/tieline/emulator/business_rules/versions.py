"""Calls on a table's versions: making one, publishing, going back, keeping, copying."""

import uuid

from tieline.emulator import wire_errors
from tieline.emulator.business_rules import errors
from tieline.emulator.business_rules.limits import LONGEST_NAME, LONGEST_REASON, require_room
from tieline.emulator.business_rules.limits import TABLES as TABLES_LIMIT
from tieline.emulator.business_rules.reading import (
    Place,
    author,
    name_of,
    version_to_change,
    version_to_read,
    whole,
)
from tieline.emulator.business_rules.rows import place_of, settle
from tieline.emulator.business_rules.version_states import (
    add_version,
    make_published,
    published_of,
    require_status,
    status_of,
)
from tieline.emulator.business_rules.views import TABLES, version_view
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.paging import cursor_page
from tieline.emulator.tables import Document

_STATUSES = ("Draft", "Published", "Error", "Preparing", "Superseded")
_FINISHED = ("Draft", "Published", "Superseded")


def list_versions(call: Call) -> Answer:
    """List a table's versions, newest first."""
    state = call.world.business_rules
    table = state.table(call.path[0], now=call.now)
    statuses = call.many("status")
    for status in statuses:
        if status not in _STATUSES:
            raise errors.not_one_of("status", status, _STATUSES)
    kept = call.flag("hasSnapshot") if call.one("hasSnapshot") is not None else None
    found = [
        version_view(state, table, version, now=call.now)
        for version in reversed(table["versions"])
        if (not statuses or status_of(version, now=call.now) in statuses)
        and kept in {None, "snapshot" in version}
    ]
    return Answer(200, cursor_page(call, found, path=f"{TABLES}/{table['id']}/versions"))


def create_version(call: Call) -> Answer:
    """Start a draft with the rows of another version, by default of the published one."""
    state = call.world.business_rules
    table = state.table_to_change(call.path[0], now=call.now)
    source = _source(call, table)
    version = add_version(
        table, source["rows"], schema_version=source["schema_version"], author=author(call),
        now=call.now, prepare_seconds=call.world.settings.decision_table_prepare_seconds,
    )  # fmt: skip
    return _answer(call, Place(table, version))


def get_version(call: Call) -> Answer:
    """Tell about a version."""
    return _answer(call, version_to_read(call), changed=False)


def move_row(call: Call) -> Answer:
    """Give one row of a draft another index; the rows between move over."""
    place = version_to_change(call, "Draft")
    update = call.require("rowIndexUpdate")["rowIndexUpdate"]
    if not isinstance(update, dict) or update.get("rowId") is None:
        raise wire_errors.missing_fields("rowIndexUpdate.rowId", "rowIndexUpdate.rowIndex")
    rows = place.version["rows"]
    index = whole("rowIndexUpdate.rowIndex", update.get("rowIndex"), most=len(rows))
    rows.insert(index - 1, rows.pop(place_of(place.version, str(update["rowId"]))))
    settle(call, place)
    return _answer(call, place)


def delete_version(call: Call) -> Answer:
    """Throw a draft away, or one that never got ready."""
    place = version_to_change(call, "Draft", "Error")
    place.table["versions"].remove(place.version)
    return Answer(204, effect=place.effect)


def publish(call: Call) -> Answer:
    """Let executions use a draft, unless its row changes are still settling."""
    place = version_to_change(call, "Draft")
    if call.now < place.version["settles"]:
        raise errors.still_settling(place.version["version"])
    if not place.version["rows"]:
        raise wire_errors.conflict("A version without rows cannot be published.", code="no.rows")
    make_published(*place, author=author(call), now=call.now, reason=None)
    return _answer(call, place)


def roll_back(call: Call) -> Answer:
    """Let executions use a superseded version again."""
    place = version_to_change(call, "Superseded")
    reason = call.text("rollbackReason", longest=LONGEST_REASON)
    make_published(*place, author=author(call), now=call.now, reason=reason)
    return _answer(call, place)


def copy(call: Call) -> Answer:
    """Make a new table with the columns and rows of a version."""
    source = version_to_change(call, *_FINISHED)
    name, description = name_of(call), call.text("description")
    state = call.world.business_rules
    state.require_free_name(name, now=call.now)
    require_room(call, TABLES_LIMIT, len(state.present_tables(now=call.now)) + 1)
    table: Document = {
        "id": str(uuid.uuid4()),
        "name": name,
        "division": source.table["division"],
        "dateCreated": iso(call.now),
        "dateModified": iso(call.now),
        "schema_id": source.table["schema_id"],
        "columns": source.table["columns"],
        "versions": [],
    }
    if description is not None:
        table["description"] = description
    version = add_version(
        table, source.version["rows"], schema_version=source.version["schema_version"],
        author=author(call), now=call.now,
        prepare_seconds=call.world.settings.decision_table_prepare_seconds,
    )  # fmt: skip
    state.tables.put(table)
    view = version_view(state, table, version, now=call.now)
    return Answer(200, view, effect=table["id"])


def sync(call: Call) -> Answer:
    """Move a draft to the latest version of its schema."""
    place = version_to_change(call, "Draft")
    schema = call.world.business_rules.schemas.get(place.table["schema_id"])
    place.version["schema_version"] = schema["versions"][-1]["version"]
    place.version["dateModified"] = iso(call.now)
    return _answer(call, place)


def take_snapshot(call: Call) -> Answer:
    """Keep a version under a name."""
    place = version_to_change(call, *_FINISHED)
    call.require("snapshotName")
    name = call.text("snapshotName", longest=LONGEST_NAME)
    notes = call.text("notes", longest=LONGEST_REASON)
    if "snapshot" in place.version:
        raise wire_errors.conflict("The version has a snapshot.", code="snapshot.exists")
    place.version["snapshot"] = {
        "name": name,
        **({} if notes is None else {"notes": notes}),
        "dateCreated": iso(call.now),
        "createdBy": author(call),
    }
    return _answer(call, place)


def delete_snapshot(call: Call) -> Answer:
    """Keep a version no longer."""
    place = version_to_change(call)
    if place.version.pop("snapshot", None) is None:
        raise wire_errors.not_found(place.effect)
    return Answer(204, effect=place.effect)


def _source(call: Call, table: Document) -> Document:
    number = call.sent.get("sourceVersion")
    if number is None:
        published = published_of(table)
        if published is None:
            raise errors.nothing_published(table["id"])
        return published
    found = call.world.business_rules.version(table, str(whole("sourceVersion", number)))
    if "snapshot" not in found:
        require_status(found, "Published", "Superseded", now=call.now)
    return found


def _answer(call: Call, place: Place, *, changed: bool = True) -> Answer:
    view = version_view(call.world.business_rules, *place, now=call.now)
    return Answer(200, view, effect=place.effect if changed else None)
