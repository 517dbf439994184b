from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tieline.calls.breaker import FEWEST_FAILURES, Breaker
from tieline.observe.metrics import MOST_RUNS, MOST_TARGETS, OTHER, Metrics


def test_cache_hits_take_no_part_in_success_rate_or_latency() -> None:
    metrics = Metrics()
    for status in ("completed", "completed", "completed", "failed"):
        metrics.invocation("function", "f", status, seconds=0.2)
    for _ in range(100):
        metrics.cache_hit("function", "f")
    (summary,) = metrics.summaries()
    assert (summary.executed, summary.cached, summary.success_rate) == (4, 100, 0.75)
    assert summary.by_status == {"completed": 3, "failed": 1}
    assert summary.mean_ms == pytest.approx(200)


def test_a_target_only_served_from_the_cache_has_no_rate() -> None:
    metrics = Metrics()
    metrics.cache_hit("action", "a")
    (summary,) = metrics.summaries()
    assert summary.to_json() == {
        "kind": "action", "target": "a", "executed": 0, "cached": 1, "by_status": {},
        "success_rate": None, "mean_ms": None, "p50_ms": None, "p95_ms": None, "p99_ms": None,
    }  # fmt: skip


def test_more_targets_than_the_registry_holds_share_one_name() -> None:
    metrics = Metrics()
    for number in range(MOST_TARGETS + 50):
        metrics.invocation("flow", f"flow-{number}", "completed", seconds=0.1)
    metrics.invocation("flow", "flow-0", "failed", seconds=0.1)
    summaries = {summary.target: summary for summary in metrics.summaries()}
    assert len(summaries) == MOST_TARGETS + 1
    assert summaries[OTHER].executed == 50
    assert summaries["flow-0"].executed == 2


def test_the_busiest_target_comes_first() -> None:
    metrics = Metrics()
    metrics.invocation("flow", "calm", "completed", seconds=0.1)
    for _ in range(2):
        metrics.invocation("flow", "busy", "completed", seconds=0.1)
    assert [summary.target for summary in metrics.summaries()] == ["busy", "calm"]


def test_the_export_is_openmetrics_that_another_parser_reads() -> None:
    metrics = Metrics()
    metrics.invocation("flow", 'a "quoted"\nname', "completed", seconds=0.3)
    metrics.cache_hit("flow", "f")
    metrics.request("flows.launch", 429, seconds=0.01)
    metrics.request("flows.launch", "timeout", seconds=5)
    metrics.retry("flows.launch", "rate_limited")
    metrics.limiter_wait("client", seconds=2)
    families = {f.name: f for f in text_string_to_metric_families(metrics.openmetrics())}
    assert set(families) == {
        "tieline_invocations", "tieline_invocation_seconds", "tieline_cache_hits",
        "tieline_http_requests", "tieline_http_seconds", "tieline_http_retries",
        "tieline_limiter_wait_seconds", "tieline_breaker_state", "tieline_run_items",
    }  # fmt: skip
    samples = {
        (s.name, tuple(sorted(s.labels.items()))): s.value
        for f in families.values()
        for s in f.samples
    }
    assert samples[
        "tieline_http_requests_total", (("operation", "flows.launch"), ("result", "429"))
    ] == pytest.approx(1)
    assert samples[
        "tieline_invocation_seconds_sum", (("kind", "flow"), ("target", 'a "quoted"\nname'))
    ] == pytest.approx(0.3)


def test_an_empty_registry_still_names_its_families() -> None:
    assert "# TYPE tieline_invocations counter" in Metrics().openmetrics()


def test_a_hundred_thousand_targets_make_a_bounded_export() -> None:
    metrics = Metrics()
    for number in range(100_000):
        metrics.invocation("flow", f"flow-{number}", "completed", seconds=0.01)
        metrics.cache_hit("function", f"function-{number}")
    metrics.show_runs({f"run-{number}": {"done": number} for number in range(100_000)})

    families = list(text_string_to_metric_families(metrics.openmetrics()))
    targets = {s.labels["target"] for f in families for s in f.samples if "target" in s.labels}
    runs = {s.labels["run"] for f in families for s in f.samples if "run" in s.labels}
    assert len(targets) <= MOST_TARGETS + 1
    assert len(runs) == MOST_RUNS
    assert sum(one.executed + one.cached for one in metrics.summaries()) == 200_000


def test_runs_that_are_shown_no_longer_leave_the_export() -> None:
    metrics = Metrics()

    metrics.show_runs({"older": {"done": 1}})
    metrics.show_runs({"newer": {"done": 2}})

    assert 'run="newer"' in metrics.openmetrics()
    assert 'run="older"' not in metrics.openmetrics()


def test_a_breakers_state_is_looked_up_when_it_is_asked_for() -> None:
    breaker, metrics = Breaker(), Metrics()
    metrics.watch_breaker("client-1", lambda: breaker.state)
    for _ in range(FEWEST_FAILURES):
        breaker.failed(1.0)

    text = metrics.openmetrics()
    assert 'tieline_breaker_state{client="client-1",state="open"} 1' in text
    assert 'tieline_breaker_state{client="client-1",state="closed"} 0' in text


def test_threads_lose_no_count() -> None:
    metrics = Metrics()

    def work(_: int) -> None:
        for _ in range(500):
            metrics.invocation("flow", "f", "completed", seconds=0.01)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert metrics.summaries()[0].executed == 4000
