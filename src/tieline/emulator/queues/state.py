"""Queues, replaced as a whole by PUT."""

from typing import Any

from tieline.emulator.clock import iso
from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject

# Set by the server; what a PUT says of them is ignored.
SERVER_SET = frozenset(
    {"id", "dateCreated", "dateModified", "createdBy", "modifiedBy", "memberCount",
     "userMemberCount", "joinedMemberCount", "selfUri", "division"}
)  # fmt: skip


class QueuesState:
    """The queues."""

    def __init__(self, document: JsonObject) -> None:
        self.queues = Table(document.get("queues", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {"queues": self.queues.dump()}

    def replace(self, queue: Document, sent: JsonObject, *, now: float) -> Document:
        """Put what was sent in place of the queue; what it leaves out is gone."""
        kept = {name: value for name, value in queue.items() if name in SERVER_SET}
        given = {k: v for k, v in sent.items() if k not in SERVER_SET and v is not None}
        if not (given.get("conditionalGroupRouting") or {}).get("rules"):
            given.pop("conditionalGroupRouting", None)
        return self.queues.put({**kept, **given, "dateModified": iso(now)})
