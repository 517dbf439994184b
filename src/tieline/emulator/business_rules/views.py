"""Schemas, tables, versions and rows as they are answered."""

from collections.abc import Collection

from tieline.emulator.business_rules.contracts import ALL_SCHEMAS, contract
from tieline.emulator.business_rules.state import BusinessRulesState
from tieline.emulator.business_rules.version_states import published_of, status_of
from tieline.emulator.tables import Document
from tieline.types import JsonObject

PREFIX = "/api/v2/businessrules"
SCHEMAS = f"{PREFIX}/schemas"
TABLES = f"{PREFIX}/decisiontables"

_TABLE_FIELDS = ("id", "name", "description", "division", "dateCreated", "dateModified")
_VERSION_FIELDS = (
    "version", "dateCreated", "dateModified", "datePublished", "createdBy", "publishedBy",
    "rollbackReason", "snapshot",
)  # fmt: skip
_ROW_FIELDS = ("id", "dateCreated", "dateModified", "inputs", "outputs")


def schema_view(schema: JsonObject, version: JsonObject | None = None) -> Document:
    """A schema in one version, the latest unless told; `deleted` once it is."""
    told = schema["versions"][-1] if version is None else version
    view: Document = {
        "id": schema["id"],
        "name": told["jsonSchema"]["title"],
        "appliesTo": ["DECISION_TABLE"],
        **told,
        "selfUri": f"{SCHEMAS}/{schema['id']}",
    }
    if schema.get("deleted"):
        view["deleted"] = True
    return view


def version_ref(table: JsonObject, version: JsonObject) -> Document:
    """A version, as others refer to it."""
    return {
        "id": table["id"],
        "name": table["name"],
        "division": table["division"],
        "version": version["version"],
        "selfUri": f"{TABLES}/{table['id']}/versions/{version['version']}",
    }


def table_view(
    state: BusinessRulesState,
    table: JsonObject,
    *,
    now: float,
    schemas: Collection[str] = ALL_SCHEMAS,
) -> Document:
    """A table; what it has not got is left out."""
    view = _chosen(table, _TABLE_FIELDS)
    published = published_of(table)
    if published is not None:
        view["datePublished"] = published["datePublished"]
        view["published"] = version_ref(table, published)
        view["publishedContract"] = _contract(state, table, published, schemas)
    if table["versions"]:
        latest = table["versions"][-1]
        view["latest"] = version_ref(table, latest)
        view["latestVersionStatus"] = status_of(latest, now=now)
    view["snapshotCount"] = sum("snapshot" in version for version in table["versions"])
    view["columns"] = table["columns"]
    view["selfUri"] = f"{TABLES}/{table['id']}"
    return view


def version_view(
    state: BusinessRulesState, table: JsonObject, version: JsonObject, *, now: float
) -> Document:
    """A version; its id is the table's."""
    ref = version_ref(table, version)
    return {
        **_chosen(table, ("description",)),
        **ref,
        **_chosen(version, _VERSION_FIELDS),
        "status": status_of(version, now=now),
        "rowCount": len(version["rows"]),
        "rowsUri": f"{ref['selfUri']}/rows",
        "columns": table["columns"],
        "contract": _contract(state, table, version, ALL_SCHEMAS),
    }


def row_view(table: JsonObject, version: JsonObject, row: JsonObject, *, index: int) -> Document:
    """A row; `index` counts from 1. Columns that the row leaves to their default are left out."""
    ref = version_ref(table, version)
    return {
        **_chosen(row, _ROW_FIELDS),
        "table": ref,
        "rowIndex": index,
        "selfUri": f"{ref['selfUri']}/rows/{row['id']}",
    }


def _contract(
    state: BusinessRulesState, table: JsonObject, version: JsonObject, schemas: Collection[str]
) -> Document:
    schema_id, number = table["schema_id"], version["schema_version"]
    schema = state.schema_version(schema_id, number)
    parent = {
        "id": schema_id,
        "name": schema["jsonSchema"]["title"],
        "version": number,
        "selfUri": f"{SCHEMAS}/{schema_id}/versions/{number}",
    }
    return contract(parent, state.columns(table, version), schemas=schemas)


def _chosen(document: JsonObject, fields: Collection[str]) -> Document:
    return {name: document[name] for name in fields if document.get(name) is not None}
