"""How an invocation ended. `uncertain` is a status like the others, not an exception to hide."""

from dataclasses import dataclass
from typing import Any, Literal

from tieline.types import Json, TargetKind

Status = Literal["completed", "failed", "timed_out", "terminated", "uncertain"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is invoked. `name` and `version` are known once a definition was read."""

    kind: TargetKind
    id: str
    name: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one invocation; `execution_id` lets a `timed_out` one be picked up again.

    `attempts` counts requests written to start it, `latency_ms` runs from the call to this record.
    """

    status: Status
    target: Target
    execution_id: str | None
    result: Json
    error: Json
    attempts: int
    cached: bool
    correlation_id: str | None
    latency_ms: float
    audit_id: str | None

    def to_json(self) -> dict[str, Any]:
        """The outcome document of interface and command line."""
        return {
            "status": self.status,
            "target": {
                "kind": self.target.kind,
                "id": self.target.id,
                "name": self.target.name,
                "version": self.target.version,
            },
            "execution_id": self.execution_id,
            "result": self.result,
            "error": self.error,
            "attempts": self.attempts,
            "cached": self.cached,
            "correlation_id": self.correlation_id,
            "latency_ms": round(self.latency_ms, 3),
            "audit_id": self.audit_id,
        }
