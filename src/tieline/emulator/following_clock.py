"""A client's clock that is the emulator's: whoever waits on it moves the emulator's time on."""

import anyio.lowlevel

from tieline.emulator.clock import EmulatorClock


class FollowingClock:
    """A `tieline.clock.Clock` for clients in the emulator's process.

    A wait takes no time and moves both sides by its length. Waits of several tasks therefore add
    up instead of passing side by side: fine for tests, wrong for measuring concurrency.
    """

    def __init__(self, clock: EmulatorClock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        """The emulator's time; it never goes back."""
        return self._clock.now()

    def wall(self) -> float:
        """The emulator's time."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Move the emulator's time, and let other tasks run."""
        self._clock.advance(max(0.0, seconds))
        await anyio.lowlevel.checkpoint()
