"""The calls of the area with their permissions, as the official SDK documents them."""

from collections.abc import Awaitable
from dataclasses import replace

from tieline.emulator.business_rules import (
    bulk,
    execution,
    exports,
    imports,
    row_search,
    rows,
    schemas,
    tables,
    versions,
)
from tieline.emulator.business_rules.views import SCHEMAS, TABLES
from tieline.emulator.call import Answer, Call
from tieline.emulator.routes import Handler, Route

_TABLE = f"{TABLES}/{{tableId}}"
_VERSIONS = f"{_TABLE}/versions"
_VERSION = f"{_VERSIONS}/{{tableVersion}}"
_ROWS = f"{_VERSION}/rows"
_ROW = f"{_ROWS}/{{rowId}}"
_SCHEMA = f"{SCHEMAS}/{{schemaId}}"

# Rows and columns may name queues: whoever writes them must be allowed to see queues.
_QUEUES = "routing:queue:view"
_READ_SCHEMA = "businessrules:businessRulesSchema:view"


def _table(action: str, *more: str) -> tuple[str, ...]:
    return (f"businessrules:decisionTable:{action}", *more)


def _row(action: str, *more: str) -> tuple[str, ...]:
    return (f"businessrules:decisionTableRow:{action}", *more)


def _schema(action: str) -> tuple[str, ...]:
    return (f"businessrules:businessRulesSchema:{action}",)


def _snapshot(action: str) -> tuple[str, ...]:
    return (f"businessrules:decisionTableSnapshot:{action}",)


def _export(action: str) -> tuple[str, ...]:
    return (f"businessrules:decisionTableExportJob:{action}",)


def _import(action: str) -> tuple[str, ...]:
    return (f"businessrules:decisionTableImportJob:{action}",)


_SCHEMA_ROUTES = (
    Route("GET", SCHEMAS, "schemas.list", schemas.list_schemas, permissions=_schema("view")),
    Route("POST", SCHEMAS, "schemas.create", schemas.create_schema, permissions=_schema("add")),
    Route("GET", f"{SCHEMAS}/coretypes", "schemas.core_types", schemas.list_core_types,
          permissions=_schema("view")),
    Route("GET", f"{SCHEMAS}/coretypes/{{coreTypeName}}", "schemas.core_type",
          schemas.get_core_type, permissions=_schema("view")),
    Route("GET", _SCHEMA, "schemas.get", schemas.get_schema, permissions=_schema("view")),
    Route("PUT", _SCHEMA, "schemas.put", schemas.put_schema, permissions=_schema("edit")),
    Route("DELETE", _SCHEMA, "schemas.delete", schemas.delete_schema,
          permissions=_schema("delete")),
    Route("GET", f"{_SCHEMA}/versions", "schemas.versions", schemas.list_versions,
          permissions=_schema("view")),
    Route("GET", f"{_SCHEMA}/versions/{{schemaVersion}}", "schemas.version", schemas.get_version,
          permissions=_schema("view")),
)  # fmt: skip

_TABLE_ROUTES = (
    Route("GET", TABLES, "tables.list", tables.list_tables, permissions=_table("view")),
    Route("GET", f"{TABLES}/search", "tables.search", tables.search_tables,
          permissions=_table("search")),
    Route("POST", TABLES, "tables.create", tables.create_table,
          permissions=_table("add", _READ_SCHEMA, _QUEUES)),
    Route("GET", _TABLE, "tables.get", tables.get_table, permissions=_table("view")),
    Route("PATCH", _TABLE, "tables.patch", tables.patch_table, repeatable=True,
          permissions=_table("edit", _READ_SCHEMA, _QUEUES)),
    Route("DELETE", _TABLE, "tables.delete", tables.delete_table, permissions=_table("delete")),
    Route("POST", f"{_TABLE}/execute", "tables.execute", execution.execute_published,
          permissions=_table("execute")),
)  # fmt: skip

_VERSION_ROUTES = (
    Route("GET", _VERSIONS, "table_versions.list", versions.list_versions,
          permissions=_table("view")),
    Route("POST", _VERSIONS, "table_versions.create", versions.create_version,
          permissions=_table("add")),
    Route("GET", _VERSION, "table_versions.get", versions.get_version, permissions=_table("view")),
    Route("PATCH", _VERSION, "table_versions.move_row", versions.move_row, repeatable=True,
          permissions=_table("edit")),
    Route("DELETE", _VERSION, "table_versions.delete", versions.delete_version,
          permissions=_table("delete")),
    Route("PUT", f"{_VERSION}/publish", "table_versions.publish", versions.publish,
          permissions=_table("publish")),
    Route("POST", f"{_VERSION}/rollback", "table_versions.rollback", versions.roll_back,
          permissions=_table("rollback"), repeatable=True),
    Route("POST", f"{_VERSION}/copy", "table_versions.copy", versions.copy,
          permissions=_table("copy")),
    Route("POST", f"{_VERSION}/sync", "table_versions.sync", versions.sync,
          permissions=_table("edit"), repeatable=True),
    Route("POST", f"{_VERSION}/snapshot", "table_versions.snapshot", versions.take_snapshot,
          permissions=_snapshot("add"), repeatable=True),
    Route("DELETE", f"{_VERSION}/snapshot", "table_versions.delete_snapshot",
          versions.delete_snapshot, permissions=_snapshot("delete")),
    Route("POST", f"{_VERSION}/execute", "table_versions.execute", execution.execute_version,
          permissions=_table("execute")),
)  # fmt: skip

_ROW_ROUTES = (
    Route("GET", _ROWS, "table_rows.list", rows.list_rows, permissions=_row("view")),
    Route("POST", _ROWS, "table_rows.create", rows.create_row, permissions=_row("add", _QUEUES)),
    Route("GET", _ROW, "table_rows.get", rows.get_row, permissions=_row("view")),
    Route("PUT", _ROW, "table_rows.put", rows.put_row, permissions=_row("edit", _QUEUES)),
    Route("DELETE", _ROW, "table_rows.delete", rows.delete_row,
          permissions=_row("delete", _QUEUES)),
    Route("POST", f"{_ROWS}/bulk/add", "table_rows.bulk_add", bulk.add,
          permissions=_row("add", _QUEUES)),
    Route("POST", f"{_ROWS}/bulk/update", "table_rows.bulk_update", bulk.update, repeatable=True,
          permissions=_row("edit", _QUEUES)),
    Route("POST", f"{_ROWS}/bulk/remove", "table_rows.bulk_remove", bulk.remove, repeatable=True,
          permissions=_row("delete", _QUEUES)),
    Route("POST", f"{_ROWS}/search", "table_rows.search", row_search.search_rows,
          permissions=_row("search")),
)  # fmt: skip

_EXPORTS = f"{_TABLE}/exports"
_IMPORTS = f"{_TABLE}/imports"
_JOB_ROUTES = (
    Route("GET", _EXPORTS, "table_exports.list", exports.list_exports, permissions=_export("view")),
    Route("POST", _EXPORTS, "table_exports.create", exports.create_export,
          permissions=_export("add")),
    Route("GET", f"{_EXPORTS}/{{exportJobId}}", "table_exports.get", exports.get_export,
          permissions=_export("view")),
    Route("DELETE", f"{_EXPORTS}/{{exportJobId}}", "table_exports.delete", exports.delete_export,
          permissions=_export("delete")),
    Route("GET", f"{exports.DOWNLOADS}/{{downloadId}}", "downloads.get", exports.get_download),
    Route("GET", f"{exports.FILES}/{{key}}", "downloads.file", exports.get_file, public=True),
    Route("GET", _IMPORTS, "table_imports.list", imports.list_imports, permissions=_import("view")),
    Route("POST", _IMPORTS, "table_imports.create", imports.create_import,
          permissions=_import("add")),
    Route("GET", f"{_IMPORTS}/{{importJobId}}", "table_imports.get", imports.get_import,
          permissions=_import("view")),
    Route("PATCH", f"{_IMPORTS}/{{importJobId}}", "table_imports.patch", imports.patch_import,
          permissions=_import("edit"), repeatable=True),
    Route("DELETE", f"{_IMPORTS}/{{importJobId}}", "table_imports.delete", imports.delete_import,
          permissions=_import("delete")),
    Route("PUT", f"{imports.UPLOADS}/{{key}}", "table_imports.upload", imports.upload, public=True,
          raw=True),
)  # fmt: skip


def _caught_up(route: Route, handler: Handler) -> Route:
    """The route, carried out after the imports that have ended by then."""

    def caught_up(call: Call) -> Answer | Awaitable[Answer]:
        imports.finish_due(call)
        return handler(call)

    return replace(route, handler=caught_up)


ROUTES = tuple(
    _caught_up(route, route.handler)
    for route in (*_SCHEMA_ROUTES, *_TABLE_ROUTES, *_VERSION_ROUTES, *_ROW_ROUTES, *_JOB_ROUTES)
)
