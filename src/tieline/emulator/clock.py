"""The emulator's own time: the machine's, or virtual time that moves only when told to."""

import time
from datetime import UTC, datetime
from typing import Literal

from tieline.errors import InvalidInput

ClockMode = Literal["real", "virtual"]
# The last moment that can be written as a date, less the longest lifetime that is added to one.
LATEST = datetime(9998, 1, 1, tzinfo=UTC).timestamp()


class EmulatorClock:
    """Seconds since the Unix epoch by which tokens expire, executions move and windows turn."""

    __slots__ = ("_ahead", "_stands_at")

    def __init__(self, mode: ClockMode = "real") -> None:
        """Virtual time starts at the machine's."""
        self._ahead = 0.0
        self._stands_at: float | None = time.time() if mode == "virtual" else None

    @property
    def mode(self) -> ClockMode:
        """Whether time moves by itself."""
        return "real" if self._stands_at is None else "virtual"

    def now(self) -> float:
        """Read the time."""
        return time.time() + self._ahead if self._stands_at is None else self._stands_at

    def stop(self) -> None:
        """Make time virtual: it stands at this moment until it is advanced."""
        self._stands_at = self.now()

    def start(self) -> None:
        """Let time move by itself again, from where it stands."""
        self._ahead = self.now() - time.time()
        self._stands_at = None

    def advance(self, seconds: float) -> None:
        """Move time on, in either mode.

        Raises:
            InvalidInput: backwards, as what happened cannot be undone by a clock; or beyond the
                year 9997.
        """
        if not 0 <= seconds <= LATEST - self.now():
            raise InvalidInput(f"advance: {seconds} is not a time that can pass")
        if self._stands_at is None:
            self._ahead += seconds
        else:
            self._stands_at += seconds


def iso(moment: float) -> str:
    """Write a moment as the platform does: `2026-01-31T12:00:00.123Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
