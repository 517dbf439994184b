"""How much one run may use. Every breach has a reason of its own in the result."""

from dataclasses import dataclass
from typing import Literal

from tieline.errors import InvalidInput

Tier = Literal["process", "confined", "hardened"]
Runtime = Literal["python", "node"]

# Weakest first; a later tier keeps every promise of the ones before it.
TIERS: tuple[Tier, ...] = ("process", "confined", "hardened")

# The platform's own limit for what goes into a function and what comes out of it.
MOST_EVENT_BYTES = 750_000
# An idle Node process holds 45 MB.
_LEAST_MEMORY_MB = 64
_MOST_MEMORY_MB = 1024 * 1024
# A day: far beyond what any platform allows, and small enough for every kernel's counters.
_MOST_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one run.

    `wall_s` counts from the moment the handler's file is loaded. `cpu_s` is the time of all its
    threads together; None allows one core for the whole wall time and a second more, so that a
    busy loop ends by the wall clock and only several busy threads by this. Files in the scratch
    folder count as memory.
    """

    wall_s: float = 30.0
    cpu_s: float | None = None
    memory_mb: int = 256
    tasks: int = 64  # processes and threads together
    log_bytes: int = 1024 * 1024
    log_lines: int = 10_000
    result_bytes: int = 750_000

    def __post_init__(self) -> None:
        """Refuse what no run could keep.

        Raises:
            InvalidInput: a limit is not positive, below what the runtimes need to start, or beyond
                what a kernel can count.
        """
        times = [self.wall_s] if self.cpu_s is None else [self.wall_s, self.cpu_s]
        if not all(0 < seconds <= _MOST_SECONDS for seconds in times):
            raise InvalidInput(
                f"a time limit must be more than zero seconds and at most {_MOST_SECONDS:,.0f}"
            )
        if self.memory_mb < _LEAST_MEMORY_MB:
            raise InvalidInput(f"the memory limit must be at least {_LEAST_MEMORY_MB} MB")
        if self.memory_mb > _MOST_MEMORY_MB:
            raise InvalidInput(f"the memory limit must be at most {_MOST_MEMORY_MB:,} MB")
        if min(self.tasks, self.log_bytes, self.log_lines, self.result_bytes) < 1:
            raise InvalidInput("tasks, log and result limits must be at least 1")

    @property
    def cpu_allowed_s(self) -> float:
        """The CPU limit in force."""
        return self.wall_s + 1.0 if self.cpu_s is None else self.cpu_s
