"""Flows and their executions; an execution's answer is decided when it starts.

    QUEUED → RUNNING → COMPLETED | FAILED | ERROR | TERMINATED

The platform has no QUEUED: there it shows as RUNNING. An execution is kept for a while after its
start; then nobody finds it.
"""

import uuid
from typing import Any

from tieline.emulator.machine import Machine, Standing
from tieline.emulator.script import play
from tieline.emulator.tables import Document, Table, private
from tieline.types import JsonObject

MACHINE = Machine((("QUEUED", 0.1), ("RUNNING", 0.4)))
# The SDK says "several days": a week [assumed].
KEPT_SECONDS = 7 * 86_400.0
ENDS = frozenset({"COMPLETED", "FAILED", "ERROR", "TERMINATED"})


class FlowsState:
    """Both tables."""

    def __init__(self, document: JsonObject) -> None:
        self.flows = Table(document.get("flows", ()))
        self.executions = Table(document.get("flow_executions", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {"flows": self.flows.dump(), "flow_executions": self.executions.dump()}

    def launch(
        self, flow: Document, given: JsonObject, *, name: str | None, person: JsonObject, now: float
    ) -> Document:
        """Start an execution; two equal launches are two."""
        script = private(flow)
        played = play(script, given)
        end = (played.ends or "COMPLETED").upper()
        execution: Document = {
            "id": str(uuid.uuid4()),
            "flow_id": flow["id"],
            "name": name or flow["name"],
            "version": flow["publishedVersion"]["id"],
            "started": now,
            "seconds": MACHINE.seconds(played.seconds),
            "end": end if end in ENDS else "ERROR",
            "output": played.output if isinstance(played.output, dict) else {},
            "error": played.error,
            **person,
        }
        return self.executions.put(execution)

    def standing(self, execution: JsonObject, *, now: float) -> Standing:
        """Where an execution stands."""
        return MACHINE.of(execution, now=now)
