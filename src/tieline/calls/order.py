"""What one call has to do, and what it shares with the other calls to the same place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tieline.calls.breaker import Breaker
from tieline.calls.budget import Budget
from tieline.calls.deadline import Deadline
from tieline.calls.operation import Request
from tieline.calls.progress import Progress

# As many as the retry budget grants a lone call; with full jitter they take under two seconds
# on average.
DEFAULT_RETRIES = 3


@dataclass(slots=True)
class Order:
    """Everything `attempts` needs to know about one call."""

    request: Request
    started: float  # monotonic seconds
    wall: float  # seconds since the epoch at that moment
    deadline: Deadline
    budget: Budget
    breaker: Breaker
    chance: Callable[[], float]  # uniform in [0, 1)
    retries: int = DEFAULT_RETRIES
    progress: Progress = field(default_factory=Progress)
