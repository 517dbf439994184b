"""Schemas with their versions, tables with their versions and rows, and jobs.

A table that is deleted can be read for a while yet, as the platform deletes in the background.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.business_rules import errors
from tieline.emulator.business_rules.attributes import Attribute, attributes_of
from tieline.emulator.business_rules.columns import Column, columns_of
from tieline.emulator.clock import iso
from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject


class BusinessRulesState:
    """The documents of the area."""

    def __init__(self, document: JsonObject) -> None:
        self.schemas = Table(document.get("rule_schemas", ()))
        self.tables = Table(document.get("decision_tables", ()))
        self.imports = Table(document.get("decision_table_imports", ()))
        self.exports = Table(document.get("decision_table_exports", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {
            "rule_schemas": self.schemas.dump(),
            "decision_tables": self.tables.dump(),
            "decision_table_imports": self.imports.dump(),
            "decision_table_exports": self.exports.dump(),
        }

    def add_schema(self, schema: JsonObject, *, author: JsonObject, now: float) -> Document:
        """Keep a schema as version 1."""
        version = {
            "version": 1,
            "enabled": True,
            "dateCreated": iso(now),
            "createdBy": dict(author),
            "jsonSchema": schema,
        }
        return self.schemas.put({"id": str(uuid.uuid4()), "versions": [version]})

    def schema_version(self, schema_id: str, number: int) -> Document:
        """One version of a schema.

        Raises:
            Refusal: 404.
        """
        for version in self.schemas.get(schema_id)["versions"]:
            if version["version"] == number:
                found: Document = version
                return found
        raise wire_errors.not_found(schema_id)

    def attributes(self, table: JsonObject, version: JsonObject) -> dict[str, Attribute]:
        """The attributes of a table's schema, in the version that a table's version has."""
        schema = self.schema_version(table["schema_id"], version["schema_version"])
        return attributes_of(schema["jsonSchema"])

    def columns(self, table: JsonObject, version: JsonObject) -> Mapping[str, Column]:
        """The columns of a table by id, inputs first."""
        return columns_of(table, self.attributes(table, version))

    def present_tables(self, *, now: float) -> list[Document]:
        """All tables; those whose deletion is through are taken out."""
        for table in list(self.tables):
            if table.get("gone_at", now + 1) <= now:
                self.tables.remove(table["id"])
        return list(self.tables)

    def table(self, table_id: str, *, now: float) -> Document:
        """A table to be read.

        Raises:
            Refusal: 404.
        """
        self.present_tables(now=now)
        return self.tables.get(table_id)

    def table_to_change(self, table_id: str, *, now: float) -> Document:
        """A table to be changed or used.

        Raises:
            Refusal: 404; 409 while it is being deleted.
        """
        table = self.table(table_id, now=now)
        if "gone_at" in table:
            raise errors.being_deleted(table_id)
        return table

    def version(self, table: JsonObject, number: str) -> Document:
        """One version of a table.

        Raises:
            Refusal: 404.
        """
        for version in table["versions"]:
            if str(version["version"]) == number:
                found: Document = version
                return found
        raise wire_errors.not_found(number[:80])

    def require_free_name(self, name: str, *, now: float, but: str | None = None) -> None:
        """Let a table's name pass that no other table has.

        Raises:
            Refusal: 409.
        """
        for table in self.present_tables(now=now):
            if table["name"] == name and table["id"] != but:
                raise errors.name_taken(name)
