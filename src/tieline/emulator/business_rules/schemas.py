"""Calls on rule schemas and their core types."""

from tieline.emulator import wire_errors
from tieline.emulator.business_rules.attributes import attributes_of, change_flaws, schema_flaws
from tieline.emulator.business_rules.core_types import CORE_TYPES
from tieline.emulator.business_rules.errors import invalid
from tieline.emulator.business_rules.limits import SCHEMAS as SCHEMAS_LIMIT
from tieline.emulator.business_rules.limits import require_room
from tieline.emulator.business_rules.reading import author
from tieline.emulator.business_rules.views import SCHEMAS, schema_view
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.paging import cursor_page
from tieline.emulator.tables import Document
from tieline.types import JsonObject

_UNPROCESSABLE = 422


def list_schemas(call: Call) -> Answer:
    """List the schemas that are not deleted, all at once."""
    found = [schema_view(s) for s in call.world.business_rules.schemas if not s.get("deleted")]
    return Answer(200, {"entities": found, "selfUri": SCHEMAS})


def create_schema(call: Call) -> Answer:
    """Keep a schema as version 1."""
    document = _document(call)
    state = call.world.business_rules
    present = sum(not schema.get("deleted") for schema in state.schemas)
    require_room(call, SCHEMAS_LIMIT, present + 1)
    schema = state.add_schema(document, author=author(call), now=call.now)
    return Answer(200, schema_view(schema), effect=schema["id"])


def get_schema(call: Call) -> Answer:
    """Tell about a schema, a deleted one too."""
    return Answer(200, schema_view(call.world.business_rules.schemas.get(call.path[0])))


def put_schema(call: Call) -> Answer:
    """Add a version; tables keep theirs until they are synchronised."""
    schema = _present(call)
    sent = call.require("version", "jsonSchema")
    current = schema["versions"][-1]
    if sent["version"] != current["version"]:
        raise wire_errors.version_mismatch(sent["version"], current["version"])
    enabled = sent.get("enabled", current["enabled"])
    if not isinstance(enabled, bool):
        raise wire_errors.invalid_value("enabled", enabled, kind="boolean", allowed="true, false")
    document = _document(call)
    flaws = list(change_flaws(current["jsonSchema"], document))
    if flaws:
        raise invalid(flaws, status=_UNPROCESSABLE)
    version = {
        "version": current["version"] + 1,
        "enabled": enabled,
        "dateCreated": iso(call.now),
        "createdBy": author(call),
        "jsonSchema": document,
    }
    schema["versions"].append(version)
    return Answer(200, schema_view(schema), effect=schema["id"])


def delete_schema(call: Call) -> Answer:
    """Mark a schema as deleted, unless a table is made of it."""
    schema = _present(call)
    for table in call.world.business_rules.present_tables(now=call.now):
        if table["schema_id"] == schema["id"]:
            raise wire_errors.conflict(
                f"The schema is used by the decision table {table['name']}.",
                code="schema.in.use", entity_id=schema["id"],
            )  # fmt: skip
    schema["deleted"] = True
    return Answer(204, effect=schema["id"])


def list_versions(call: Call) -> Answer:
    """List a schema's versions, newest first."""
    schema = call.world.business_rules.schemas.get(call.path[0])
    views = [schema_view(schema, version) for version in reversed(schema["versions"])]
    return Answer(200, cursor_page(call, views, path=f"{SCHEMAS}/{schema['id']}/versions"))


def get_version(call: Call) -> Answer:
    """Tell one version of a schema."""
    schema = call.world.business_rules.schemas.get(call.path[0])
    for version in schema["versions"]:
        if str(version["version"]) == call.path[1]:
            return Answer(200, schema_view(schema, version))
    raise wire_errors.not_found(call.path[1][:80])


def list_core_types(_call: Call) -> Answer:
    """List the types that attributes may have."""
    entities = [core.to_json() for core in CORE_TYPES.values()]
    return Answer(
        200, {"total": len(entities), "entities": entities, "selfUri": f"{SCHEMAS}/coretypes"}
    )


def get_core_type(call: Call) -> Answer:
    """Tell about one type."""
    core = CORE_TYPES.get(call.path[0])
    if core is None:
        raise wire_errors.not_found(call.path[0][:80])
    return Answer(200, core.to_json())


def _present(call: Call) -> Document:
    schema = call.world.business_rules.schemas.get(call.path[0])
    if schema.get("deleted"):
        raise wire_errors.not_found(schema["id"])
    return schema


def _document(call: Call) -> Document:
    document: JsonObject = call.require("jsonSchema")["jsonSchema"]
    if not isinstance(document, dict):
        raise invalid([("jsonSchema", "an object")])
    flaws = list(schema_flaws(document))
    if flaws:
        raise invalid(flaws, status=_UNPROCESSABLE)
    used = {attribute.core.name for attribute in attributes_of(document).values()}
    definitions = {n: core.to_json()["schema"] for n, core in CORE_TYPES.items() if n in used}
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "description": "",
        "type": "object",
        **{name: value for name, value in document.items() if value is not None},
        "definitions": definitions,
    }
