"""The platform's calls on rule schemas, decision tables, their versions and rows.

Creating is not idempotent and neither is what changes a state: a lost answer is settled by reading
what stands, never by asking again. Executions only read, though the vendor counts them.
"""

from functools import partial
from typing import Any

from tieline.calls.operation import Method, Operation, Request
from tieline.calls.pagination import NumberedPages, cursor_pages
from tieline.dialects.listing import Listing
from tieline.dialects.reading import Fields
from tieline.types import JsonObject

MOST_ADDED = 15
MOST_REMOVED = 49

_SCHEMAS = "/api/v2/businessrules/schemas"
_TABLES = "/api/v2/businessrules/decisiontables"
_TABLE = f"{_TABLES}/{{id}}"
_VERSION = f"{_TABLE}/versions/{{version}}"
_ROWS = f"{_VERSION}/rows"
# Rows and columns name queues, so whoever writes them must be allowed to see those.
_QUEUES = "routing:queue:view"


def _reading(name: str, path: str, permission: str, method: Method = "GET") -> Operation:
    return Operation(
        name, method, path, idempotent=True, dialect="platform",
        permissions=(f"businessrules:{permission}",), reads_only=True,
    )  # fmt: skip


def _changing(
    name: str, method: Method, path: str, *permissions: str, idempotent: bool = False
) -> Operation:
    needed = tuple(p if p == _QUEUES else f"businessrules:{p}" for p in permissions)
    return Operation(
        name, method, path, idempotent=idempotent, dialect="platform", permissions=needed
    )


SCHEMAS_LIST = _reading("schemas.list", _SCHEMAS, "businessRulesSchema:view")
SCHEMAS_GET = _reading("schemas.get", f"{_SCHEMAS}/{{id}}", "businessRulesSchema:view")
# Two schemas of one title are allowed: a second request would make a second one.
SCHEMAS_CREATE = _changing("schemas.create", "POST", _SCHEMAS, "businessRulesSchema:add")
# Names the version it was made from: repeated, it meets a newer one.
SCHEMAS_PUT = _changing("schemas.put", "PUT", f"{_SCHEMAS}/{{id}}", "businessRulesSchema:edit")
SCHEMAS_DELETE = _changing(
    "schemas.delete", "DELETE", f"{_SCHEMAS}/{{id}}", "businessRulesSchema:delete"
)
TABLES_LIST = _reading("tables.list", _TABLES, "decisionTable:view")
TABLES_GET = _reading("tables.get", _TABLE, "decisionTable:view")
TABLES_CREATE = _changing(
    "tables.create", "POST", _TABLES,
    "decisionTable:add", "businessRulesSchema:view", _QUEUES,
)  # fmt: skip
TABLES_DELETE = _changing("tables.delete", "DELETE", _TABLE, "decisionTable:delete")
TABLES_EXECUTE = _reading("tables.execute", f"{_TABLE}/execute", "decisionTable:execute", "POST")
VERSIONS_LIST = _reading("table_versions.list", f"{_TABLE}/versions", "decisionTable:view")
VERSIONS_GET = _reading("table_versions.get", _VERSION, "decisionTable:view")
# One draft at a time: a second request would meet the first one's draft, which is read instead.
VERSIONS_CREATE = _changing(
    "table_versions.create", "POST", f"{_TABLE}/versions", "decisionTable:add"
)
VERSIONS_DELETE = _changing("table_versions.delete", "DELETE", _VERSION, "decisionTable:delete")
# Only a draft can be published: after a lost answer its status tells.
VERSIONS_PUBLISH = _changing(
    "table_versions.publish", "PUT", f"{_VERSION}/publish", "decisionTable:publish"
)
VERSIONS_ROLLBACK = _changing(
    "table_versions.rollback", "POST", f"{_VERSION}/rollback", "decisionTable:rollback"
)
# A draft that follows the latest version of its schema already goes on doing so.
VERSIONS_SYNC = _changing(
    "table_versions.sync", "POST", f"{_VERSION}/sync", "decisionTable:edit", idempotent=True
)
VERSIONS_SNAPSHOT = _changing(
    "table_versions.snapshot", "POST", f"{_VERSION}/snapshot", "decisionTableSnapshot:add"
)
VERSIONS_EXECUTE = _reading(
    "table_versions.execute", f"{_VERSION}/execute", "decisionTable:execute", "POST"
)
ROWS_LIST = _reading("table_rows.list", _ROWS, "decisionTableRow:view")
# All or nothing, appended in order: the rows are read again before anything is repeated.
ROWS_ADD = _changing(
    "table_rows.bulk_add", "POST", f"{_ROWS}/bulk/add", "decisionTableRow:add", _QUEUES
)
ROWS_REMOVE = _changing(
    "table_rows.bulk_remove", "POST", f"{_ROWS}/bulk/remove", "decisionTableRow:delete", _QUEUES
)
# A second export is a second file and nothing more.
EXPORTS_CREATE = _changing(
    "table_exports.create", "POST", f"{_TABLE}/exports", "decisionTableExportJob:add",
    idempotent=True,
)  # fmt: skip
EXPORTS_GET = _reading(
    "table_exports.get", f"{_TABLE}/exports/{{job}}", "decisionTableExportJob:view"
)
DOWNLOADS_GET = Operation(
    "downloads.get", "GET", "/api/v2/downloads/{id}", idempotent=True, dialect="platform"
)
# The path is in the URL that was given out.
EXPORTS_FILE = Operation("table_exports.file", "GET", "/", idempotent=True, dialect="platform")
IMPORTS_LIST = _reading("table_imports.list", f"{_TABLE}/imports", "decisionTableImportJob:view")
IMPORTS_GET = _reading(
    "table_imports.get", f"{_TABLE}/imports/{{job}}", "decisionTableImportJob:view"
)
# A second request opens a second import: one that nobody knows of is found by its file's name.
IMPORTS_CREATE = _changing(
    "table_imports.create", "POST", f"{_TABLE}/imports", "decisionTableImportJob:add"
)
IMPORTS_CANCEL = _changing(
    "table_imports.cancel", "PATCH", f"{_TABLE}/imports/{{job}}", "decisionTableImportJob:edit",
    idempotent=True,
)  # fmt: skip
# Processing begins with the bytes, and an import takes them once.
IMPORTS_FILE = Operation("table_imports.file", "PUT", "/", idempotent=False, dialect="platform")

OPERATIONS = (
    SCHEMAS_LIST, SCHEMAS_GET, SCHEMAS_CREATE, SCHEMAS_PUT, SCHEMAS_DELETE,
    TABLES_LIST, TABLES_GET, TABLES_CREATE, TABLES_DELETE, TABLES_EXECUTE,
    VERSIONS_LIST, VERSIONS_GET, VERSIONS_CREATE, VERSIONS_DELETE, VERSIONS_PUBLISH,
    VERSIONS_ROLLBACK, VERSIONS_SYNC, VERSIONS_SNAPSHOT, VERSIONS_EXECUTE,
    ROWS_LIST, ROWS_ADD, ROWS_REMOVE,
    EXPORTS_CREATE, EXPORTS_GET, DOWNLOADS_GET, EXPORTS_FILE,
    IMPORTS_LIST, IMPORTS_GET, IMPORTS_CREATE, IMPORTS_CANCEL, IMPORTS_FILE,
)  # fmt: skip


def schemas() -> Listing[JsonObject]:
    """List the schemas; the far side answers all of them at once."""
    return Listing(SCHEMAS_LIST, NumberedPages, _whole)


def get_schema(schema_id: str) -> Request:
    """Read the latest version of a schema."""
    return Request(SCHEMAS_GET, {"id": schema_id})


def create_schema(document: JsonObject) -> Request:
    """Make a schema of a JSON schema document."""
    return Request(SCHEMAS_CREATE, body={"jsonSchema": dict(document)})


def put_schema(schema_id: str, document: JsonObject, *, version: int) -> Request:
    """Add a version to the schema as it was read."""
    body = {"version": version, "enabled": True, "jsonSchema": dict(document)}
    return Request(SCHEMAS_PUT, {"id": schema_id}, body=body)


def delete_schema(schema_id: str) -> Request:
    """Delete a schema that no table uses."""
    return Request(SCHEMAS_DELETE, {"id": schema_id})


def tables_named(name: str) -> Listing[JsonObject]:
    """List the tables whose name holds this text, whatever the case."""
    return Listing(TABLES_LIST, partial(cursor_pages, extra={"name": name}), _whole)


def get_table(table_id: str) -> Request:
    """Read a table."""
    return Request(TABLES_GET, {"id": table_id})


def create_table(
    *, name: str, description: str, division_id: str, schema_id: str, columns: JsonObject
) -> Request:
    """Make a table; it begins with a draft, version 1."""
    body = {
        "name": name,
        "description": description,
        "divisionId": division_id,
        "schemaId": schema_id,
        "columns": dict(columns),
    }
    return Request(TABLES_CREATE, body=body)


def delete_table(table_id: str) -> Request:
    """Delete a table, unless a flow refers to it."""
    return Request(TABLES_DELETE, {"id": table_id})


def versions(table_id: str) -> Listing[JsonObject]:
    """List a table's versions, newest first."""
    return Listing(VERSIONS_LIST, cursor_pages, _numbered, {"id": table_id})


def get_version(table_id: str, version: int) -> Request:
    """Read a version: its status, columns and contract."""
    return Request(VERSIONS_GET, _place(table_id, version))


def create_version(table_id: str) -> Request:
    """Start a draft with the rows of the published version."""
    return Request(VERSIONS_CREATE, {"id": table_id}, body={})


def delete_version(table_id: str, version: int) -> Request:
    """Throw a draft away."""
    return Request(VERSIONS_DELETE, _place(table_id, version))


def publish_version(table_id: str, version: int) -> Request:
    """Let executions use a draft; refused with 409 while row changes are settling."""
    return Request(VERSIONS_PUBLISH, _place(table_id, version))


def rollback_version(table_id: str, version: int, *, reason: str) -> Request:
    """Let executions use a superseded version again."""
    body = {"rollbackReason": reason[:200]}
    return Request(VERSIONS_ROLLBACK, _place(table_id, version), body=body)


def sync_version(table_id: str, version: int) -> Request:
    """Move a draft to the latest version of its schema."""
    return Request(VERSIONS_SYNC, _place(table_id, version))


def snapshot_version(table_id: str, version: int, *, name: str) -> Request:
    """Keep a version."""
    return Request(VERSIONS_SNAPSHOT, _place(table_id, version), body={"snapshotName": name[:100]})


def execute_version(table_id: str, version: int, inputs: JsonObject) -> Request:
    """Ask one version, a draft too, what it makes of a record."""
    return Request(VERSIONS_EXECUTE, _place(table_id, version), body={"inputs": dict(inputs)})


def execute_table(table_id: str, inputs: JsonObject) -> Request:
    """Ask the published version."""
    return Request(TABLES_EXECUTE, {"id": table_id}, body={"inputs": dict(inputs)})


def rows(table_id: str, version: int) -> Listing[JsonObject]:
    """List the rows of a version by index."""
    return Listing(ROWS_LIST, NumberedPages, _whole, _place(table_id, version))


def add_rows(table_id: str, version: int, bodies: list[dict[str, Any]]) -> Request:
    """Append rows, at most `MOST_ADDED`, all or none."""
    return Request(ROWS_ADD, _place(table_id, version), body={"rows": bodies})


def remove_rows(table_id: str, version: int, ids: list[str]) -> Request:
    """Take rows out, at most `MOST_REMOVED`."""
    return Request(ROWS_REMOVE, _place(table_id, version), body={"rowIds": ids})


def export_template(table_id: str, version: int) -> Request:
    """Ask for the header of a version's CSV form."""
    body = {"tableVersion": version, "exportType": "Template", "format": "Csv"}
    return Request(EXPORTS_CREATE, {"id": table_id}, body=body)


def get_export(table_id: str, job: str) -> Request:
    """Read an export; a complete one says where its file is."""
    return Request(EXPORTS_GET, {"id": table_id, "job": job})


def get_download(download: str) -> Request:
    """Ask for a file's address instead of being sent there with the token at hand."""
    return Request(DOWNLOADS_GET, {"id": download}, query={"issueRedirect": False})


def export_file() -> Request:
    """Name the fetching of an export's file."""
    return Request(EXPORTS_FILE)


def imports(table_id: str) -> Listing[JsonObject]:
    """List a table's imports."""
    return Listing(IMPORTS_LIST, cursor_pages, _whole, {"id": table_id})


def get_import(table_id: str, job: str) -> Request:
    """Read an import."""
    return Request(IMPORTS_GET, {"id": table_id, "job": job})


def create_import(table_id: str, file_name: str) -> Request:
    """Open an import whose rows take the place of the draft's, all of them or none."""
    body = {"importMode": "Replace", "fileName": file_name}
    return Request(IMPORTS_CREATE, {"id": table_id}, body=body)


def cancel_import(table_id: str, job: str) -> Request:
    """End an import that has not ended; 409 where it has."""
    return Request(IMPORTS_CANCEL, {"id": table_id, "job": job}, body={"status": "Cancelled"})


def import_file(file_name: str, content: bytes, digest: str) -> Request:
    """Name an upload for the audit log; its bytes travel beside it."""
    body = {"fileName": file_name, "bytes": len(content), "sha256": digest}
    return Request(IMPORTS_FILE, body=body)


def _place(table_id: str, version: int) -> dict[str, str]:
    return {"id": table_id, "version": str(version)}


def _whole(fields: Fields) -> JsonObject:
    fields.text("id")
    return fields.values


def _numbered(fields: Fields) -> JsonObject:
    fields.maybe_version("version")
    return fields.values
