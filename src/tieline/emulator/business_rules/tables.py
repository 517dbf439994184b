"""Calls on decision tables themselves."""

import uuid
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.business_rules.attributes import attributes_of
from tieline.emulator.business_rules.columns import column_flaws, with_ids
from tieline.emulator.business_rules.contracts import ALL_SCHEMAS
from tieline.emulator.business_rules.errors import invalid
from tieline.emulator.business_rules.limits import TABLES as TABLES_LIMIT
from tieline.emulator.business_rules.limits import require_room
from tieline.emulator.business_rules.reading import author, name_of
from tieline.emulator.business_rules.version_states import add_version, draft_of, published_of
from tieline.emulator.business_rules.views import TABLES, table_view, version_view
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.paging import cursor_page
from tieline.emulator.tables import Document, private

_EXPANSIONS = frozenset({"ExecutionInputSchema", "ExecutionOutputSchema"})


def list_tables(call: Call) -> Answer:
    """List tables; `name` is a part of theirs, whatever the case."""
    divisions, part = call.many("divisionIds"), (call.one("name") or "").lower()
    state = call.world.business_rules
    found = [
        table_view(state, table, now=call.now)
        for table in state.present_tables(now=call.now)
        if part in table["name"].lower() and (not divisions or table["division"]["id"] in divisions)
    ]
    return Answer(200, cursor_page(call, found, path=TABLES))


def search_tables(call: Call) -> Answer:
    """Find tables by schema, name or ids; by schema or name the answer is not cut into pages."""
    schema_id, name, ids = call.one("schemaId"), call.one("name"), call.many("ids")
    if schema_id and name:
        raise invalid([("schemaId", "not together with name")])
    state, wanted = call.world.business_rules, _expansions(call)
    published_only = call.flag("withPublishedVersion")
    found = [
        table_view(state, table, now=call.now, schemas=wanted)
        for table in state.present_tables(now=call.now)
        if (not schema_id or table["schema_id"] == schema_id)
        and (not name or name.lower() in table["name"].lower())
        and (not ids or table["id"] in ids)
        and (not published_only or published_of(table) is not None)
    ]
    if schema_id or name:
        return Answer(200, {"entities": found, "selfUri": f"{TABLES}/search"})
    return Answer(200, cursor_page(call, found, path=f"{TABLES}/search"))


def create_table(call: Call) -> Answer:
    """Make a table of a schema; it begins with version 1, a draft."""
    sent = call.require("name", "divisionId", "schemaId", "columns")
    name = name_of(call)
    description = call.text("description")
    state = call.world.business_rules
    schema = state.schemas.find(str(sent["schemaId"]))
    if schema is None or schema.get("deleted") or not schema["versions"][-1]["enabled"]:
        raise invalid([("schemaId", "a schema that exists and is enabled")])
    latest = schema["versions"][-1]
    flaws = list(column_flaws(sent["columns"], attributes_of(latest["jsonSchema"])))
    if flaws:
        raise invalid(flaws)
    state.require_free_name(name, now=call.now)
    require_room(call, TABLES_LIMIT, len(state.present_tables(now=call.now)) + 1)
    table: Document = {
        "id": str(uuid.uuid4()),
        "name": name,
        "division": _division(call, str(sent["divisionId"])),
        "dateCreated": iso(call.now),
        "dateModified": iso(call.now),
        "schema_id": schema["id"],
        "columns": with_ids(sent["columns"]),
        "versions": [],
    }
    if description is not None:
        table["description"] = description
    version = add_version(
        table, (), schema_version=latest["version"], author=author(call), now=call.now,
        prepare_seconds=0.0,
    )  # fmt: skip
    state.tables.put(table)
    return Answer(200, version_view(state, table, version, now=call.now), effect=table["id"])


def get_table(call: Call) -> Answer:
    """Tell about a table."""
    state = call.world.business_rules
    return Answer(200, table_view(state, state.table(call.path[0], now=call.now), now=call.now))


def patch_table(call: Call) -> Answer:
    """Change name and description; columns while nothing is published."""
    state = call.world.business_rules
    table = state.table_to_change(call.path[0], now=call.now)
    sent = call.sent
    changes: dict[str, Any] = {}
    if sent.get("name") is not None:
        changes["name"] = name_of(call)
        state.require_free_name(changes["name"], now=call.now, but=table["id"])
    if call.text("description") is not None:
        changes["description"] = sent["description"]
    if sent.get("columns") is not None:
        _change_columns(call, table)
    table.update(changes, dateModified=iso(call.now))
    return Answer(200, table_view(state, table, now=call.now), effect=table["id"])


def delete_table(call: Call) -> Answer:
    """Delete a table in the background; one that a flow uses only with `forceDelete`.

    In a fixture the key `emulator` of such a table says `used_by_flow: true`.
    """
    state = call.world.business_rules
    table = state.table_to_change(call.path[0], now=call.now)
    if private(table).get("used_by_flow") and not call.flag("forceDelete"):
        raise wire_errors.conflict(
            "The decision table is used by a flow.", code="table.in.use", entity_id=table["id"]
        )
    table["gone_at"] = call.now + call.world.settings.decision_table_delete_seconds
    return Answer(204, effect=table["id"])


def _change_columns(call: Call, table: Document) -> None:
    """A column that stays the same keeps its id and its cells."""
    state, sent = call.world.business_rules, call.sent["columns"]
    draft = draft_of(table)
    if draft is None or any(version["end"] == "Published" for version in table["versions"]):
        raise wire_errors.conflict(
            "Columns are fixed once a version is published.", code="columns.fixed",
            entity_id=table["id"],
        )  # fmt: skip
    if not isinstance(sent, dict):
        raise invalid([("columns", "inputs and outputs")])
    both = {**table["columns"], **{k: v for k, v in sent.items() if v is not None}}
    flaws = list(column_flaws(both, state.attributes(table, draft)))
    if flaws:
        raise invalid(flaws)
    table["columns"] = with_ids(both, before=table["columns"])
    for side in ("inputs", "outputs"):
        ids = {column["id"] for column in table["columns"][side]}
        for row in draft["rows"]:
            row[side] = {k: cell for k, cell in row[side].items() if k in ids}


def _expansions(call: Call) -> list[str]:
    wanted = call.many("expand")
    unknown = [name for name in wanted if name not in _EXPANSIONS]
    if unknown:
        raise wire_errors.invalid_value(
            "expand", unknown[0], kind="Enum", allowed=", ".join(sorted(_EXPANSIONS))
        )
    return [name for name in ALL_SCHEMAS if name in wanted]


def _division(call: Call, division_id: str) -> Document:
    home = call.world.organization.home_division()
    if division_id == home.get("id"):
        return dict(home)
    return {"id": division_id, "selfUri": f"/api/v2/authorization/divisions/{division_id}"}
