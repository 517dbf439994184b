"""One run, to be carried out, watched, stopped and settled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio.to_thread

from tieline.errors import Conflict, InvalidInput, NotFound
from tieline.runs.run import RunState, RunStatus
from tieline.services.running.carrier import Carrier, PipelineCarrier
from tieline.services.running.driving import Driving
from tieline.services.running.engine import Settled
from tieline.services.running.items_source import check_unchanged
from tieline.services.running.resolving import LookedUp, Resolver
from tieline.services.session import Session
from tieline.store.ledger.exchange import Exchange
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.reading import Item, Stored
from tieline.types import Json

# How often one who only watches looks: cheap, and quick enough for a person.
WATCH_SECONDS = 1.0
_PAGE = 1_000
_OPEN: frozenset[RunState] = frozenset({"running", "paused"})


@dataclass(frozen=True, slots=True)
class RunEvent:
    """How the run stands, and which items left the queue since the event before.

    `settled` is empty where another process carries the run out. `role` tells which of both.
    """

    run: RunStatus
    settled: tuple[Settled, ...] = ()
    role: Literal["driver", "watcher"] = "driver"


@dataclass(slots=True)
class _Feed:
    """What the engine reported and nobody took yet; reports are joined while nobody does."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    settled: list[Settled] = field(default_factory=list)

    def report(self, _latest: Exchange, settled: Any) -> None:
        self.settled.extend(settled)
        self.wake.set()


class AsyncRun:
    """A handle on one run; made by `runs.start` and `runs.get`.

    Nothing is carried out before `events`, `wait` or `resume` is asked for, here or in another
    process. Whoever asks while another living process carries it out only watches.
    """

    def __init__(
        self,
        session: Session,
        store: str,
        ledger: Ledger,
        stored: Stored,
        *,
        carrier: Carrier | None = None,
        set_aside: int = 0,
    ) -> None:
        """Used by `runs`; a `carrier` stands in for the invocation pipeline."""
        self._session = session
        self._store = store
        self._ledger = ledger
        self._stored = stored
        self._carrier = carrier
        self._set_aside = set_aside
        self._driving: Driving | None = None
        self._watched_enough = False

    @property
    def run_id(self) -> str:
        """What names the run everywhere."""
        return self._stored.run.run_id

    @property
    def set_aside(self) -> int:
        """How many lines `skip_invalid` took when this handle's `start` read the items."""
        return self._set_aside

    async def show(self) -> RunStatus:
        """Look how it stands, without a scan whatever its size."""
        self._stored = await self._ledger.find(self.run_id)
        return self._stored.run

    async def wait(self) -> RunStatus:
        """Carry the run out, or watch who does, until it is over, cancelled or paused.

        Raises:
            Error: what holds for every item alike (permission, target, store); the run is paused
                and can be resumed.
        """
        async for _ in self.events():
            pass
        return await self.show()

    async def resume(self, *, keep_items: bool = False) -> RunStatus:
        """Go on with a run that was interrupted, killed or paused; as `wait`.

        Raises:
            Conflict: see `check_resumable`.
        """
        await self.check_resumable(keep_items=keep_items)
        return await self.wait()

    async def check_resumable(self, *, keep_items: bool = False) -> None:
        """Refuse to go on with a cancelled run, or where the items file was changed since.

        Raises:
            Conflict: it was cancelled; or the file was changed, and `keep_items` does not say that
                the items are to stay as they were read.
        """
        run = self._stored.run
        if run.state == "cancelled":
            raise Conflict(
                f"run {run.run_id} was cancelled, {run.counts.pending:,} items were never sent",
                status=409,
                hint=f"`tieline runs export {run.run_id}` tells which; start another run with them",
            )
        if not keep_items:
            source, sha256 = run.spec.items_source, run.items_sha256
            await anyio.to_thread.run_sync(check_unchanged, source, sha256)

    async def events(self) -> AsyncIterator[RunEvent]:
        """Carry the run out, or watch who does, and tell how it goes, at most ten times a second.

        Leaving the iteration early stops the run: what is under way is finished first.
        """
        feed = _Feed()
        driving = self._driving = self._new_driving(feed)
        task = asyncio.create_task(self._drive(driving, feed))
        drove = True
        try:
            while not task.done():
                await feed.wake.wait()
                feed.wake.clear()
                if task.done():
                    break
                settled, feed.settled = tuple(feed.settled), []
                yield RunEvent(await self.show(), settled)
                await asyncio.sleep(0.1)
        finally:
            driving.stop()
            with suppress(asyncio.CancelledError):
                drove = await task
        if feed.settled:
            yield RunEvent(await self.show(), tuple(feed.settled))
        if not drove:
            async for event in self.watch():
                yield event

    async def watch(self) -> AsyncIterator[RunEvent]:
        """Watch who carries the run out, until it is over or nobody does; carry nothing out."""
        while not self._watched_enough:
            run = await self.show()
            yield RunEvent(run, role="watcher")
            if run.finished or run.owners == 0:
                return
            await self._ledger.recover(self._stored.no)
            await self._session.clock.sleep(WATCH_SECONDS)

    async def stop(self) -> None:
        """Let the `events`, `wait`, `watch` or `resume` under way end.

        What is in flight is settled first.
        """
        self._watched_enough = True
        if self._driving is not None:
            self._driving.stop()

    async def cancel(self) -> RunStatus:
        """Send nothing more. What was sent is followed to its end by whoever carries it out."""
        state = await self._ledger.set_state(self._stored.no, "cancelled", only_from=_OPEN)
        if state != "cancelled":
            raise Conflict(
                f"run {self.run_id} is {state} and cannot be cancelled",
                status=409,
                hint=f"`tieline runs show {self.run_id}` says how it stands",
            )
        return await self.show()

    async def items(self) -> AsyncIterator[Item]:
        """Every item in the order of its source, as it stands."""
        after = 0
        while page := await self._ledger.items(self._stored, after=after, limit=_PAGE):
            for item in page:
                yield item
            after = page[-1].seq

    async def uncertain(self) -> AsyncIterator[Item]:
        """The items of which nobody knows whether they were carried out."""
        after = 0
        while page := await self._ledger.uncertain(self._stored, after=after, limit=_PAGE):
            for item in page:
                yield item
            after = page[-1].seq

    async def look_up(self) -> LookedUp:
        """Settle uncertain items by what can be found out. Audited one by one.

        Looked at are the executions the items are known to have, the audit log of this state folder
        (an answer that was recorded there before the process died), and the history of a data
        action in the guide dialect: an item is the one invocation of its whole input and time that
        fits no other item.

        Raises:
            Error: the far side cannot be read; what was settled before stays so.
        """
        return await self._resolver().look_up([item async for item in self.uncertain()])

    async def settle(
        self,
        reference: str,
        *,
        outcome: Literal["done", "failed", "pending"],
        execution_id: str | None = None,
        result: Json = None,
        note: str | None = None,
    ) -> None:
        """Settle one uncertain item by hand; audited.

        `pending` has it sent again at the next `resume`: for whoever knows that it was not carried
        out, or that the target may be invoked twice without harm.

        Raises:
            NotFound: no uncertain item has this reference.
        """
        async for item in self.uncertain():
            if item.reference == reference:
                await self._resolver().settle(
                    item, outcome, execution_id=execution_id, result=result, note=note
                )
                return
        raise NotFound(
            f"run {self.run_id} has no uncertain item {reference!r}",
            status=404,
            hint=f"`tieline runs resolve {self.run_id}` lists them",
        )

    async def _drive(self, driving: Driving, feed: _Feed) -> bool:
        try:
            return await driving.drive(self._stored)
        finally:
            feed.wake.set()

    def _new_driving(self, feed: _Feed) -> Driving:
        spec = self._stored.run.spec
        if self._session.profile.name != spec.profile:
            raise InvalidInput(
                f"run {self.run_id} was started with profile {spec.profile!r}",
                hint=f"add `--profile {spec.profile}`",
            )
        carrier = self._carrier or PipelineCarrier(self._session, spec)
        return Driving(self._session, self._store, self._ledger, carrier, report=feed.report)

    def _resolver(self) -> Resolver:
        return Resolver(self._session, self._ledger, self._stored)
