"""Published actions and drafts, each under its action's id.

    POST /actions ─────────────────────────────► published v1
    POST /actions/drafts ─► draft v1 ─PATCH─► v2 … ─publish{version}─► published (version + 1)
    published ─POST /{id}/draft─► published + draft ─PATCH…─publish─► published, draft gone

Each accepted change raises the version by one; a change names the version it was made from.
"""

import uuid
from copy import deepcopy
from typing import Any

from tieline.emulator.tables import PRIVATE, Document, Table
from tieline.types import JsonObject

# What a created action has when nothing was said; the templates are the platform's defaults.
DEFAULT_REQUEST: JsonObject = {
    "requestUrlTemplate": "",
    "requestType": "GET",
    "requestTemplate": "${input.rawRequest}",
    "headers": {},
}
DEFAULT_RESPONSE: JsonObject = {
    "translationMap": {},
    "translationMapDefaults": {},
    "successTemplate": "${rawResult}",
}
DEFAULT_TIMEOUT_SECONDS = 60


class ActionsState:
    """Both tables."""

    def __init__(self, document: JsonObject) -> None:
        self.published = Table(document.get("actions", ()))
        self.drafts = Table(document.get("action_drafts", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {"actions": self.published.dump(), "action_drafts": self.drafts.dump()}

    def create(self, fields: JsonObject, *, as_draft: bool) -> Document:
        """Add an action of version 1."""
        table = self.drafts if as_draft else self.published
        action: Document = {"id": f"custom_-_{uuid.uuid4()}", **fields, "version": 1, PRIVATE: {}}
        return table.put(action)

    def open_draft(self, action: Document) -> Document:
        """Make a draft of a published action."""
        return self.drafts.put(deepcopy(action))

    def publish(self, draft: Document) -> Document:
        """Put a draft in place of what is published."""
        before = self.published.find(draft["id"])
        self.drafts.remove(draft["id"])
        draft["version"] += 1
        if before is not None:
            draft[PRIVATE] = before.get(PRIVATE, {})
        return self.published.put(draft)

    def change(self, action: Document, changes: JsonObject) -> Document:
        """Apply changes to an action or a draft; the version goes up."""
        for name, value in changes.items():
            action[name] = {**action["config"], **value} if name == "config" else value
        action["version"] += 1
        return action

    def remove_of(self, integration_id: str) -> None:
        """Delete all actions and drafts of an integration."""
        for table in (self.published, self.drafts):
            for action in list(table):
                if action["integrationId"] == integration_id:
                    table.remove(action["id"])
