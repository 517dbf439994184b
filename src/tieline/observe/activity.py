"""What a log of records says was done: counted as its records go by, in bounded memory.

Every command is a process of its own, so what all of them did is counted from the audit log.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from tieline.invocations.outcome import Status
from tieline.observe.histogram import Histogram
from tieline.observe.metrics import Metrics
from tieline.types import TargetKind

STATUSES: tuple[Status, ...] = get_args(Status)
_KINDS: tuple[TargetKind, ...] = get_args(TargetKind)
# Three hours by the minute, two weeks by the hour: what people look at on a screen.
MOST_MINUTES = 180
MOST_HOURS = 14 * 24
MOST_RECENT = 50
# Codes and operations are words of ours, but a log is a file that anybody may have written to.
MOST_NAMES = 200


@dataclass(slots=True)
class Slot:
    """What ended in one minute or hour."""

    by_status: Counter[str] = field(default_factory=Counter)
    seconds: Histogram = field(default_factory=Histogram)


@dataclass(frozen=True, slots=True)
class Ended:
    """One invocation that ended, as a line of a list."""

    seq: int
    time: str
    operation: str
    kind: str
    target: str
    status: str
    attempts: int
    latency_ms: float | None
    code: str | None


class Activity:
    """Totals, slots of time, and the latest endings. Not locked: feed and read it in one thread.

    `records` counts all that went by; `codes` counts the errors of outcomes, of any operation;
    `refused` counts invocations that the platform refused: they were not executed.
    """

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.records = 0
        self.refused = 0
        self.repeats = 0  # requests beyond the first of their call
        self.codes: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.minutes: dict[str, Slot] = {}
        self.hours: dict[str, Slot] = {}
        self.recent: deque[Ended] = deque(maxlen=MOST_RECENT)

    def take(self, record: Mapping[str, Any]) -> None:
        """Count one record of the log."""
        self.records += 1
        if record.get("phase") != "outcome":
            return
        attempts = record.get("attempts")
        if type(attempts) is int and attempts > 1:
            self.repeats += attempts - 1
        code = _code(record.get("error"))
        if code is not None and (code in self.codes or len(self.codes) < MOST_NAMES):
            self.codes[code] += 1
        # `STATUSES` and `_KINDS` are tuples: a value that cannot be hashed is in none of them.
        kind: Any = record.get("target_kind")
        status: Any = record.get("status")
        if kind in _KINDS and status in STATUSES:
            self._ended(record, kind, status, code)
        elif kind in _KINDS and status == "refused":
            self.refused += 1

    def _ended(
        self, record: Mapping[str, Any], kind: TargetKind, status: Status, code: str | None
    ) -> None:
        latency = record.get("latency_ms")
        seconds = latency / 1000 if isinstance(latency, int | float) else 0.0
        target, time = str(record.get("target_id")), str(record.get("time"))
        self.metrics.invocation(kind, target, status, seconds=seconds)
        self.by_status[status] += 1
        for slots, name, most in (
            (self.minutes, time[:16], MOST_MINUTES),  # 2026-01-31T12:00
            (self.hours, time[:13], MOST_HOURS),
        ):
            slot = _slot(slots, name, most)
            slot.by_status[status] += 1
            slot.seconds.observe(seconds)
        attempts = record.get("attempts")
        self.recent.append(
            Ended(
                seq=record["seq"],
                time=time,
                operation=str(record.get("operation")),
                kind=kind,
                target=target,
                status=status,
                attempts=attempts if type(attempts) is int else 0,
                latency_ms=None if latency is None else seconds * 1000,
                code=code,
            )
        )


def _slot(slots: dict[str, Slot], name: str, most: int) -> Slot:
    slot = slots.get(name)
    if slot is None:
        slot = slots[name] = Slot()
        if len(slots) > most:
            del slots[min(slots)]
    return slot


def _code(error: Any) -> str | None:
    code = error.get("code") if isinstance(error, Mapping) else None
    return code[:80] if isinstance(code, str) else None
