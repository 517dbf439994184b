"""Runs: the ledger beside task queues, the shared rate limit, and ten million items.

python benchmarks/runs.py [--quick] [ledger] [rate] [memory]

What each durable store promises: the ledger and Procrastinate commit every claim and every end with
an fsync; Huey on SQLite does so with fsync=True. Dramatiq has no broker that survives its process
without a Redis or RabbitMQ server, so it is not here.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runs_fleet import fixed_windows, ideal_seconds, one_process, postgres_server
from tieline.runs.item import Change, NewItem
from tieline.runs.run import RunSpec
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Share
from tieline.store.ledger.database import Database
from tieline.store.ledger.exchange import exchange
from tieline.store.ledger.postgres_database import PostgresDatabase
from tieline.store.ledger.sqlite_database import SqliteDatabase

RESULTS = Path(__file__).parent / "results"
QUICK = "--quick" in sys.argv
PARTS = [name for name in sys.argv[1:] if not name.startswith("-")] or ["ledger", "rate", "memory"]
ITEMS = 5_000 if QUICK else 40_000
PEER_ITEMS = 300 if QUICK else 2_000
SLOTS = 64
CHUNK = 1_000
PROCESSES = 4
RATE_ITEMS = 900 if QUICK else 3_000
PER_MINUTE = 300
MANY = 200_000 if QUICK else 10_000_000
SPEC = RunSpec(kind="flow", target_id="3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11", name="benchmark")


def load(database: Database, run_id: str, count: int) -> int:
    source = (
        NewItem(n, f'{{"Flow.customerId":"cust_{n:08d}","Flow.reason":"callback"}}')
        for n in range(1, count + 1)
    )
    what = loading.Loading(run_id, SPEC, lambda: None, chunk_items=CHUNK)
    loading.load(database, what, source)
    run = reading.find(database, run_id).no
    resolving.set_state(database, run, "running", only_from=frozenset({"paused"}))
    return run


def through_the_ledger(database: Database, *, slots: int) -> float:
    """Items a second through claim, sent and done, each durable."""
    run_id = f"b{time.time_ns()}"
    run = load(database, run_id, ITEMS)
    owner = owners.enlist(database, run, "driver")
    assert owner is not None
    share = Share(run, run_id, owner)
    changes: list[Change] = []
    began = time.perf_counter()
    while True:
        latest = exchange(database, share, changes, slots=slots)
        changes = [
            Change(claim.seq, "done", status="completed", execution_id=f"e-{claim.seq:08d}")
            for claim in latest.claims
        ]
        if latest.state == "done":
            return ITEMS / (time.perf_counter() - began)


def procrastinate_each(url: str) -> float:
    """Items a second with one job an item: fetched and finished one by one, 64 at a time."""
    import procrastinate

    async def main() -> float:
        connector = procrastinate.PsycopgConnector(conninfo=url, min_size=4, max_size=8)
        app = procrastinate.App(connector=connector)

        @app.task(name="one", queue="peer")
        async def one(number: int) -> int:
            await asyncio.sleep(0)
            return number

        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            deferring = app.configure_task("one", queue="peer")
            for first in range(0, PEER_ITEMS, 500):
                last = min(first + 500, PEER_ITEMS)
                jobs: list[dict[str, Any]] = [{"number": n} for n in range(first, last)]
                await deferring.batch_defer_async(*jobs)
            began = time.perf_counter()
            await app.run_worker_async(
                queues=["peer"], wait=False, concurrency=SLOTS, install_signal_handlers=False
            )
            return PEER_ITEMS / (time.perf_counter() - began)

    return asyncio.run(main())


def huey_each(folder: Path) -> float:
    """Items a second through SqliteHuey with fsync, on its own threads."""
    from huey import SqliteHuey

    queue = SqliteHuey(filename=str(folder / "huey.db"), fsync=True)
    done = threading.Semaphore(0)

    @queue.task()
    def one(number: int) -> int:
        done.release()
        return number

    for number in range(PEER_ITEMS):
        one(number)
    consumer = queue.create_consumer(workers=2, periodic=False, check_worker_health=False)
    began = time.perf_counter()
    consumer.start()
    for _ in range(PEER_ITEMS):
        done.acquire()
    elapsed = time.perf_counter() - began
    consumer.stop(graceful=True)
    return PEER_ITEMS / elapsed


def ledger_table(folder: Path, url: str) -> dict[str, Any]:
    measured: list[tuple[str, Callable[[], float]]] = [
        ("Huey on SQLite, fsync, a task an item", lambda: huey_each(folder)),
        ("Procrastinate, a job an item", lambda: procrastinate_each(url)),
        (
            f"ledger on SQLite, {SLOTS} slots",
            lambda: through_the_ledger(SqliteDatabase(folder / "l.db"), slots=SLOTS),
        ),
        (
            f"ledger on SQLite, {CHUNK:,} slots",
            lambda: through_the_ledger(SqliteDatabase(folder / "m.db"), slots=CHUNK),
        ),
        (
            f"ledger on PostgreSQL, {SLOTS} slots",
            lambda: through_the_ledger(PostgresDatabase(url), slots=SLOTS),
        ),
        (
            f"ledger on PostgreSQL, chunks of {CHUNK:,}",
            lambda: through_the_ledger(PostgresDatabase(url), slots=CHUNK),
        ),
    ]
    rows: list[list[Any]] = []
    for name, measure in measured:
        rate = measure()
        rows.append([name, round(rate), round(rate / (rows[0][1] if rows else rate), 1)])
        show(rows[-1])
    return {
        "title": "Items a second, each claim and each end durable",
        "columns": ["what", "items/s", "to Huey"],
        "rows": rows,
    }


def rate_table(folder: Path) -> dict[str, Any]:
    """The run that the rate limit holds back, by four processes, in scaled time."""
    database = SqliteDatabase(folder / "rate.db")
    load(database, "rate", RATE_ITEMS)
    with fixed_windows(PER_MINUTE) as server:
        children = [
            subprocess.Popen(one_process(folder / "rate.db", server.port, SLOTS, PER_MINUTE))
            for _ in range(PROCESSES)
        ]
        for child in children:
            assert child.wait() == 0
        seen = server.seen()
    counts = reading.find(database, "rate").run.counts
    ideal = ideal_seconds(RATE_ITEMS, PER_MINUTE)
    row = [
        f"{PROCESSES} processes x {SLOTS} tasks, {RATE_ITEMS:,} items at {PER_MINUTE}/min",
        round(seen.seconds, 1),
        round(100 * ideal / seen.seconds, 2),
        seen.refused,
        RATE_ITEMS - counts.done,
        seen.accepted - RATE_ITEMS,
    ]
    show(row)
    return {
        "title": "Under a rate limit of fixed one-minute windows, time scaled",
        "columns": ["what", "seconds", "% of ideal", "429s", "lost", "sent twice"],
        "rows": [row],
    }


def memory_table(folder: Path) -> dict[str, Any]:
    """Resident memory of a process that loads and works on very many items."""
    path = folder / "many.db"
    script = Path(__file__).with_name("runs_many.py")
    done = subprocess.run(
        [sys.executable, str(script), str(path), str(MANY)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    row = [
        f"{MANY:,} items",
        round(told["load_per_s"]),
        round(told["rss_mb"], 1),
        round(told["show_ms"], 2),
        round(told["claim_ms"], 2),
    ]
    show(row)
    return {
        "title": "A very long run on SQLite",
        "columns": ["what", "loaded items/s", "peak memory MB", "show ms", "claim of 64 ms"],
        "rows": [row],
    }


@contextmanager
def workplace() -> Iterator[Path]:
    # On a disk, not in memory: an fsync of a tmpfs is nothing.
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent, prefix=".runs-") as name:
        yield Path(name)


def show(row: list[Any]) -> None:
    print("  ".join(str(cell) for cell in row), flush=True)


def write(name: str, table: dict[str, Any]) -> None:
    if QUICK:
        return
    load_average = os.getloadavg()[0]
    table["notes"] = {"load average": round(load_average, 1), "cores": os.cpu_count()}
    text = json.dumps(table, indent=1) + "\n"
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")


def main() -> None:
    with workplace() as folder:
        if "ledger" in PARTS:
            with postgres_server() as url:
                write("runs", ledger_table(folder, url))
        if "rate" in PARTS:
            write("runs-rate", rate_table(folder))
        if "memory" in PARTS:
            write("runs-memory", memory_table(folder))


if __name__ == "__main__":
    main()
