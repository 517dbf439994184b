"""What one run of sandboxed code came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tieline.sandbox.limits import Tier
from tieline.types import Json

RunStatus = Literal["completed", "failed", "timed_out"]

Reason = Literal[
    "wall",
    "cpu",
    "memory",
    "output_limit",
    "result_too_large",
    "result_not_json",
    "exception",
    "unhandled_rejection",
    "exited",
    "no_result",
    "crashed",
    "package_rejected",
    "tier_unavailable",
]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, or the start of one that the other stream cut in two, as it was written."""

    stream: Literal["stdout", "stderr"]
    text: str  # with its newline, so that joining gives the stream back


@dataclass(frozen=True, slots=True)
class Usage:
    """What the handler and everything it started used, measured from outside."""

    cpu_ms: float = 0.0
    max_rss_mb: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended.

    `error` has `type` and `message`; an exception adds `stack`, a rejected package adds `package`,
    `file` and `line`. `reason` is None exactly when the run completed. `tier` is the one in force,
    None only when none was and nothing was run.
    """

    status: RunStatus
    reason: Reason | None = None
    result: Json = None
    error: Mapping[str, Any] | None = None
    logs: tuple[LogLine, ...] = ()
    tier: Tier | None
    duration_ms: float = 0.0
    usage: Usage = Usage()

    def to_json(self) -> dict[str, Any]:
        """The document `tieline functions run --json` prints."""
        return {
            "status": self.status,
            "reason": self.reason,
            "result": self.result,
            "error": None if self.error is None else dict(self.error),
            "logs": [{"stream": line.stream, "text": line.text} for line in self.logs],
            "tier": self.tier,
            "duration_ms": round(self.duration_ms, 3),
            "usage": {
                "cpu_ms": round(self.usage.cpu_ms, 3),
                "max_rss_mb": round(self.usage.max_rss_mb, 3),
            },
        }
