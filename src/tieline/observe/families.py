"""The registry's numbers as Prometheus metric families, under the names people chart."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric

from tieline.observe.histogram import BOUNDS_SECONDS, Histogram

Counts = Mapping[tuple[str, ...], int]
Histograms = Mapping[tuple[str, ...], Histogram]


def families(
    *,
    invocations: Counts,
    invocation_seconds: Histograms,
    cached: Counts,
    requests: Counts,
    request_seconds: Histograms,
    retries: Counts,
    limiter_waits: Histograms,
    breakers: Counts,
    runs: Counts,
) -> Iterator[Metric]:
    """Every family, empty ones included: a dashboard should see a name before its first event."""
    target = ("kind", "target")
    yield _counter(
        "tieline_invocations",
        "Executed invocations by target and how they ended.",
        (*target, "status"),
        invocations,
    )
    yield _histogram(
        "tieline_invocation_seconds",
        "From the call to its outcome, executed invocations only.",
        target,
        invocation_seconds,
    )
    yield _counter("tieline_cache_hits", "Answers given from the result cache.", target, cached)
    yield _counter(
        "tieline_http_requests",
        "Requests written, by operation and HTTP status.",
        ("operation", "result"),
        requests,
    )
    yield _histogram(
        "tieline_http_seconds",
        "From writing a request to the end of its answer.",
        ("operation",),
        request_seconds,
    )
    yield _counter(
        "tieline_http_retries", "Requests repeated, and why.", ("operation", "reason"), retries
    )
    yield _histogram(
        "tieline_limiter_wait_seconds",
        "Time a call waited for the shared rate limit.",
        ("client",),
        limiter_waits,
    )
    yield _gauge(
        "tieline_breaker_state",
        "1 for the state a client's circuit breaker is in, 0 for the others.",
        ("client", "state"),
        breakers,
    )
    yield _gauge("tieline_run_items", "Items of the newest runs by state.", ("run", "state"), runs)


def _gauge(name: str, about: str, labels: tuple[str, ...], values: Counts) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _counter(name: str, about: str, labels: tuple[str, ...], values: Counts) -> Metric:
    family = CounterMetricFamily(name, about, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _histogram(name: str, about: str, labels: tuple[str, ...], values: Histograms) -> Metric:
    family = HistogramMetricFamily(name, about, labels=labels)
    for key, histogram in values.items():
        family.add_metric(key, buckets=_cumulative(histogram), sum_value=histogram.sum)
    return family


def _cumulative(histogram: Histogram) -> list[tuple[str, float]]:
    buckets: list[tuple[str, float]] = []
    total = 0
    for bound, count in zip((*map(str, BOUNDS_SECONDS), "+Inf"), histogram.counts, strict=True):
        total += count
        buckets.append((bound, total))
    return buckets
