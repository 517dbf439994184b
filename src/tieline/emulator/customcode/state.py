"""Definitions and executions; an execution's answer is decided when it is queued.

queued → running → completed | failed | timed_out
"""

import uuid
from typing import Any

from tieline.emulator.computing import Computed
from tieline.emulator.machine import Machine, Standing
from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject

MACHINE = Machine((("queued", 0.1), ("running", 0.4)))


class CustomCodeState:
    """Both tables."""

    def __init__(self, document: JsonObject) -> None:
        self.definitions = Table(document.get("custom_code", ()))
        self.executions = Table(document.get("custom_code_executions", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {
            "custom_code": self.definitions.dump(),
            "custom_code_executions": self.executions.dump(),
        }

    def execute(
        self, definition: Document, computed: Computed, *, limit: float, now: float
    ) -> Document:
        """Queue an execution that may run for `limit` seconds and comes to what was computed."""
        execution = self.accept(definition, now=now)
        self.settle(execution, computed, limit=limit)
        return execution

    def accept(self, definition: Document, *, now: float) -> Document:
        """Queue an execution that is still to be computed."""
        return self.executions.put(
            {
                "id": str(uuid.uuid4()),
                "custom_code_id": definition["id"],
                "started": now,
                "seconds": MACHINE.seconds({}),
                "end": None,
                "result": None,
                "error": None,
            }
        )

    def settle(self, execution: Document, computed: Computed, *, limit: float) -> None:
        """Decide how an execution ends."""
        seconds = MACHINE.seconds(computed.seconds)
        end, error, output = computed.end, computed.error, computed.output
        if seconds[-1] > limit or end == "timed_out":
            seconds[-1] = min(seconds[-1], limit) if end != "timed_out" else limit
            end, error, output = "timed_out", f"it ran longer than {limit:g} s", None
        execution |= {"seconds": seconds, "end": end, "result": output, "error": error}

    def standing(self, execution: JsonObject, *, now: float) -> Standing:
        """Where an execution stands; one that is not computed yet is running."""
        end = execution["end"]
        standing = MACHINE.at(
            now,
            started=execution["started"],
            seconds=execution["seconds"],
            end=end or "running",
        )
        return standing if end is not None else Standing(standing.status, None)
