"""Numbers about what Tieline did: fixed names, a bounded number of series, one lock.

Services and the http shell report here; nothing in here calls back. prometheus-client renders the
export and is loaded for it alone.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, get_args

from tieline.calls.breaker import State as BreakerState
from tieline.invocations.outcome import Status
from tieline.observe.histogram import Histogram
from tieline.types import TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

# A run over ever-changing ids must not grow the registry without end; the rest share one name.
MOST_TARGETS = 1000
# The newest runs of a ledger; older ones stand still.
MOST_RUNS = 20
OTHER = "other"


@dataclass(frozen=True, slots=True)
class InvocationSummary:
    """What happened to one target. Cache hits are apart: they executed nothing."""

    kind: str
    target: str
    executed: int
    cached: int
    by_status: dict[str, int]
    success_rate: float | None  # completed / executed; None when nothing was executed
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None

    def to_json(self) -> dict[str, Any]:
        """The document of `--json`."""
        return asdict(self)


class Metrics:
    """One process's registry. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._invocations: Counter[tuple[str, ...]] = Counter()  # kind, target, status
        self._invocation_seconds: dict[tuple[str, ...], Histogram] = {}  # kind, target
        self._cached: Counter[tuple[str, ...]] = Counter()  # kind, target
        self._requests: Counter[tuple[str, ...]] = Counter()  # operation, result
        self._request_seconds: dict[tuple[str, ...], Histogram] = {}  # operation
        self._retries: Counter[tuple[str, ...]] = Counter()  # operation, reason
        self._waits: dict[tuple[str, ...], Histogram] = {}  # client
        self._breakers: dict[str, Callable[[], str]] = {}  # client
        self._runs: dict[tuple[str, ...], int] = {}  # run, state

    def invocation(self, kind: TargetKind, target: str, status: Status, *, seconds: float) -> None:
        """Count one executed invocation, its duration from the call to the outcome."""
        with self._lock:
            key = self._bounded(kind, target)
            self._invocations[(*key, status)] += 1
            self._invocation_seconds[key].observe(seconds)

    def cache_hit(self, kind: TargetKind, target: str) -> None:
        """Count an answer from the cache; it is no execution and takes no part in latency."""
        with self._lock:
            self._cached[self._bounded(kind, target)] += 1

    def request(self, operation: str, result: int | str, *, seconds: float) -> None:
        """Count one written request by HTTP status, or by a word (`timeout`) where none came."""
        with self._lock:
            self._requests[operation, str(result)] += 1
            self._request_seconds.setdefault((operation,), Histogram()).observe(seconds)

    def retry(self, operation: str, reason: str) -> None:
        """Count a repeat; `reason` is a word of `calls/retry.py`, never free text."""
        with self._lock:
            self._retries[operation, reason] += 1

    def limiter_wait(self, client: str, *, seconds: float) -> None:
        """Count the time a call waited for the shared rate limit of one OAuth client."""
        with self._lock:
            self._waits.setdefault((client,), Histogram()).observe(seconds)

    def watch_breaker(self, client: str, state: Callable[[], str]) -> None:
        """Show the state of a client's circuit breaker, looked up at each export."""
        with self._lock:
            self._breakers[client] = state

    def show_runs(self, runs: Mapping[str, Mapping[str, int]]) -> None:
        """Show these runs' items by state, and no others; the first `MOST_RUNS` of them."""
        shown = list(runs.items())[:MOST_RUNS]
        with self._lock:
            self._runs = {
                (run, state): count for run, items in shown for state, count in items.items()
            }

    def summaries(self) -> list[InvocationSummary]:
        """One entry a target, most executed first."""
        with self._lock:
            keys = self._invocation_seconds.keys() | self._cached.keys()
            found = [self._summary(*key) for key in keys]
        return sorted(found, key=lambda s: (-s.executed, s.kind, s.target))

    def openmetrics(self) -> str:
        """The whole registry in OpenMetrics text, for a scrape or a file."""
        from prometheus_client import CollectorRegistry  # noqa: PLC0415  # only for the export
        from prometheus_client.openmetrics import exposition  # noqa: PLC0415  # only for the export

        registry = CollectorRegistry()
        registry.register(self)
        text: bytes = exposition.generate_latest(registry)  # type: ignore[no-untyped-call]  # theirs
        return text.decode()

    def collect(self) -> "Iterator[Metric]":
        """Metric families, so that an application can register this with its own Prometheus."""
        from tieline.observe.families import families  # noqa: PLC0415  # loads prometheus-client

        with self._lock:
            found = list(
                families(
                    invocations=self._invocations,
                    invocation_seconds=self._invocation_seconds,
                    cached=self._cached,
                    requests=self._requests,
                    request_seconds=self._request_seconds,
                    retries=self._retries,
                    limiter_waits=self._waits,
                    breakers={
                        (client, state): int(look() == state)
                        for client, look in self._breakers.items()
                        for state in get_args(BreakerState)
                    },
                    runs=self._runs,
                )
            )
        yield from found

    def _bounded(self, kind: TargetKind, target: str) -> tuple[str, ...]:
        key: tuple[str, ...] = (kind, target)
        if key not in self._invocation_seconds:
            if len(self._invocation_seconds) >= MOST_TARGETS:
                key = (kind, OTHER)
            self._invocation_seconds.setdefault(key, Histogram())
        return key

    def _summary(self, kind: str, target: str) -> InvocationSummary:
        durations = self._invocation_seconds[kind, target]
        by_status = {
            status: n for (k, t, status), n in self._invocations.items() if (k, t) == (kind, target)
        }
        executed = durations.count
        completed = by_status.get("completed", 0)
        return InvocationSummary(
            kind=kind,
            target=target,
            executed=executed,
            cached=self._cached[kind, target],
            by_status=by_status,
            success_rate=completed / executed if executed else None,
            mean_ms=_ms(durations.mean()),
            p50_ms=_ms(durations.quantile(0.50)),
            p95_ms=_ms(durations.quantile(0.95)),
            p99_ms=_ms(durations.quantile(0.99)),
        )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
