"""Single flight: equal invocations at the same time share one execution."""

from dataclasses import dataclass, field

import anyio

from tieline.errors import DeadlineExceeded
from tieline.invocations.outcome import Outcome


@dataclass(slots=True)
class Flight:
    """An invocation under way. `outcome` stays None where it ended in an error."""

    landed: anyio.Event = field(default_factory=anyio.Event)
    outcome: Outcome | None = None


class Flights:
    """Who is under way with what; used from one event loop."""

    def __init__(self) -> None:
        self._flying: dict[str, Flight] = {}

    async def join(self, key: str, *, within: float) -> Outcome | None:
        """Wait for an equal invocation's outcome; None: there is none, and the caller is now it.

        Where the one waited for ends in an error, one of those who waited takes its place: an
        error may be of its caller's own making, such as a short deadline.

        Raises:
            DeadlineExceeded: it did not end in time; nothing was started for this caller.
        """
        with anyio.move_on_after(within):
            while (flight := self._flying.get(key)) is not None:
                await flight.landed.wait()
                if flight.outcome is not None:
                    return flight.outcome
            self._flying[key] = Flight()
            return None
        raise DeadlineExceeded(
            "an equal invocation is under way and was not over in time",
            hint="give a longer timeout, or invoke without the cache",
        )

    def land(self, key: str, outcome: Outcome | None) -> None:
        """End the caller's own invocation; everybody who waits for it goes on."""
        flight = self._flying.pop(key)
        flight.outcome = outcome
        flight.landed.set()
