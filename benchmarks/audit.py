"""The audit log beside one fsync a record: SQLite in FULL mode, and logging's FileHandler.

python benchmarks/audit.py [--quick]
"""

import asyncio
import json
import logging
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import audit_share
from tieline.audit.line import record_body
from tieline.audit.masking import Masker
from tieline.audit.query import Query
from tieline.audit.record import Record
from tieline.store.segments import SegmentLog
from tieline.store.segments.index import search
from tieline.store.segments.opening import open_log
from tieline.store.segments.verify import verify_log

RESULTS = Path(__file__).parent / "results" / "audit.json"
SHARE_RESULTS = RESULTS.with_name("audit-share.json")
QUICK = "--quick" in sys.argv
SINGLE = 500 if QUICK else 3_000
TASKS, EACH = 64, 200 if QUICK else 2_000
BULK = 50_000 if QUICK else 1_000_000

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
VALUE = {"Flow.customerId": "10024", "Flow.reason": "callback", "Flow.vip": True}


def record(number: int) -> Record:
    """What a launch leaves behind; every hundredth failed."""
    return Record(
        "outcome",
        "flows.launch",
        target_kind="flow",
        target_id=FLOW,
        dialect="platform",
        profile="default",
        actor="tieline-demo",
        intent_id=f"6241ce5653df9c40:{number}",
        status="failed" if number % 100 == 0 else "completed",
        masked_input=VALUE,
        attempts=1,
        latency_ms=41.7,
        correlation_id=f"c-{number:08d}",
        execution_id=f"e-{number:08d}",
    )


def sqlite_each(folder: Path) -> float:
    """Records a second, one commit each."""
    db = sqlite3.connect(folder / "peer.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, line BLOB)")
    body = record_body(record(1), code_version="1")
    began = time.perf_counter()
    for _ in range(SINGLE):
        db.execute("INSERT INTO log (line) VALUES (?)", (body,))
    rate = SINGLE / (time.perf_counter() - began)
    db.close()
    return rate


def logging_each(folder: Path) -> float:
    """Records a second through logging.FileHandler, flushed and synced each."""
    handler = logging.FileHandler(folder / "peer.log")
    body = record_body(record(1), code_version="1").decode()
    line = logging.LogRecord("audit", logging.INFO, "", 0, body, None, None)
    began = time.perf_counter()
    for _ in range(SINGLE):
        handler.emit(line)
        os.fsync(handler.stream.fileno())
    rate = SINGLE / (time.perf_counter() - began)
    handler.close()
    return rate


async def tasks(folder: Path, count: int, each: int) -> tuple[float, float]:
    """Records a second, and µs of CPU a record, with so many tasks that each wait for theirs."""
    one = record(1)
    async with await SegmentLog.open(folder) as log:

        async def write() -> None:
            for _ in range(each):
                await log.append(one)

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(write() for _ in range(count)))
        rate = count * each / (time.perf_counter() - began)
        return rate, (time.process_time() - cpu) / (count * each) * 1e6


def bulk(folder: Path) -> float:
    """Records a second, appended 4,096 at a time, hashed into the tree and signed.

    As with the peers, what is written stands ready: making the records is not measured.
    """
    opened = open_log(folder)
    spent = 0.0
    for start in range(0, BULK, 4096):
        size = min(4096, BULK - start)
        bodies = [record_body(record(start + n), code_version="1") for n in range(size)]
        began = time.perf_counter()
        while bodies:
            bodies = bodies[len(opened.writer.append(bodies, wall=1.7e9 + start / 1000)) :]
        opened.checkpointer.sign(opened.writer.end, wall=1.7e9 + start / 1000)
        spent += time.perf_counter() - began
    opened.close()
    return BULK / spent


def cpu_seconds(work: Callable[[], object]) -> float:
    """Seconds of one core, the best of three: what others do on the machine does not count."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def timed(work: Callable[[], object]) -> float:
    """Seconds, the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def search_ms(folder: Path) -> tuple[float, float]:
    """Seconds to index the whole log, and the slowest of five searches in milliseconds."""
    log = json.loads((folder / "log.json").read_text())["log"]
    began = time.perf_counter()
    list(search(folder, log, Query(id="nothing"), limit=1))
    indexed = time.perf_counter() - began
    queries = (
        Query(id=f"c-{BULK // 2:08d}"),
        Query(target=FLOW, status="failed"),
        Query(fields={"masked_input.Flow.customerId": "10024"}),
        Query(status="uncertain"),
        Query(since="2023-11-14T22:13:30.000Z", until="2023-11-14T22:13:40.000Z"),
    )
    slowest = max(timed(lambda q=q: list(search(folder, log, q, limit=100))) for q in queries)
    return indexed, slowest * 1000


def masking_us() -> float:
    """Microseconds to mask a launch's input and fingerprint it."""
    masker = Masker(b"k" * 32)
    return timed(lambda: [masker.mask(VALUE) for _ in range(2000)]) / 2000 * 1e6


def main() -> None:
    """Measure, print, keep."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        peer, peer_log = sqlite_each(folder), logging_each(folder)
        one, _ = asyncio.run(tasks(folder / "one", 1, SINGLE))
        many, cpu = asyncio.run(tasks(folder / "many", TASKS, EACH))
        mass = bulk(folder / "bulk")
        verified = BULK / cpu_seconds(lambda: verify_log(folder / "bulk"))
        indexed, found = search_ms(folder / "bulk")
    rows: list[list[object]] = [
        ["SQLite, FULL, one commit a record", round(peer), 1.0],
        ["logging.FileHandler, fsync a record", round(peer_log), round(peer_log / peer, 1)],
        ["audit log, 1 task", round(one), round(one / peer, 1)],
        [f"audit log, {TASKS} tasks", round(many), round(many / peer, 1)],
        ["audit log, bulk, hashed and signed", round(mass), round(mass / peer, 1)],
        ["verify, one core", round(verified), round(verified / peer, 1)],
    ]
    notes = {
        "cpu_us_a_record_64_tasks": round(cpu, 1),
        "mask_us": round(masking_us(), 1),
        "index_records_a_second": round(BULK / indexed),
        "slowest_search_ms": round(found, 1),
        "records_searched": BULK,
    }
    columns = ["what", "records/s", "to SQLite"]
    for row in [columns, *rows]:
        print(f"{row[0]!s:<40}{row[1]!s:>12}{row[2]!s:>12}")
    print(json.dumps(notes, indent=1))
    document = {"title": "Audit log", "columns": columns, "rows": rows, "notes": notes}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=1) + "\n")
    share_of_an_invocation()


def share_of_an_invocation() -> None:
    """What the log costs whole invocations, at 50 and at 1 at once."""
    share = audit_share.measure(
        rounds=2 if QUICK else 8, calls={50: 1_000 if QUICK else 4_000, 1: 200 if QUICK else 800}
    )
    print(" | ".join(share["columns"]))
    for at_once, on, off, percent in share["rows"]:
        print(f"{at_once:>13} | {on:20} | {off:11} | {percent:18}")
    SHARE_RESULTS.write_text(json.dumps(share, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
