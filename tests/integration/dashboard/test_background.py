"""What is counted, indexed and verified while pages are looked at."""

import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from tieline.audit.query import Query
from tieline.audit.record import Record
from tieline.clock import JumpingClock, SystemClock
from tieline.errors import NotFound, StoreUnavailable
from tieline.runs.item import NewItem
from tieline.runs.run import RunSpec
from tieline.services.state_reading.activity import ActivityReader
from tieline.services.state_reading.audit import AuditReader
from tieline.services.state_reading.reader import StateReader
from tieline.services.state_reading.runs import RunsReader
from tieline.services.state_reading.verifying import AuditVerifier
from tieline.store.ledger import loading, resolving
from tieline.store.ledger.database import Database
from tieline.store.ledger.loading import Loading
from tieline.store.ledger.postgres_database import PostgresDatabase
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.segments.log import SegmentLog

OWNER_THAT_DIES = """
import sys
from pathlib import Path
from tieline.store.ledger import owners
from tieline.store.ledger.sqlite_database import SqliteDatabase
assert owners.enlist(SqliteDatabase(Path(sys.argv[1])), 1, "driver") is not None
"""


async def append(folder: Path, count: int) -> None:
    async with await SegmentLog.open(folder) as log:
        for _ in range(count):
            intent = await log.append(Record("intent", "flows.launch", "flow", "f"))
            await log.append(
                Record("outcome", "flows.launch", "flow", "f", intent_id=intent,
                       status="completed", latency_ms=3.0)
            )  # fmt: skip


def load(database: Database, name: str = "callbacks") -> None:
    spec = RunSpec(kind="flow", target_id="f", name=name)
    items = [NewItem(1, '{"n": 1}'), NewItem(2, '{"n": 2}')]
    loading.load(database, Loading(f"run-{name}", spec, lambda: ""), items)


def put_aside(folder: Path, name: str) -> None:
    for file in list(folder.glob("ledger.db*")):
        file.rename(folder / f"{name}-{file.name}")


async def test_the_log_is_verified_whole_once_and_then_from_where_that_ended(
    tmp_path: Path,
) -> None:
    verifier = AuditVerifier(AuditReader(tmp_path, JumpingClock()), JumpingClock())
    await verifier.step()
    assert verifier.health.state == "no log"

    await append(tmp_path, 3)
    await verifier.step()
    first = verifier.health
    await verifier.step()
    assert verifier.health is first  # nothing was signed since, nothing is read
    await append(tmp_path, 2)
    await verifier.step()

    assert (first.state, first.since, first.found and first.found.size) == ("intact", 0, 6)
    health = verifier.health
    assert (health.state, health.since, health.found and health.found.size) == ("intact", 6, 10)


async def test_what_was_altered_is_told_until_the_whole_log_is_intact_again(tmp_path: Path) -> None:
    await append(tmp_path, 3)
    (segment,) = (tmp_path / "segments").iterdir()
    intact = segment.read_bytes()
    verifier = AuditVerifier(AuditReader(tmp_path, JumpingClock()), JumpingClock())

    segment.write_bytes(intact.replace(b"completed", b"cOmpleted", 1))
    await verifier.step()
    told = verifier.health
    await verifier.step()
    again = verifier.health.state
    segment.write_bytes(intact)
    await verifier.step()

    assert (told.state, again) == ("problems", "problems")
    assert told.found is not None
    assert [one.kind for one in told.found.problems] == ["altered"]
    assert verifier.health.state == "intact"


async def test_a_log_that_was_put_back_is_counted_anew(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    await append(folder, 4)
    reader = ActivityReader(folder, JumpingClock())
    while await reader.step():
        pass
    assert reader.activity.by_status == {"completed": 4}

    folder.rename(tmp_path / "elsewhere")
    await append(folder, 1)
    await reader.step()
    await reader.step()

    assert reader.activity.by_status == {"completed": 1}


async def test_a_search_is_put_off_until_the_index_is_made(tmp_path: Path) -> None:
    await append(tmp_path / "audit", 40)
    early = AuditReader(tmp_path / "audit", SystemClock(), patience_s=0.01)
    with pytest.raises(StoreUnavailable, match="is being made") as put_off:
        await early.search(Query(), limit=5)
    assert "reload" in put_off.value.hint

    state = StateReader(tmp_path)
    async with state.running():
        found = await state.audit.search(Query(status="completed"), limit=100)
        pair = await state.audit.pair(0)
        with pytest.raises(NotFound):
            await state.audit.pair(10_000)

    assert len(found) == 40
    assert [one["seq"] for one in pair.outcomes] == [1]


async def test_a_run_whose_owner_died_is_paused_and_not_running(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    database = SqliteDatabase(path)
    load(database)
    await anyio.run_process([sys.executable, "-c", OWNER_THAT_DIES, str(path)])
    resolving.set_state(database, 1, "running", only_from=frozenset({"paused"}))
    reader = RunsReader("sqlite", tmp_path, clock=SystemClock())

    stored = await reader.find("callbacks")

    assert stored is not None
    assert (stored.run.state, stored.run.owners) == ("paused", 0)
    await reader.aclose()
    database.close()


async def test_a_ledger_that_appears_or_is_replaced_is_the_one_that_is_read(tmp_path: Path) -> None:
    reader = RunsReader("sqlite", tmp_path, clock=SystemClock())
    assert await reader.newest(limit=5) == ()
    assert await reader.find("callbacks") is None

    found = []
    for name in ("first", "second"):
        database = SqliteDatabase(tmp_path / "ledger.db")
        load(database, name)
        database.close()
        found += [stored.run.spec.name for stored in await reader.newest(limit=5)]
        put_aside(tmp_path, name)

    assert found == ["first", "second"]
    await reader.aclose()


async def test_a_ledger_in_postgresql_is_read_as_one_in_the_folder_is(
    postgres: Any, tmp_path: Path
) -> None:
    database = PostgresDatabase(postgres.url)
    await anyio.to_thread.run_sync(load, database, "far")
    database.close()
    reader = RunsReader(postgres.url, tmp_path, clock=SystemClock())

    stored = await reader.find("far")

    assert stored is not None
    items = await reader.items(stored, after=0, limit=5, only=None)
    assert [item.seq for item in items] == [1, 2]
    assert await reader.items(stored, after=0, limit=5, only="failed") == []
    assert (await reader.course(stored)).samples == ()
    assert not any([entry async for entry in anyio.Path(tmp_path).iterdir()])
    await reader.aclose()
