"""Integrations and credentials; a configuration's version is its optimistic lock."""

import uuid
from typing import Any

from tieline.emulator.tables import PRIVATE, Document, Table
from tieline.types import JsonObject

FUNCTION_TYPE = "function-data-actions"
TYPES = {
    "custom-rest-actions": "Web Services Data Actions",
    "purecloud-data-actions": "Genesys Cloud Data Actions",
    FUNCTION_TYPE: "Function Data Actions",
}


class IntegrationsState:
    """Both tables."""

    def __init__(self, document: JsonObject) -> None:
        self.integrations = Table(document.get("integrations", ()))
        self.credentials = Table(document.get("credentials", ()))
        for integration in self.integrations:
            integration.setdefault(PRIVATE, _blank())

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {"integrations": self.integrations.dump(), "credentials": self.credentials.dump()}

    def create(self, name: str, type_id: str) -> Document:
        """Add an integration; it starts disabled."""
        return self.integrations.put(
            {
                "id": str(uuid.uuid4()),
                "name": name,
                "integrationType": {"id": type_id, "name": TYPES[type_id]},
                "intendedState": "DISABLED",
                "notes": "",
                PRIVATE: _blank(),
            }
        )

    def has_functions(self, integration_id: str) -> bool:
        """Whether the actions of an integration are functions."""
        found = self.integrations.find(integration_id)
        return found is not None and found["integrationType"]["id"] == FUNCTION_TYPE

    def fields_for(self, integration: JsonObject) -> JsonObject:
        """The credential fields that an integration's templates see."""
        fields: dict[str, Any] = {}
        for reference in integration[PRIVATE]["credentials"].values():
            credential = self.credentials.find(reference.get("id", ""))
            fields |= credential.get("credentialFields", {}) if credential else {}
        return fields


def _blank() -> Document:
    return {"config_version": 1, "properties": {}, "advanced": {}, "credentials": {}}
