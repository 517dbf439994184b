"""Registered actions. A version is an immutable revision; the latest one is the action's."""

import uuid
from typing import Any

from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject


class RegisteredActionsState:
    """Actions with all their revisions."""

    def __init__(self, document: JsonObject) -> None:
        self.actions = Table(document.get("registered_actions", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {"registered_actions": self.actions.dump()}

    def named(self, name: str) -> Document | None:
        """The action of a name; names are unique here."""
        return next((action for action in self.actions if action["name"] == name), None)

    def register(self, name: str, revision: Document) -> Document:
        """Add a revision, and the action when it is the first."""
        action = self.named(name)
        if action is None:
            action = self.actions.put(
                {"id": str(uuid.uuid4()), "name": name, "state": "active", "versions": []}
            )
        action["versions"].append(revision)
        action["version"] = revision["version"]
        return action


def latest(action: JsonObject) -> JsonObject:
    """The revision that is invoked."""
    found: JsonObject = next(
        each for each in action["versions"] if each["version"] == action["version"]
    )
    return found
