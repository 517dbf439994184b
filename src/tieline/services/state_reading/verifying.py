"""The audit log verified in the background: whole once, then what was appended since."""

from dataclasses import dataclass
from typing import Literal

from tieline.audit.checkpoint import Checkpoint
from tieline.clock import Clock
from tieline.errors import Error
from tieline.services.state_reading.audit import AuditReader
from tieline.store.segments.verify import Verification

# A verification reads the newest segment whole; once a minute is a thousandth of a processor.
AGAIN_SECONDS = 60.0
# While a log has problems all of it is read each time.
AGAIN_WHOLE_SECONDS = 600.0
FIRST_LOOK_SECONDS = 2.0
_PAUSES = {"intact": AGAIN_SECONDS, "problems": AGAIN_WHOLE_SECONDS}


@dataclass(frozen=True, slots=True)
class Health:
    """What the last verification found; `at` is wall seconds.

    `since` is the size that an earlier verification had covered, 0 where all was read. `no log`
    stands until there is one.
    """

    state: Literal["not yet", "no log", "intact", "problems", "unreadable"]
    at: float = 0.0
    since: int = 0
    found: Verification | None = None
    message: str = ""


class AuditVerifier:
    """Holds the latest `health`. Problems once found stay until the whole log verifies again."""

    def __init__(self, reader: AuditReader, clock: Clock) -> None:
        self.health = Health("not yet")
        self._reader = reader
        self._clock = clock
        self._covered: Checkpoint | None = None

    async def run(self) -> None:
        """Verify until cancelled."""
        while True:
            await self.step()
            await self._clock.sleep(_PAUSES.get(self.health.state, FIRST_LOOK_SECONDS))

    async def step(self) -> None:
        """Verify what is not covered yet; nothing where nothing was signed since."""
        try:
            head = await self._reader.head()
            point = None if head is None else head.checkpoint
            if point is not None and point == self._covered:
                return
            found = await self._reader.verify(since=self._covered)
        except Error as error:
            self._covered = None
            self.health = Health("unreadable", self._clock.wall(), message=error.message)
            return
        since = 0 if self._covered is None else self._covered.size
        if found is None:
            self.health = Health("no log", self._clock.wall())
            return
        # What was found stays to be seen: the whole log is read again as long as it is not intact.
        self._covered = (
            Checkpoint(point.origin, found.size, found.root)
            if found.ok and point is not None
            else None
        )
        state: Literal["intact", "problems"] = "intact" if found.ok else "problems"
        self.health = Health(state, self._clock.wall(), since, found)
