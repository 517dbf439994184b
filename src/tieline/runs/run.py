"""A run as the ledger keeps it and as commands show it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from tieline.clock import rfc3339
from tieline.runs.pace import Pace
from tieline.types import TargetKind

RunState = Literal["running", "paused", "done", "cancelled"]
Following = Literal["completion", "launch"]
"""Whether an item is done when its execution completed, or as soon as it was launched."""

Tells = Literal["run", "items"]
"""What webhooks are told of: the end of the run, or also the end of each item."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What a run was asked to do; never changes once the run stands.

    `rate_per_minute` is the run's own limit, beside the client's. `item_timeout_s` bounds one item
    from its launch to its end. `user` or `external_contact` is whom a guide flow is launched for.
    """

    kind: TargetKind
    target_id: str
    name: str
    rate_per_minute: int | None = None
    concurrency: int = 64
    following: Following = "completion"
    item_timeout_s: float = 120.0
    user: str | None = None
    external_contact: str | None = None
    reference_field: str | None = None
    items_source: str | None = None
    profile: str | None = None
    tells: Tells = "run"

    def to_json(self) -> dict[str, Any]:
        """The document the ledger stores."""
        return {name: getattr(self, name) for name in RunSpec.__slots__}


@dataclass(frozen=True, slots=True)
class Counts:
    """Items by state; kept by the transactions that move them, so never counted."""

    total: int = 0
    pending: int = 0
    sent: int = 0
    done: int = 0
    failed: int = 0
    uncertain: int = 0

    @property
    def settled(self) -> int:
        """Items that left the queue; an uncertain one did, though it is not resolved."""
        return self.done + self.failed + self.uncertain

    @property
    def open(self) -> int:
        """Items that still have to be carried out or followed."""
        return self.pending + self.sent


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One run at one moment.

    `reason` says why it is paused; `resumes_at` (wall seconds) when it goes on by itself, where a
    quota said so. `owners` counts processes that work on it and are alive.
    """

    run_id: str
    spec: RunSpec
    state: RunState
    counts: Counts
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    reason: str | None = None
    resumes_at: float | None = None
    owners: int = 0
    items_sha256: str | None = None
    pace: Pace = field(default_factory=Pace)

    @property
    def finished(self) -> bool:
        """True where nothing more will happen without being asked for."""
        return self.state in {"done", "cancelled"}

    def per_minute(self, now: float) -> float:
        """Items settled a minute; a burst at the start does not count beyond the run's own rate."""
        if self.state != "running":
            return 0.0
        pace = self.pace.per_minute(now)
        limit = self.spec.rate_per_minute
        return pace if limit is None else min(pace, float(limit))

    def eta_s(self, now: float) -> float | None:
        """Seconds until nothing is open at this pace; None where that is not known."""
        pace = self.per_minute(now)
        if self.state != "running" or (self.counts.open and pace <= 0.0):
            return None
        return round(self.counts.open * 60.0 / pace, 1) if self.counts.open else 0.0

    def to_json(self, *, now: float) -> dict[str, Any]:
        """The run document of `runs show`; `now` is wall seconds, for rate and ETA."""
        counts = self.counts
        return {
            "run_id": self.run_id,
            "name": self.spec.name,
            "state": self.state,
            "total": counts.total,
            "pending": counts.pending,
            "sent": counts.sent,
            "done": counts.done,
            "failed": counts.failed,
            "uncertain": counts.uncertain,
            "started_at": None if self.started_at is None else rfc3339(self.started_at),
            "rate_per_minute": round(self.per_minute(now), 1),
            "eta_s": self.eta_s(now),
            "target": {"kind": self.spec.kind, "id": self.spec.target_id},
            "reason": self.reason,
            "resumes_at": None if self.resumes_at is None else rfc3339(self.resumes_at),
            "owners": self.owners,
            "ended_at": None if self.ended_at is None else rfc3339(self.ended_at),
        }
