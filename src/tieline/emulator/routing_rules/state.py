"""Rules by id; a name is unique within its queue; a version counts accepted changes."""

import uuid
from typing import Any

from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject


class RoutingRulesState:
    """The rules."""

    def __init__(self, document: JsonObject) -> None:
        self.rules = Table(document.get("routing_rules", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {"routing_rules": self.rules.dump()}

    def of(self, queue_id: str | None) -> list[Document]:
        """The rules of a queue, or all."""
        return [r for r in self.rules if queue_id in {None, r["queue"]["id"]}]

    def named(self, queue_id: str, name: str) -> Document | None:
        """A queue's rule of a name."""
        return next((r for r in self.of(queue_id) if r["name"] == name), None)

    def create(self, rule: Document) -> Document:
        """Add a rule as version 1."""
        return self.rules.put({"id": str(uuid.uuid4()), **rule, "version": 1})

    def change(self, rule: Document, changes: JsonObject) -> Document:
        """Apply changes; the version goes up."""
        rule.update(changes)
        rule["version"] += 1
        return rule
