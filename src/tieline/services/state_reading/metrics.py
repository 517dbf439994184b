"""Metrics of what commands did: each is a process of its own, so they are counted from the log."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from tieline.observe.activity import Activity
from tieline.observe.metrics import MOST_RUNS, Metrics
from tieline.runs.item import STATES
from tieline.store.ledger.ledger import FILE_NAME
from tieline.store.ledger.reading import Stored, list_runs
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.outbox import WebhookStore
from tieline.store.segments.prove import newest_checkpoint
from tieline.store.segments.reading import all_records


def metrics_of(state_dir: Path) -> Metrics:
    """Count the invocations on record; latency is from the call to the outcome.

    Raises:
        StoreUnavailable: the log cannot be read.
    """
    activity = Activity()
    for record in all_records(state_dir / "audit"):
        activity.take(record)
    _add_runs(activity.metrics, state_dir / FILE_NAME)
    return activity.metrics


def _add_runs(metrics: Metrics, path: Path) -> None:
    if not path.exists():
        return
    with closing(SqliteDatabase(path)) as database:
        metrics.show_runs(items_by_state(list_runs(database, limit=MOST_RUNS)))


def items_by_state(runs: Iterable[Stored]) -> dict[str, dict[str, int]]:
    """For each run how many of its items are in which state."""
    return {
        stored.run.run_id: {state: getattr(stored.run.counts, state) for state in STATES}
        for stored in runs
    }


def summary_of(state_dir: Path) -> dict[str, Any]:
    """Invocations by target, the size of the audit log, and what webhooks wait.

    Raises:
        StoreUnavailable: a file of the state cannot be read.
    """
    audit, hooks = state_dir / "audit", state_dir / "webhooks.sqlite3"
    document: dict[str, Any] = {
        "invocations": [one.to_json() for one in metrics_of(state_dir).summaries()],
        "audit": {"signed_records": 0},
        "webhooks": {"pending": 0, "dead": 0},
    }
    if (audit / "checkpoint").exists():
        document["audit"]["signed_records"] = newest_checkpoint(audit)[1].size
    if hooks.exists():
        store = WebhookStore(hooks)
        try:
            document["webhooks"] |= store.counts()
        finally:
            store.close()
    return document
