"""What a ledger does when disk, lock or server fail it."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tieline.errors import StoreUnavailable
from tieline.runs.item import Change, NewItem
from tieline.runs.run import Counts, RunSpec
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Share
from tieline.store.ledger.database import Database
from tieline.store.ledger.exchange import exchange, reconcile
from tieline.store.ledger.postgres_database import PostgresDatabase
from tieline.store.ledger.sqlite_database import SqliteDatabase

SPEC = RunSpec(kind="flow", target_id="f", name="n")


def load(database: Database, count: int, *, text: str = "{}") -> None:
    items = (NewItem(line=n, text=text) for n in range(1, count + 1))
    loading.load(database, loading.Loading("r1", SPEC, lambda: None, chunk_items=20), items)


def drive(database: Database) -> Share:
    run = reading.find(database, "r1").no
    resolving.set_state(database, run, "running", only_from=frozenset({"paused"}))
    owner = owners.enlist(database, run, "driver")
    assert owner is not None
    return Share(run, "r1", owner)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SqliteDatabase]:
    database = SqliteDatabase(tmp_path / "ledger.db")
    database._connection.execute("PRAGMA max_page_count=60")
    yield database
    database.close()


def test_a_full_disk_while_items_are_read_is_said_and_leaves_no_run(
    small_disk: SqliteDatabase,
) -> None:
    with pytest.raises(StoreUnavailable, match="full") as refused:
        load(small_disk, 5_000, text='{"x":"' + "y" * 200 + '"}')

    assert "free space" in refused.value.hint
    assert reading.list_runs(small_disk, limit=9) == []


def test_a_full_disk_at_a_claim_claims_nothing(small_disk: SqliteDatabase) -> None:
    load(small_disk, 100)
    share = drive(small_disk)
    (pages,) = small_disk._connection.execute("PRAGMA page_count").fetchone()
    small_disk._connection.execute(f"PRAGMA max_page_count={pages}")
    taken = exchange(small_disk, share, [], slots=50)
    results = [Change(claim.seq, "done", result={"text": "x" * 30_000}) for claim in taken.claims]

    with pytest.raises(StoreUnavailable, match="full"):
        exchange(small_disk, share, results, slots=50)

    assert reading.find(small_disk, "r1").run.counts == Counts(total=100, pending=50, sent=50)


def test_a_ledger_that_another_program_locks_is_said_after_a_while(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    database = SqliteDatabase(path, patience_s=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StoreUnavailable, match="locked") as refused:
        load(database, 1)

    assert "another program holds the file" in refused.value.hint
    other.close()
    load(database, 1)
    database.close()


def test_postgres_killed_in_the_middle_of_a_claim_claims_nothing_and_is_found_again(
    postgres: Any,
) -> None:
    database = PostgresDatabase(postgres.url, schema=f"t{uuid4().hex}")
    load(database, 30)
    share = drive(database)
    first = exchange(database, share, [], slots=10)

    with pytest.raises(StoreUnavailable), database.transaction() as session:  # noqa: PT012  # the claim is the statement
        session.rows("lock_run", run=share.run)
        postgres.stop("immediate")
        session.rows("beat", owner=share.owner, now=0.0)
    postgres.start()

    changes = [Change(claim.seq, "done") for claim in first.claims]
    second = exchange(database, share, changes, slots=10)
    assert [claim.seq for claim in second.claims] == list(range(11, 21))
    assert second.counts == Counts(total=30, pending=10, sent=10, done=10)
    assert reconcile(database, share, carrying=frozenset(range(11, 21))) == 0
    database.close()


def test_threads_that_claim_at_once_get_different_items(database: Database) -> None:
    load(database, 200)
    run = drive(database).run
    taken: list[int] = []
    gathered = threading.Lock()

    def work() -> None:
        owner = owners.enlist(database, run, "worker")
        assert owner is not None
        for _ in range(10):
            latest = exchange(database, Share(run, "r1", owner), [], slots=5)
            with gathered:
                taken.extend(claim.seq for claim in latest.claims)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(1, 201))
