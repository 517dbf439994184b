"""Conversations and the jobs that read them; a job's results are decided when it is submitted.

    QUEUED → PENDING → FULFILLED → EXPIRED;  CANCELLED from QUEUED and PENDING

`analytics` of a fixture tells how long the first two last, how long results are kept, and how far
the data lags behind: `{"queued": 1, "pending": 4, "kept": 86400, "lag": 0, "end": "FULFILLED"}`.
"""

import uuid
from typing import Any

from tieline.emulator.machine import Machine
from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject

MACHINE = Machine((("QUEUED", 1.0), ("PENDING", 4.0)))
# How long the platform keeps results is not documented: a day [assumed].
KEPT_SECONDS = 86_400.0
ENDS = frozenset({"FULFILLED", "FAILED"})


class AnalyticsState:
    """Both tables, and how jobs go."""

    def __init__(self, document: JsonObject) -> None:
        self.conversations = Table(document.get("conversations", ()))
        self.jobs = Table(document.get("analytics_jobs", ()))
        self.script: dict[str, Any] = dict(document.get("analytics", {}))

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {
            "analytics": dict(self.script),
            "conversations": self.conversations.dump(),
            "analytics_jobs": self.jobs.dump(),
        }

    @property
    def lag(self) -> float:
        """Seconds by which the data is behind the present."""
        return float(self.script.get("lag", 0.0))

    def submit(self, found: list[str], *, now: float) -> Document:
        """Start a job whose results are these conversations."""
        end = str(self.script.get("end", "FULFILLED")).upper()
        return self.jobs.put(
            {
                "id": str(uuid.uuid4()),
                "started": now,
                "seconds": MACHINE.seconds(self.script),
                "end": end if end in ENDS else "FAILED",
                "kept": float(self.script.get("kept", KEPT_SECONDS)),
                "found": found,
            }
        )

    def standing(self, job: JsonObject, *, now: float) -> tuple[str, float | None]:
        """The state of a job, and when it ended."""
        if job.get("cancelled") is not None:
            return "CANCELLED", job["cancelled"]
        state, ended = MACHINE.of(job, now=now)
        if ended is not None and state == "FULFILLED" and now >= ended + job["kept"]:
            return "EXPIRED", ended
        return state, ended
