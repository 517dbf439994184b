"""Group commit: many tasks append, one thread writes, one wait for the disk serves them all.

While the disk is busy with one group, the next gathers. The thread waits for nobody: a single
task pays one hand-over, 64 tasks share it.
"""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from tieline.clock import Clock
from tieline.errors import StoreUnavailable
from tieline.store.segments.writer import SegmentWriter

# Memory bound of a group: at most this many lines are joined into one write.
_LARGEST_GROUP = 4096


@dataclass(slots=True)
class _Waiting:
    body: bytes
    done: asyncio.Future[int]


class GroupCommit:
    """Owns the writer and its thread. Submit from one event loop."""

    def __init__(self, writer: SegmentWriter, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Waiting] = []
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="tieline-audit", daemon=True)
        self._thread.start()

    def submit(self, body: bytes) -> asyncio.Future[int]:
        """Hand over a record body; the future holds its sequence once it is durable.

        Cancelling the future does not take the record back.
        """
        entry = _Waiting(body, self._loop.create_future())
        with self._wake:
            if self._closing:
                raise StoreUnavailable("the audit log is closed")
            self._waiting.append(entry)
            self._wake.notify()
        return entry.done

    async def aclose(self) -> None:
        """Write what is waiting, end the thread and close the writer. Safe to call twice."""
        with self._wake:
            first = not self._closing
            self._closing = True
            self._wake.notify()
        if first:
            await asyncio.to_thread(self._thread.join)
            self._writer.close()

    def _run(self) -> None:
        while group := self._next_group():
            try:
                answer: Sequence[int] | StoreUnavailable = self._commit(group)
            except StoreUnavailable as exc:
                answer = exc
            self._loop.call_soon_threadsafe(_settle, group, answer)

    def _next_group(self) -> list[_Waiting]:
        """Wait for records; empty once the log is closing and nothing waits any more."""
        with self._wake:
            while not self._waiting and not self._closing:
                self._wake.wait()
            group = self._waiting[:_LARGEST_GROUP]
            self._waiting = self._waiting[_LARGEST_GROUP:]
            return group

    def _commit(self, group: Sequence[_Waiting]) -> list[int]:
        bodies = [entry.body for entry in group]
        sequences: list[int] = []
        while len(sequences) < len(bodies):
            rest = bodies[len(sequences) :]
            sequences.extend(self._writer.append(rest, wall=self._clock.wall()))
        return sequences


def _settle(group: Sequence[_Waiting], answer: Sequence[int] | StoreUnavailable) -> None:
    for place, entry in enumerate(group):
        if entry.done.done():
            continue
        if isinstance(answer, StoreUnavailable):
            entry.done.set_exception(answer)
        else:
            entry.done.set_result(answer[place])
