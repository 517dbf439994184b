"""When a call must be over, whatever happens to it."""

import math
from dataclasses import dataclass

from tieline.errors import InvalidInput

# What a call may take beyond its deadline: one turn of a busy loop to cancel and to report.
GRACE_SECONDS = 0.25

# The guides' wait for a custom code execution, and twice the longest data action (60 s).
DEFAULT_TIMEOUT_SECONDS = 120.0


def checked_timeout(seconds: float, *, what: str = "timeout") -> float:
    """A deadline's seconds as a caller gave them.

    Raises:
        InvalidInput: zero, negative, NaN or infinite; everything Tieline does ends some time.
    """
    if math.isfinite(seconds) and seconds > 0.0:
        return seconds
    raise InvalidInput(
        f"{what}: {seconds:g} is not a number of seconds above 0",
        hint=f"give {what} as seconds, such as 120",
        details=[{"loc": [what], "type": "seconds", "message": "not a finite number above 0"}],
    )


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock; nothing is started that cannot end by then."""

    at: float

    @classmethod
    def after(cls, seconds: float, *, now: float) -> "Deadline":
        """The moment `seconds` from now; zero or less is already over."""
        return cls(now + seconds)

    def remaining(self, now: float) -> float:
        """Seconds left; never negative."""
        return max(0.0, self.at - now)

    def allows(self, wait: float, *, now: float) -> bool:
        """True where, after waiting that long, there is still time to do something."""
        return now + wait < self.at
