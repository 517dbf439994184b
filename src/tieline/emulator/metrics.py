"""`/metrics`: what was asked of the emulator and how executions stand, for a scrape."""

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition

from tieline.emulator.journal import Journal
from tieline.emulator.world import World

_NO_OPERATION = "none"
_NO_ANSWER = "none"


def openmetrics(journal: Journal, world: World) -> bytes:
    """The numbers as OpenMetrics text. Executions are counted anew, all of them."""
    registry = CollectorRegistry()
    registry.register(_Numbers(journal, world))
    text: bytes = exposition.generate_latest(registry)  # type: ignore[no-untyped-call]  # theirs
    return text


class _Numbers:
    def __init__(self, journal: Journal, world: World) -> None:
        self._journal = journal
        self._world = world

    def collect(self) -> Iterator[Metric]:
        """Every family, empty ones included."""
        requests: Counter[tuple[str, ...]] = Counter()
        faults: Counter[tuple[str, ...]] = Counter()
        duplicates: Counter[tuple[str, ...]] = Counter()
        for kind, count in self._journal.tally.items():
            operation = kind.operation or _NO_OPERATION
            requests[operation, kind.dialect, str(kind.status or _NO_ANSWER)] += count
            if kind.fault is not None:
                faults[(kind.fault,)] += count
            if kind.duplicate:
                duplicates[(operation,)] += count
        yield _counter(
            "tieline_emulator_requests",
            "Requests by operation, dialect and status.",
            ("operation", "dialect", "status"),
            requests,
        )
        yield _counter("tieline_emulator_faults", "Faults played.", ("fault",), faults)
        yield _counter(
            "tieline_emulator_duplicate_effects",
            "Requests whose effect an equal one had before.",
            ("operation",),
            duplicates,
        )
        yield _counter(
            "tieline_emulator_sandbox_runs",
            "Runs of functions' code, and why they ended.",
            ("runtime", "tier", "status", "reason"),
            self._world.code.ended,
        )
        family = GaugeMetricFamily(
            "tieline_emulator_executions", "Executions by state.", labels=("kind", "state")
        )
        for key, count in sorted(Counter(_standings(self._world)).items()):
            family.add_metric(key, count)
        yield family


def _standings(world: World) -> Iterable[tuple[str, str]]:
    now = world.clock.now()
    for kind, area, executions in (
        ("flow", world.flows, world.flows.executions),
        ("action", world.invocations, world.invocations.invocations),
        ("function", world.custom_code, world.custom_code.executions),
    ):
        for execution in executions:
            yield kind, area.standing(execution, now=now).status.lower()


def _counter(
    name: str, about: str, labels: tuple[str, ...], values: Counter[tuple[str, ...]]
) -> Metric:
    family = CounterMetricFamily(name, about, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family
