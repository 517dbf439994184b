"""Part of runs.py: load very many items in a process of its own, and look at its memory."""

import json
import resource
import statistics
import sys
import time
from pathlib import Path

from tieline.runs.item import Change, NewItem
from tieline.runs.item_text import read_item
from tieline.runs.run import RunSpec
from tieline.store.ledger import loading, owners, reading, resolving
from tieline.store.ledger.claims import Share
from tieline.store.ledger.exchange import exchange
from tieline.store.ledger.sqlite_database import SqliteDatabase


def main() -> None:
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    database = SqliteDatabase(path)
    spec = RunSpec(kind="flow", target_id="f", name="many")

    def items() -> object:
        for n in range(1, count + 1):
            text = b'{"Flow.customerId":"cust_%08d","Flow.reason":"callback"}' % n
            item = read_item(text, line=n, reference_field=None)
            assert isinstance(item, NewItem)
            yield item

    began = time.perf_counter()
    loading.load(database, loading.Loading("many", spec, lambda: None), items())
    load_per_s = count / (time.perf_counter() - began)
    run = reading.find(database, "many").no
    resolving.set_state(database, run, "running", only_from=frozenset({"paused"}))
    owner = owners.enlist(database, run, "driver")
    assert owner is not None
    claims = []
    changes: list[Change] = []
    for _ in range(200):
        began = time.perf_counter()
        latest = exchange(database, Share(run, "many", owner), changes, slots=64)
        claims.append(time.perf_counter() - began)
        changes = [Change(claim.seq, "done", status="completed") for claim in latest.claims]
    shows = []
    for _ in range(50):
        began = time.perf_counter()
        reading.find(database, "many")
        shows.append(time.perf_counter() - began)
    told = {
        "load_per_s": load_per_s,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "show_ms": 1000 * max(shows),
        "claim_ms": 1000 * statistics.median(claims),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
