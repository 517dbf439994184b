"""What was done, counted from the audit log as it grows. Read once, then only what is new."""

from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread

from tieline.audit.line import parse_line
from tieline.clock import Clock
from tieline.errors import Error
from tieline.observe.activity import Activity
from tieline.store.segments.following import LogFollower, Piece

LOOK_SECONDS = 1.0


class ActivityReader:
    """Feeds an `Activity`; `bytes_behind` tells how much of the log is not counted yet.

    `caught_up` is set when all that was there at the start is counted.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.activity = Activity()
        self.bytes_behind = 0
        self.problem: Error | None = None
        self.caught_up = anyio.Event()
        self._follower = LogFollower(folder)
        self._clock = clock

    async def run(self) -> None:
        """Follow the log until cancelled. An error is kept in `problem` and tried again."""
        while True:
            try:
                more = await self.step()
                self.problem = None
            except Error as error:
                more, self.problem = False, error
            if not more:
                self.caught_up.set()
                await self._clock.sleep(LOOK_SECONDS)

    async def step(self) -> bool:
        """Count the next piece of the log; False where that was all there is by now.

        Raises:
            StoreUnavailable: a segment cannot be read.
        """
        piece = await anyio.to_thread.run_sync(self._follower.more)
        if piece.anew:
            self.activity = Activity()
        self.bytes_behind = piece.behind
        await self._count(piece)
        return bool(piece.lines) and piece.behind > 0

    async def _count(self, piece: Piece) -> None:
        for place, line in enumerate(piece.lines):
            record = parse_line(line)
            if record is not None:
                self.activity.take(record)
            if place % 100 == 99:  # noqa: PLR2004  # about a millisecond: pages are answered in between
                await anyio.lowlevel.checkpoint()
