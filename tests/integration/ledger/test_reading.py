"""What those see who only look; what is common to both databases runs on both."""

import sqlite3
from pathlib import Path

import pytest

from tieline.errors import StoreUnavailable
from tieline.runs.item import Change, NewItem
from tieline.runs.run import RunSpec
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Limit, Share
from tieline.store.ledger.database import Database
from tieline.store.ledger.exchange import exchange
from tieline.store.ledger.loading import Loading
from tieline.store.ledger.migrate import migrations
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.ledger.sqlite_reader import SqliteReader


def begin(database: Database, items: int) -> Share:
    given = [NewItem(line=n, text=f'{{"n":{n}}}') for n in range(1, items + 1)]
    spec = RunSpec(kind="flow", target_id="f", name="callbacks")
    loading.load(database, Loading("r1", spec, lambda: "abc", chunk_items=10), given)
    run = reading.find(database, "r1").no
    owner = owners.enlist(database, run, "driver")
    assert owner is not None
    resolving.set_state(database, run, "running", only_from=frozenset({"paused"}))
    return Share(run, "r1", owner, limits=(Limit("client", per_minute=1000),))


def test_failed_items_are_paged_over_their_own_index(database: Database) -> None:
    share = begin(database, 30)
    claims = exchange(database, share, [], slots=30).claims
    changes = [Change(c.seq, "failed" if c.seq % 3 == 0 else "done") for c in claims]
    exchange(database, share, changes, slots=0)
    stored = reading.find(database, "r1")

    first = reading.page(database, stored, after=0, limit=6, only="failed")
    second = reading.page(database, stored, after=first[-1].seq, limit=6, only="failed")

    assert [item.seq for item in (*first, *second)] == list(range(3, 31, 3))
    assert reading.page(database, stored, after=0, limit=6, only="uncertain") == []


def test_no_page_of_items_reads_a_run_through(tmp_path: Path) -> None:
    SqliteDatabase(tmp_path / "ledger.db").close()
    with sqlite3.connect(tmp_path / "ledger.db") as raw:
        for state in ("failed", "uncertain"):
            plan = raw.execute(
                f"EXPLAIN QUERY PLAN SELECT seq FROM items INDEXED BY items_{state}"  # noqa: S608
                f" WHERE run = 1 AND state = '{state}' AND seq > 5 ORDER BY seq LIMIT 50"
            ).fetchall()
            assert "SCAN" not in str(plan)
            assert "TEMP B-TREE" not in str(plan)


def test_the_course_of_a_run_ends_with_its_end(database: Database) -> None:
    share = begin(database, 4)
    claims = exchange(database, share, [], slots=4).claims
    changes = [Change(c.seq, "failed" if c.seq == 1 else "done") for c in claims]
    exchange(database, share, changes, slots=0)

    course = reading.course_of(database, reading.find(database, "r1"))

    assert [(one.done, one.failed) for one in course.samples] == [(0, 0), (3, 1)]


def test_limits_are_seen_with_the_clock_they_are_kept_by(database: Database) -> None:
    share = begin(database, 4)
    exchange(database, share, [], slots=4)

    (known,) = reading.limits(database)

    assert (known.key, known.window.capacity) == ("client", 1000)
    assert sum(count for _, count in known.window.log) == 4
    assert known.now is not None


def test_an_owner_that_lives_is_counted_and_one_that_left_is_not(database: Database) -> None:
    share = begin(database, 1)

    assert reading.find(database, "r1").run.owners == 1
    owners.retire(database, share.run, share.owner)
    assert reading.find(database, "r1").run.owners == 0


def test_waiting_events_are_counted_no_further_than_asked(database: Database) -> None:
    share = begin(database, 1)
    claims = exchange(database, share, [], slots=1).claims
    exchange(database, share, [Change(claims[0].seq, "done")], slots=0)

    assert reading.waiting_events(database, most=5) == 1
    assert reading.waiting_events(database, most=0) == 0


def test_a_reader_makes_nothing_changes_nothing_and_keeps_no_writer_waiting(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with pytest.raises(StoreUnavailable):
        SqliteReader(path)
    assert not path.exists()

    writer = SqliteDatabase(path, patience_s=0.1)
    share = begin(writer, 3)
    reader = SqliteReader(path)
    with reader.transaction() as session:
        before = session.rows("find_run", key="r1")
        exchange(writer, share, [], slots=3)  # would wait, and fail, if the reader locked
        assert session.rows("find_run", key="r1") == before
    assert reading.find(reader, "r1").run.counts.sent == 3
    with pytest.raises(StoreUnavailable), reader.transaction() as session:
        session.rows("set_pace", run=1, pace="[]")
    reader.close()
    writer.close()


@pytest.mark.parametrize(("version", "said"), [(1, "older version"), (99, "has schema 99")])
def test_a_ledger_of_another_version_is_not_read_and_not_touched(
    tmp_path: Path, version: int, said: str
) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as raw:
        for step in migrations("sqlite")[:1]:
            raw.executescript(step.sql)
        raw.execute(f"PRAGMA user_version={version}")
    before = path.read_bytes()

    with pytest.raises(StoreUnavailable, match=said):
        SqliteReader(path)

    assert path.read_bytes() == before


def test_a_ledger_of_the_version_before_is_brought_up_to_date_and_keeps_its_runs(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as raw:
        raw.executescript(migrations("sqlite")[0].sql)
        raw.execute("PRAGMA user_version=1")
        raw.execute(
            "INSERT INTO runs (run_id, name, spec, state, chunk_size, created_at) VALUES"
            """ ('r0', 'old', '{"kind":"flow","target_id":"f","name":"old"}', 'paused', 10, 1.0)"""
        )

    database = SqliteDatabase(path)

    stored = reading.find(database, "old")
    assert reading.course_of(database, stored).samples == ()
    database.close()
