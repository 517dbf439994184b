"""Metrics of what commands did: each is a process of its own, so they are counted from the log."""

from pathlib import Path
from typing import Any

from tieline.observe.activity import Activity
from tieline.observe.metrics import Metrics
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
    return activity.metrics


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
