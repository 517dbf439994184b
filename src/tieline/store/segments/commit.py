"""Group commit: many tasks append, one thread writes, one wait for the disk serves them all.

While the disk is busy with one group, the next gathers. The thread waits for nobody: a single
task pays one hand-over, 64 tasks share it. The same thread signs a checkpoint once a second while
records come, and soon after the last one.
"""

import asyncio
import threading
import time
from collections.abc import Sequence

from tieline.clock import Clock
from tieline.errors import StoreUnavailable
from tieline.store.segments.opening import OpenLog

# Memory bound of a group: at most this many lines are joined into one write.
_LARGEST_GROUP = 4096

# A checkpoint is to be at most one second behind; signing and a slow disk get the rest of it.
_SIGN_AFTER_SECONDS = 0.7


_Future = asyncio.Future[str]
_Group = tuple[list[bytes], list[_Future]]


class GroupCommit:
    """Owns an open log and its thread. Submit from one event loop.

    Records are stamped with `clock`; the pace of signing is the machine's own time, because it
    bounds what a crash of this very process can leave unsigned.
    """

    def __init__(self, opened: OpenLog, clock: Clock) -> None:
        self._opened = opened
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._gathered: _Group = ([], [])  # the loop's own
        self._waiting: _Group = ([], [])  # under the lock
        self._wake = threading.Condition()  # over an RLock: aclose hands over while it holds it
        self._closing = False
        self._failure: StoreUnavailable | None = None
        self._unsigned_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="tieline-audit", daemon=True)
        self._thread.start()

    def submit(self, body: bytes) -> _Future:
        """Hand over a record body; the future holds the record's id once it is durable.

        Cancelling the future does not take the record back.

        Raises:
            StoreUnavailable: the log is closed.
        """
        if self._closing:
            raise StoreUnavailable("the audit log is closed")
        bodies, futures = self._gathered
        done = self._loop.create_future()
        bodies.append(body)
        futures.append(done)
        if len(bodies) == 1:
            self._loop.call_soon(self._hand_over)
        return done

    async def aclose(self) -> None:
        """Write and sign what is waiting, end the thread, close the files. Safe to call twice.

        Raises:
            StoreUnavailable: the last checkpoint could not be signed.
        """
        with self._wake:
            first = not self._closing
            self._hand_over()
            self._closing = True  # under the same lock: the thread must see the last records first
        if first:
            await asyncio.to_thread(self._thread.join)
            self._opened.close()
            if self._failure is not None:
                raise self._failure

    def _hand_over(self) -> None:
        """Wake the thread once for all that was submitted in one turn of the loop."""
        with self._wake:
            self._waiting[0].extend(self._gathered[0])
            self._waiting[1].extend(self._gathered[1])
            self._gathered = ([], [])
            self._wake.notify()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            bodies, futures = group
            if bodies:
                self._loop.call_soon_threadsafe(self._settle, futures, self._commit(bodies))
            if self._sign_now():
                self._sign()
        self._sign()

    def _next_group(self) -> _Group | None:
        """Wait for records; nothing when it is time to sign, None when the log is closing."""
        with self._wake:
            while not self._waiting[0] and not self._closing:
                self._wake.wait(self._patience())
                if self._sign_now():
                    break
            bodies, futures = self._waiting
            if self._closing and not bodies:
                return None
            self._waiting = (bodies[_LARGEST_GROUP:], futures[_LARGEST_GROUP:])
            return bodies[:_LARGEST_GROUP], futures[:_LARGEST_GROUP]

    def _patience(self) -> float | None:
        if self._unsigned_since is None:
            return None
        return max(0.0, self._unsigned_since + _SIGN_AFTER_SECONDS - time.monotonic())

    def _sign_now(self) -> bool:
        patience = self._patience()
        return patience is not None and patience <= 0.0

    def _commit(self, bodies: list[bytes]) -> Sequence[int] | StoreUnavailable:
        sequences: list[int] = []
        try:
            while len(sequences) < len(bodies):
                rest = bodies[len(sequences) :]
                sequences.extend(self._opened.writer.append(rest, wall=self._clock.wall()))
        except StoreUnavailable as exc:
            return exc
        if self._unsigned_since is None:
            self._unsigned_since = time.monotonic()
        return sequences

    def _sign(self) -> None:
        """Sign what is durable. A failure waits for the next turn; the records are safe."""
        if self._unsigned_since is None:
            return
        try:
            self._opened.checkpointer.sign(self._opened.writer.end, wall=self._clock.wall())
        except StoreUnavailable as exc:
            self._failure = exc
            self._unsigned_since = time.monotonic()
        else:
            self._failure = None
            self._unsigned_since = None

    def _settle(self, futures: list[_Future], answer: Sequence[int] | StoreUnavailable) -> None:
        """Let the tasks of a group go on in one turn: what they append next is one group again."""
        for place, done in enumerate(futures):
            if done.done():
                continue
            if isinstance(answer, StoreUnavailable):
                done.set_exception(answer)
            else:
                done.set_result(f"{self._opened.log_id}:{answer[place]}")
