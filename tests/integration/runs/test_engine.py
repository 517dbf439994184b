"""The loop of a run, over a real SQLite ledger, in virtual time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import orjson
import pytest

from tieline.calls.limiter import refused
from tieline.clock import JumpingClock
from tieline.errors import (
    BadAnswer,
    Error,
    InvalidInput,
    NetworkError,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    StoreUnavailable,
)
from tieline.runs.item import Claim, NewItem
from tieline.runs.run import Following, RunSpec, RunStatus
from tieline.services.running.carrier import Ended, Launched
from tieline.services.running.engine import Engine
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Limit, Share, load_window
from tieline.store.ledger.database import Database, Session
from tieline.store.ledger.exchange import Exchange
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.owners import Role
from tieline.store.ledger.sqlite_database import SqliteDatabase

Launch = Callable[[Claim, int], Launched]
"""What a launch gives, from the claim and how often the item was launched before."""


def over(claim: Claim, _before: int) -> Launched:
    return Launched(f"e{claim.seq}", None, Ended("completed", f"e{claim.seq}"))


def goes_on(claim: Claim, _before: int) -> Launched:
    return Launched(f"e{claim.seq}", None)


class Carrier:
    """Keeps what was launched and followed; `launch` decides each end."""

    def __init__(self, clock: JumpingClock, launch: Launch = over) -> None:
        self._clock = clock
        self._launch = launch
        self.launched: Counter[int] = Counter()
        self.moments: list[float] = []
        self.followed: list[str | None] = []
        self.hold: anyio.Event | None = None
        self.blind: Error | None = None
        self.busy = self.busiest = 0

    async def launch(self, claim: Claim) -> Launched:
        before = self.launched[claim.seq]
        self.launched[claim.seq] += 1
        self.moments.append(self._clock.monotonic())
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await anyio.lowlevel.checkpoint()
            return self._launch(claim, before)
        finally:
            self.busy -= 1

    async def follow(self, launched: Launched) -> Ended:
        if self.hold is not None:
            await self.hold.wait()
        if self.blind is not None:
            raise self.blind
        self.followed.append(launched.execution_id)
        return Ended("completed", launched.execution_id, result={"ok": True})


class PatientClock(JumpingClock):
    """Time moves only when nothing else can happen, as far as a few rounds of the loop can tell."""

    async def sleep(self, seconds: float) -> None:
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        await super().sleep(seconds)


class World:
    """A ledger with one run in it."""

    def __init__(self, path: Path, items: int) -> None:
        self.clock = PatientClock(monotonic=1_000.0)
        self.database: Database = SqliteDatabase(path, clock=self.clock)
        spec = RunSpec(kind="flow", target_id="f", name="r")
        source = (NewItem(line=n, text="{}") for n in range(1, items + 1))
        what = loading.Loading("r1", spec, lambda: None, chunk_items=50)
        loading.load(self.database, what, source)
        self.no = reading.find(self.database, "r1").no
        resolving.set_state(self.database, self.no, "running", only_from=frozenset({"paused"}))

    def engine(
        self,
        carrier: Carrier,
        *,
        slots: int = 8,
        limits: tuple[Limit, ...] = (),
        following: Following = "completion",
        role: Role = "worker",
        database: Database | None = None,
        report: Callable[[Exchange], None] = lambda _latest: None,
    ) -> Engine:
        owner = owners.enlist(self.database, self.no, role)
        assert owner is not None
        return Engine(
            Ledger(database or self.database),
            carrier,
            Share(self.no, "r1", owner, limits),
            role=role,
            slots=slots,
            following=following,
            clock=self.clock,
            report=lambda latest, _settled: report(latest),
        )

    @property
    def run(self) -> RunStatus:
        return reading.find(self.database, "r1").run


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[int], World]]:
    made: list[World] = []

    def make(items: int) -> World:
        made.append(World(tmp_path / f"{len(made)}.db", items))
        return made[-1]

    yield make
    for world in made:
        world.database.close()


async def test_every_item_is_launched_once_and_never_more_at_a_time_than_slots(
    make: Callable[[int], World],
) -> None:
    world = make(120)
    carrier = Carrier(world.clock)

    await world.engine(carrier, slots=7).run()

    assert carrier.launched == Counter(range(1, 121))
    assert carrier.busiest <= 7
    assert (world.run.state, world.run.counts.done) == ("done", 120)


async def test_two_engines_on_one_run_share_it_without_launching_anything_twice(
    make: Callable[[int], World],
) -> None:
    world = make(200)
    carrier = Carrier(world.clock)
    engines = [world.engine(carrier), world.engine(carrier)]

    async with anyio.create_task_group() as tasks:
        for engine in engines:
            tasks.start_soon(engine.run)

    assert carrier.launched == Counter(range(1, 201))
    assert world.run.counts.done == 200


async def test_three_thousand_items_take_what_the_rate_limit_allows_and_never_exceed_it(
    make: Callable[[int], World],
) -> None:
    world = make(3_000)
    carrier = Carrier(world.clock)

    await world.engine(carrier, slots=64, limits=(Limit("client", 300),)).run()

    took = carrier.moments[-1] - carrier.moments[0]
    assert 540.0 / took >= 0.99
    for offset in range(0, 60, 7):
        windows = Counter((moment + offset) // 60.0 for moment in carrier.moments)
        assert max(windows.values()) <= 300


async def test_a_launched_item_is_followed_to_its_end_and_its_result_kept(
    make: Callable[[int], World],
) -> None:
    world = make(3)
    carrier = Carrier(world.clock, goes_on)

    await world.engine(carrier).run()

    assert sorted(carrier.followed, key=str) == ["e1", "e2", "e3"]
    (item, *_) = reading.page(world.database, reading.find(world.database, "r1"), after=0, limit=1)
    assert (item.state, item.result, item.execution_id) == ("done", {"ok": True}, "e1")


async def test_without_waiting_an_item_is_done_when_it_is_launched(
    make: Callable[[int], World],
) -> None:
    world = make(3)
    carrier = Carrier(world.clock, goes_on)

    await world.engine(carrier, following="launch").run()

    assert carrier.followed == []
    assert world.run.counts.done == 3


def raising(error: Error, *, times: int = 1_000) -> Launch:
    def launch(claim: Claim, before: int) -> Launched:
        if claim.seq == 2 and before < times:
            raise error
        return over(claim, before)

    return launch


async def test_a_launch_without_an_answer_is_uncertain_and_is_not_sent_again(
    make: Callable[[int], World],
) -> None:
    world = make(5)
    carrier = Carrier(world.clock, raising(OutcomeUnknown("no answer", correlation_id="c-2")))

    await world.engine(carrier).run()

    assert carrier.launched[2] == 1
    assert (world.run.counts.uncertain, world.run.counts.done) == (1, 4)
    stored = reading.find(world.database, "r1")
    (item,) = reading.page(world.database, stored, after=0, limit=9, only="uncertain")
    assert (item.seq, item.correlation_id) == (2, "c-2")


async def test_a_launch_that_never_left_is_sent_again_later(make: Callable[[int], World]) -> None:
    world = make(5)
    carrier = Carrier(world.clock, raising(NetworkError("refused"), times=3))

    await world.engine(carrier).run()

    assert carrier.launched[2] == 4
    assert world.run.counts.done == 5


@pytest.mark.parametrize("error", [InvalidInput("wrong type"), BadAnswer("x")])
async def test_what_the_platform_refuses_fails_that_item_alone(
    make: Callable[[int], World], error: Error
) -> None:
    world = make(5)
    carrier = Carrier(world.clock, raising(error, times=1))

    await world.engine(carrier).run()

    counts = world.run.counts
    assert (counts.done + counts.failed, counts.uncertain) == (5, 0)


@pytest.mark.parametrize(
    "error", [PermissionDenied("no", status=403), NotFound("no such flow", status=404)]
)
async def test_what_holds_for_every_item_stops_the_run_and_fails_none(
    make: Callable[[int], World], error: Error
) -> None:
    world = make(500)
    carrier = Carrier(world.clock, raising(error))

    with pytest.raises(type(error)):
        await world.engine(carrier).run()

    counts = world.run.counts
    assert counts.failed == counts.uncertain == counts.sent == 0
    assert counts.pending + counts.done == 500


async def test_a_quota_of_hours_pauses_the_run_which_says_when_it_goes_on_and_does(
    make: Callable[[int], World],
) -> None:
    world = make(5)
    quota_over = world.clock.monotonic() + 10_800

    def launch(claim: Claim, before: int) -> Launched:
        if world.clock.monotonic() < quota_over:
            with world.database.transaction() as session:
                close_limit(session, retry_after=quota_over - world.clock.monotonic())
            raise RateLimited("quota", status=429)
        return over(claim, before)

    seen: list[Exchange] = []
    carrier = Carrier(world.clock, launch)
    await world.engine(carrier, limits=(Limit("client"),), report=seen.append).run()

    paused = [latest for latest in seen if latest.state == "paused"]
    assert paused[0].reason == "the platform's quota is used up"
    assert paused[0].resumes_at == pytest.approx(1_700_010_800.0, abs=120.0)
    assert world.run.counts.done == 5
    assert sum(carrier.launched.values()) <= 10, "it kept asking while the quota was used up"


def close_limit(session: Session, *, retry_after: float) -> None:
    epoch, now = session.tick
    window = refused(
        load_window(session, Limit("client"), epoch), now, retry_after=retry_after, body=None
    )
    session.save_limit("client", epoch, orjson.dumps(window.to_json()).decode())


async def test_draining_settles_what_is_under_way_and_the_next_owner_follows_what_was_launched(
    make: Callable[[int], World],
) -> None:
    world = make(20)
    first = Carrier(world.clock, goes_on)
    first.hold = anyio.Event()
    engine = world.engine(first, slots=4)
    owner = engine.owner

    def drain_once_launched(latest: Exchange) -> None:
        if latest.counts.sent == 4 and sum(first.launched.values()) == 4:
            engine.drain()

    engine._report = lambda latest, _settled: drain_once_launched(latest)
    await engine.run()
    owners.retire(world.database, world.no, owner)
    after_drain = world.run.counts

    second = Carrier(world.clock, goes_on)
    await world.engine(second).run()

    assert (after_drain.sent, after_drain.pending, after_drain.uncertain) == (4, 16, 0)
    assert sum(first.launched.values()) == 4
    assert sum(second.launched.values()) == 16
    assert len(second.followed) == 20
    assert world.run.counts.done == 20


async def test_where_executions_may_not_be_looked_at_the_run_stops_and_is_followed_later(
    make: Callable[[int], World],
) -> None:
    world = make(30)
    carrier = Carrier(world.clock, goes_on)
    carrier.blind = PermissionDenied("may not view executions", status=403)
    engine = world.engine(carrier, slots=4)

    with pytest.raises(PermissionDenied):
        await engine.run()
    owners.retire(world.database, world.no, engine.owner)
    carrier.blind = None
    await world.engine(carrier).run()

    assert carrier.launched == Counter(range(1, 31))
    assert world.run.counts.done == 30


async def test_an_execution_that_is_gone_is_uncertain_with_its_id(
    make: Callable[[int], World],
) -> None:
    world = make(2)
    carrier = Carrier(world.clock, goes_on)
    carrier.blind = NotFound("kept for some days only", status=404)

    await world.engine(carrier).run()

    stored = reading.find(world.database, "r1")
    items = reading.page(world.database, stored, after=0, limit=9, only="uncertain")
    assert [item.execution_id for item in items] == ["e1", "e2"]


class Unreliable:
    """A database whose every n-th transaction breaks: before its commit, or just after it."""

    def __init__(self, inner: Database, *, every: int, after_commit: bool) -> None:
        self._inner = inner
        self._every = every
        self._after_commit = after_commit
        self._count = 0
        self.one_machine = True

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self._count += 1
        broken = self._count % self._every == 0
        with self._inner.transaction() as session:
            yield session
            if broken and not self._after_commit:
                raise StoreUnavailable("disk full")
        if broken:
            raise StoreUnavailable("the connection was lost")

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize("after_commit", [False, True])
async def test_a_store_that_breaks_now_and_then_loses_nothing_and_launches_nothing_twice(
    make: Callable[[int], World], *, after_commit: bool
) -> None:
    world = make(150)
    carrier = Carrier(world.clock)
    database = Unreliable(world.database, every=3, after_commit=after_commit)

    await world.engine(carrier, database=database).run()

    assert carrier.launched == Counter(range(1, 151))
    assert world.run.counts.done == 150


async def test_a_store_that_stays_away_ends_the_run_with_the_reason(
    make: Callable[[int], World],
) -> None:
    world = make(10)
    engine = world.engine(
        Carrier(world.clock), database=Unreliable(world.database, every=1, after_commit=False)
    )

    with pytest.raises(StoreUnavailable, match="disk full"):
        await engine.run()


async def test_an_owner_that_was_buried_while_it_worked_launches_nothing_twice(
    make: Callable[[int], World],
) -> None:
    world = make(60)
    buried: list[int] = []

    def launch(claim: Claim, before: int) -> Launched:
        if claim.seq == 30:
            owners.retire(world.database, world.no, engine.owner)
            buried.append(claim.seq)
        return over(claim, before)

    carrier = Carrier(world.clock, launch)
    engine = world.engine(carrier)
    await engine.run()

    assert buried == [30]
    assert carrier.launched == Counter(range(1, 61))
    assert (world.run.counts.done, world.run.counts.uncertain) == (60, 0)


async def test_a_cancelled_run_ends_with_what_was_under_way(make: Callable[[int], World]) -> None:
    world = make(100)

    def launch(claim: Claim, before: int) -> Launched:
        if claim.seq == 20:
            resolving.set_state(
                world.database, world.no, "cancelled", only_from=frozenset({"running"})
            )
        return over(claim, before)

    carrier = Carrier(world.clock, launch)
    await world.engine(carrier).run()

    counts = world.run.counts
    assert world.run.state == "cancelled"
    assert counts.done == sum(carrier.launched.values())
    assert counts.pending == 100 - counts.done > 0
