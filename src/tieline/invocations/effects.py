"""What an invocation asks its shell to do. Each effect says what its reply's `value` is.

The pipeline yields one effect at a time and is sent a `Reply`. An error of ours is a reply like any
other: what follows from it is the pipeline's decision.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from tieline.dialects.port import Ask, Definition, Order, Progress
from tieline.errors import Error
from tieline.invocations.outcome import Outcome, Target

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Reply:
    """The shell's report: what the effect gave, or why not, and the monotonic seconds by then."""

    at: float
    value: Any = None
    error: Error | None = None

    def take(self) -> Any:
        """The value, or the error raised."""
        if self.error is not None:
            raise self.error
        return self.value


@dataclass(frozen=True, slots=True)
class Define:
    """Read a definition, or use the one read within the last minute. Value: `Known`."""

    ask: Ask[Definition]
    deadline: float


@dataclass(frozen=True, slots=True)
class Find:
    """Look ids up by name. Value: a tuple of ids."""

    ask: Ask[tuple[str, ...]]
    deadline: float


@dataclass(frozen=True, slots=True)
class Recall:
    """Ask for an equal invocation that completed lately or is under way.

    Value: its `Outcome`; or None, and then this invocation is the one others wait for.
    """

    key: str
    deadline: float


@dataclass(frozen=True, slots=True)
class Intend:
    """Make durable what is about to be done. Value: the intent's audit id.

    `StoreUnavailable` where it cannot be made durable; nothing may be sent then.
    """

    target: Target
    order: Order


@dataclass(frozen=True, slots=True)
class Start:
    """Write the one request that starts the execution. Value: the `Answer`, not yet read."""

    ask: Ask[Progress]
    deadline: float


@dataclass(frozen=True, slots=True)
class Look:
    """Ask how the execution stands. Value: `Progress`."""

    ask: Ask[Progress]
    deadline: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass. No value."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Tell whoever watches where the execution stands. No value."""

    progress: Progress
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class NoteRunning:
    """Record that an execution was started and goes on. No value."""

    target: Target
    intent_id: str | None
    execution_id: str | None
    attempts: int
    correlation_id: str | None
    latency_ms: float


@dataclass(frozen=True, slots=True)
class NoteRefused:
    """Record that nothing was carried out, and why. No value."""

    target: Target
    intent_id: str
    error: Error
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Conclude:
    """Record the end. Value: the outcome with the record's audit id, None if it is not durable.

    Without an `intent_id` it is an end we did not begin: one from the cache, or picked up again.
    """

    outcome: Outcome
    intent_id: str | None


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a completed outcome for equal invocations. No value."""

    key: str
    outcome: Outcome


Effect = (
    Define | Find | Recall | Intend | Start | Look | Wait | Report
    | NoteRunning | NoteRefused | Conclude | Remember
)  # fmt: skip
Steps = Generator[Effect, Reply, R]
