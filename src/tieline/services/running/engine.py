"""The loop of a running run: exchange with the ledger, carry out what was claimed, again.

    exchange ──claims──▶ launch ──▶ (note the execution id) ──▶ follow
        ▲                  │                                      │
        └───── changes ────┴──────────────────────────────────────┘

Everything an item becomes goes through `exchange`; between two of them, what is in flight is known
to the ledger as `sent`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import anyio
from anyio.abc import TaskGroup

from tieline.clock import Clock
from tieline.errors import Error, StoreUnavailable
from tieline.observe.logs import logger
from tieline.runs.item import Change, Claim
from tieline.runs.run import Following
from tieline.services.running.carrier import Carrier, Launched
from tieline.services.running.settling import (
    Settlement,
    settle_end,
    settle_follow_error,
    settle_launch_error,
)
from tieline.services.shared_limiter import Place, claimed_place
from tieline.store.ledger.claims import Share
from tieline.store.ledger.exchange import Exchange
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.owners import BEAT_SECONDS, OwnerLost, Role

_log = logger("services.running")

# Slots and places are free and yet nothing was claimed: others hold the chunk at this moment.
CLAIM_AGAIN_SECONDS = 0.2
SLOWEST_SECONDS = 60.0
# A database that restarts is back within this; what is in flight goes on meanwhile.
STORE_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Settled:
    """One item that left the queue, for whoever watches."""

    reference: str
    change: Change


Report = Callable[[Exchange, Sequence[Settled]], None]


class Engine:
    """Works on one run, or on one chunk of it, as one owner. Made for it and thrown away."""

    def __init__(
        self,
        ledger: Ledger,
        carrier: Carrier,
        share: Share,
        *,
        role: Role,
        slots: int,
        following: Following,
        clock: Clock,
        report: Report | None = None,
    ) -> None:
        self._ledger = ledger
        self._carrier = carrier
        self._share = share
        self._role: Role = role
        self._slots = slots
        self._following = following
        self._clock = clock
        self._report = report
        self._changes: list[Change] = []
        self._claims: dict[int, Claim] = {}
        self._follows: set[anyio.CancelScope] = set()
        self._wake = anyio.Event()
        self._draining = False
        self._failures = 0
        self._slow_until = -math.inf
        self._stopped_by: Error | None = None
        self._late: dict[int, Share] = {}  # claimed by an owner of ours that others buried
        self._next_look = -math.inf

    async def run(self) -> Exchange:
        """Work until nothing is left for this share, the run is over or stopped, or `drain`.

        A quota that is used up does not end it: it waits, and says so through `report`.

        Raises:
            Error: what holds for every item alike: no permission, no such target, no store.
        """
        try:
            async with anyio.create_task_group() as tasks:
                latest = await self._loop(tasks)
        except BaseExceptionGroup as group:
            raise _only(group) from None
        if self._stopped_by is not None:
            raise self._stopped_by
        return latest  # pyright: ignore[reportPossiblyUnboundVariable]  # no group swallows an error

    async def _loop(self, tasks: TaskGroup) -> Exchange:
        while True:
            latest = await self._exchange_patiently()
            for claim in latest.claims:
                self._claims[claim.seq] = claim
                tasks.start_soon(self._carry, claim)
            if self._is_over(latest):
                return latest
            await self._pause(latest)

    def drain(self) -> None:
        """Claim nothing more, read the answers that are under way, and end."""
        self._draining = True
        for scope in self._follows:
            scope.cancel()
        self._wake.set()

    @property
    def owner(self) -> int:
        """Under which number it works; another after it was taken for dead."""
        return self._share.owner

    @property
    def in_flight(self) -> int:
        """Items claimed and not settled."""
        return len(self._claims)

    def _is_over(self, latest: Exchange) -> bool:
        if self._claims or self._changes:
            return False
        if self._draining or latest.state in {"done", "cancelled"}:
            return True
        if latest.state == "paused" and latest.resumes_at is None:
            return True
        return latest.claimable == 0 and (latest.counts.sent == 0 or self._role == "worker")

    async def _exchange_patiently(self) -> Exchange:
        give_up = self._clock.monotonic() + STORE_PATIENCE_SECONDS
        delay, broken = 0.5, False
        while True:
            try:
                if broken:
                    known = frozenset([*self._claims, *(change.seq for change in self._changes)])
                    await self._ledger.reconcile(self._share, carrying=known)
                await self._look_after_others()
                return await self._exchange()
            except OwnerLost:
                await self._sign_on_again()
            except StoreUnavailable as error:
                if self._clock.monotonic() + delay > give_up:
                    raise
                _log.warning("the ledger cannot be used, trying again", reason=error.message)
                broken = True
                await self._clock.sleep(delay)
                delay = min(delay * 2, 10.0)

    async def _exchange(self) -> Exchange:
        changes = list(self._changes)
        await self._hand_in_late([change for change in changes if change.seq in self._late])
        timely = [change for change in changes if change.seq not in self._late]
        ended = sum(change.to != "sent" for change in changes)
        slots = self._slots - len(self._claims) + ended
        if self._draining or self._clock.monotonic() < self._slow_until:
            slots = 0
        latest = await self._ledger.exchange(self._share, timely, slots=slots)
        del self._changes[: len(changes)]
        settled = [self._settled(change) for change in changes if change.to != "sent"]
        if self._report is not None:
            self._report(latest, settled)
        return latest

    def _settled(self, change: Change) -> Settled:
        self._late.pop(change.seq, None)
        return Settled(self._claims.pop(change.seq).reference, change)

    async def _hand_in_late(self, changes: Sequence[Change]) -> None:
        for change in changes:
            await self._ledger.hand_in_late(self._late[change.seq], [change])

    async def _sign_on_again(self) -> None:
        """Others took us for dead, after a pause: what is in flight is settled as theirs, late."""
        for seq in self._claims:
            self._late.setdefault(seq, self._share)
        owner = await self._ledger.enlist(self._share.run, "worker")
        if owner is not None:
            self._share = replace(self._share, owner=owner)

    async def _look_after_others(self) -> None:
        """Now and then settle what other owners left who died."""
        now = self._clock.monotonic()
        if now >= self._next_look:
            self._next_look = now + BEAT_SECONDS
            await self._ledger.recover(self._share.run)

    async def _carry(self, claim: Claim) -> None:
        claimed_place.set(Place())
        settlement = await self._carried(claim)
        if settlement is not None:
            self._take(settlement)

    async def _carried(self, claim: Claim) -> Settlement | None:
        launched = Launched(claim.execution_id, None)
        if claim.execution_id is None:
            try:
                launched = await self._carrier.launch(claim)
            except Error as error:
                return settle_launch_error(claim.seq, error)
        self._failures = 0
        if launched.ended is not None:
            return settle_end(claim.seq, launched.ended)
        return await self._followed(claim, launched)

    async def _followed(self, claim: Claim, launched: Launched) -> Settlement | None:
        noted = Change(
            claim.seq,
            "sent" if self._following == "completion" else "done",
            status="launched",
            execution_id=launched.execution_id,
            correlation_id=launched.correlation_id,
        )
        if self._following == "launch":
            return Settlement(noted, "go on")
        if claim.execution_id is None:
            self._put(noted)
        if not self._draining:
            with anyio.CancelScope() as scope:
                self._follows.add(scope)
                try:
                    ended = await self._carrier.follow(launched)
                    return settle_end(claim.seq, ended)
                except Error as error:
                    return settle_follow_error(claim.seq, launched.execution_id, error)
                finally:
                    self._follows.discard(scope)
        self._leave(claim)
        return None

    def _leave(self, claim: Claim) -> None:
        # It goes on over there; the ledger has its id, and whoever resumes follows it.
        self._claims.pop(claim.seq, None)
        self._wake.set()

    def _take(self, settlement: Settlement) -> None:
        match settlement.consequence:
            case "stop":
                self._stopped_by = self._stopped_by or settlement.error
                self.drain()
            case "slow down":
                self._failures += 1
                delay = min(SLOWEST_SECONDS, 0.5 * 2.0 ** min(self._failures, 10))
                self._slow_until = self._clock.monotonic() + delay
            case "go on":
                pass
        self._put(settlement.change)
        if settlement.change.to == "sent":
            self._claims.pop(settlement.change.seq, None)

    def _put(self, change: Change) -> None:
        self._changes.append(change)
        self._wake.set()

    async def _pause(self, latest: Exchange) -> None:
        """Until an item ends, a place in the rate limit is free, or a sign of life is due."""
        if self._changes:
            self._wake = anyio.Event()
            return
        seconds = self._seconds_until_look(latest)
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(self._wake.wait)
            waiting.start_soon(self._sleep_then_wake, seconds)
            await self._wake.wait()
            waiting.cancel_scope.cancel()
        self._wake = anyio.Event()

    def _seconds_until_look(self, latest: Exchange) -> float:
        if latest.resumes_at is not None:
            return min(BEAT_SECONDS, max(0.0, latest.resumes_at - self._clock.wall()))
        if self._draining or not latest.claimable or self._slots <= len(self._claims):
            return BEAT_SECONDS
        slow = self._slow_until - self._clock.monotonic()
        limited = latest.wait_s if latest.wait_s > 0.0 else CLAIM_AGAIN_SECONDS
        return min(BEAT_SECONDS, max(slow, limited))

    async def _sleep_then_wake(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._wake.set()


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error inside, where there is one: callers branch on its class."""
    inner = group.exceptions
    if len(inner) == 1:
        only = inner[0]
        return _only(only) if isinstance(only, BaseExceptionGroup) else only
    return group
