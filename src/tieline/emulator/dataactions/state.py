"""Invocations of registered actions, and of the organisation's own.

    QUEUED → RUNNING → COMPLETED | FAILED | TIMED_OUT

What a user's HTTP handler computes ends when it has answered, whatever the clock says.
"""

import uuid
from typing import Any

from tieline.emulator.computing import Computed
from tieline.emulator.machine import Machine, Standing
from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject

MACHINE = Machine((("QUEUED", 0.1), ("RUNNING", 0.2)))


class InvocationsState:
    """Invocations by id."""

    def __init__(self, document: JsonObject) -> None:
        self.invocations = Table(document.get("invocations", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form. One whose handler had not answered cannot go on elsewhere."""
        return {"invocations": self.invocations.dump()}

    def of(self, action_id: str) -> list[Document]:
        """An action's invocations, newest first."""
        return [i for i in reversed(list(self.invocations)) if i["action_id"] == action_id]

    def accept(self, action_id: str, given: JsonObject, *, now: float) -> Document:
        """Note an invocation that is still to be computed."""
        return self.invocations.put(
            {
                "id": str(uuid.uuid4()),
                "action_id": action_id,
                "payload": dict(given),
                "started": now,
                "seconds": MACHINE.seconds({}),
                "end": None,
                "result": None,
                "error": None,
            }
        )

    def settle(self, invocation: Document, computed: Computed) -> None:
        """Decide how an invocation ends."""
        invocation["seconds"] = MACHINE.seconds(computed.seconds)
        invocation["end"] = computed.end.upper()
        invocation["result"] = computed.output
        invocation["error"] = computed.error

    def standing(self, invocation: JsonObject, *, now: float) -> Standing:
        """Where an invocation stands; one that is not computed yet is running."""
        end = invocation["end"]
        standing = MACHINE.at(
            now,
            started=invocation["started"],
            seconds=invocation["seconds"],
            end=end or "RUNNING",
        )
        return standing if end is not None else Standing(standing.status, None)
