"""A rate limit that processes share through the ledger's database."""

import os
from pathlib import Path

import anyio
import orjson
import pytest

from tieline.clock import JumpingClock
from tieline.store.ledger.claims import Limit, load_window
from tieline.store.ledger.database import Database
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.limiter import DatabaseLimiter, existing_limiter


async def test_two_users_of_one_database_share_a_limit(database: Database) -> None:
    declare(database, 10)
    one, two = DatabaseLimiter(database), DatabaseLimiter(database)

    waits = [await (one if n % 2 else two).reserve("client", within=0.0) for n in range(12)]

    assert waits[:10] == [0.0] * 10
    assert all(wait > 1.0 for wait in waits[10:])


async def test_a_retry_after_told_to_one_holds_for_all_at_once(database: Database) -> None:
    one, two = DatabaseLimiter(database), DatabaseLimiter(database)
    await one.refused("client", retry_after=42.0, body=None)

    assert await two.reserve("client", within=0.0) == pytest.approx(42.0, abs=2.0)
    assert await two.reserve("another client", within=0.0) == 0.0


async def test_many_tasks_never_take_more_places_than_there_are(database: Database) -> None:
    declare(database, 20)
    limiter = DatabaseLimiter(database)
    waits: list[float] = []

    async def ask() -> None:
        waits.append(await limiter.reserve("client", within=0.0))

    async with anyio.create_task_group() as tasks:
        for _ in range(40):
            tasks.start_soon(ask)

    assert sum(wait == 0.0 for wait in waits) == 20


async def test_a_wall_clock_that_jumps_moves_no_limit(tmp_path: Path) -> None:
    clock = JumpingClock(monotonic=5_000.0)
    database = SqliteDatabase(tmp_path / "l.db", clock=clock)
    limiter = DatabaseLimiter(database)
    await limiter.refused("client", retry_after=30.0, body=None)

    for wall in (0.0, 4_000_000_000.0):
        clock.set_wall(wall)
        assert await limiter.reserve("client", within=0.0) == pytest.approx(30.0)
    database.close()


async def test_after_another_boot_what_was_learned_holds_and_old_times_do_not(
    tmp_path: Path,
) -> None:
    database = SqliteDatabase(tmp_path / "l.db")
    limiter = DatabaseLimiter(database)
    declare(database, 10, epoch="another boot", closed_until=1e12)

    assert await limiter.reserve("client", within=0.0) == 0.0
    with database.transaction() as session:
        assert load_window(session, Limit("client"), session.tick[0]).capacity == 10
    database.close()


async def test_without_a_ledger_there_is_nothing_to_share_and_none_is_made(tmp_path: Path) -> None:
    assert await existing_limiter(tmp_path, JumpingClock()) is None
    assert os.listdir(tmp_path) == []  # noqa: PTH208  # a Path in a coroutine is another rule's worry

    (tmp_path / "ledger.db").write_bytes(b"no database" * 100)
    assert await existing_limiter(tmp_path, JumpingClock()) is None


def declare(
    database: Database, per_minute: int, *, epoch: str | None = None, closed_until: float = 0.0
) -> None:
    with database.transaction() as session:
        here, now = session.tick
        window = load_window(session, Limit("client", per_minute), here).to_json()
        state = {**window, "closed_until": closed_until, "seen_at": now}
        session.save_limit("client", epoch or here, orjson.dumps(state).decode())
