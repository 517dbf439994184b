"""What the dashboard shows as OpenMetrics: invocations on record, runs, audit log, webhooks."""

from collections.abc import Iterator, Sequence

import anyio.to_thread
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition

from tieline.observe.metrics import MOST_RUNS
from tieline.services.state_reading.audit import LogHead
from tieline.services.state_reading.metrics import items_by_state
from tieline.services.state_reading.reader import StateReader
from tieline.services.state_reading.verifying import Health
from tieline.store.ledger.reading import Stored
from tieline.store.outbox_reading import EndpointStanding

COUNT_TO = 100_000


async def openmetrics(state: StateReader) -> str:
    """The whole exposition.

    Raises:
        StoreUnavailable: a file of the state cannot be read.
    """
    runs = await state.runs.newest(limit=MOST_RUNS)
    head = await state.audit.head()
    endpoints = await anyio.to_thread.run_sync(lambda: state.webhooks.endpoints(most=COUNT_TO))
    numbers = state.activity.activity.metrics
    numbers.show_runs(items_by_state(runs))
    registry = CollectorRegistry()
    registry.register(numbers)
    registry.register(_Gauges([*_of_runs(runs), *_of_log(head, state.verifier.health),
                               *_of_webhooks(endpoints)]))  # fmt: skip
    text: bytes = exposition.generate_latest(registry)  # type: ignore[no-untyped-call]  # theirs
    return text.decode()


class _Gauges:
    """Families that were made already, as a registry asks for them."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Hand them over."""
        yield from self._found


def _of_runs(runs: Sequence[Stored]) -> Iterator[Metric]:
    owners = GaugeMetricFamily(
        "tieline_run_owners", "Living processes that carry a run out.", labels=("run",)
    )
    for stored in runs:
        owners.add_metric((stored.run.run_id,), stored.run.owners)
    yield owners


def _of_log(head: LogHead | None, health: Health) -> Iterator[Metric]:
    records = GaugeMetricFamily("tieline_audit_records", "Records of the audit log.")
    signed = GaugeMetricFamily("tieline_audit_signed_records", "Records the checkpoint signs.")
    problems = GaugeMetricFamily(
        "tieline_audit_problems", "What the last verification found; absent before the first."
    )
    if head is not None:
        records.add_metric((), head.records)
        signed.add_metric((), 0 if head.checkpoint is None else head.checkpoint.size)
    if health.found is not None:
        problems.add_metric((), len(health.found.problems))
    yield from (records, signed, problems)


def _of_webhooks(endpoints: Sequence[EndpointStanding]) -> Iterator[Metric]:
    deliveries = GaugeMetricFamily(
        "tieline_webhook_deliveries", "Deliveries that wait or were given up.",
        labels=("endpoint", "state"),
    )  # fmt: skip
    for one in endpoints:
        deliveries.add_metric((one.name, "pending"), one.pending)
        deliveries.add_metric((one.name, "dead"), one.dead)
    yield deliveries
