"""The shared limit against a model of the platform: fixed one-minute windows of unknown phase."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.calls.limiter import (
    PERIOD_SECONDS,
    SMALLEST_CAPACITY,
    Window,
    declared_limit,
    refused,
    reserve,
)

LIMIT_BODY = {"limit": {"key": "client.credentials.token.rate.per.minute", "value": 300}}


def admitted(window: Window, askings: list[float]) -> list[float]:
    """When each of those who ask (at sorted times) may go."""
    times = []
    for now in askings:
        window, wait = reserve(window, now, within=1e9)
        times.append(now + wait)
    return times


@given(
    st.integers(1, 40),
    st.lists(st.floats(0.0, 20.0), max_size=120),
)
def test_no_span_of_a_period_holds_more_calls_than_the_capacity(
    capacity: int, gaps: list[float]
) -> None:
    askings = list(itertools.accumulate(gaps))

    times = admitted(Window(capacity=capacity, declared=True), askings)

    assert times == sorted(times)
    for first, beyond in zip(times, times[capacity:], strict=False):
        assert beyond - first >= PERIOD_SECONDS - 1e-6


def test_without_a_known_limit_nobody_waits() -> None:
    times = admitted(Window(), [0.0] * 5000)

    assert set(times) == {0.0}


@settings(max_examples=20)
@given(st.floats(0.0, 60.0), st.lists(st.floats(0.0, 0.25), min_size=50, max_size=50))
def test_a_fixed_window_of_any_phase_sees_no_call_too_many_and_the_loss_is_below_one_percent(
    phase: float, latencies: list[float]
) -> None:
    calls = 3000
    times = admitted(Window(capacity=300, declared=True), [0.0] * calls)

    seen: dict[float, int] = {}
    for at, latency in zip(times, itertools.cycle(latencies), strict=False):
        minute = (at + latency - phase) // 60.0
        seen[minute] = seen.get(minute, 0) + 1
    assert max(seen.values()) <= 300
    assert times[-1] <= 540.0 / 0.99


def test_the_state_stays_small() -> None:
    window = Window(capacity=100_000, declared=True)
    for step in range(20_000):
        window, _ = reserve(window, step * 0.01, within=1e9)

    assert len(window.log) <= 310


def test_a_wait_longer_than_allowed_takes_no_place() -> None:
    window, _ = reserve(Window(capacity=1, declared=True), 0.0, within=1e9)

    after, wait = reserve(window, 0.0, within=5.0)

    assert wait > 5.0
    assert after.log == window.log


def test_a_429_closes_the_window_for_all_until_the_time_it_names() -> None:
    window = refused(Window(), 100.0, retry_after=42.0, body=None)

    assert reserve(window, 100.0, within=1e9)[1] == pytest.approx(42.0)
    assert reserve(window, 141.0, within=1e9)[1] == pytest.approx(1.0)


def test_a_shorter_later_answer_does_not_open_it_earlier() -> None:
    window = refused(Window(), 100.0, retry_after=42.0, body=None)
    window = refused(window, 101.0, retry_after=1.0, body=None)

    assert reserve(window, 101.0, within=1e9)[1] == pytest.approx(41.0)


def test_a_limit_that_a_429_names_is_learned() -> None:
    window = refused(Window(), 0.0, retry_after=1.0, body=LIMIT_BODY)

    assert (window.capacity, window.declared) == (300, True)


def test_without_a_named_limit_what_went_through_is_learned() -> None:
    window = Window()
    for _ in range(51):
        window, _ = reserve(window, 0.0, within=1e9)

    window = refused(window, 1.0, retry_after=30.0, body=None)

    assert window.capacity == 50


def test_a_burst_of_429s_does_not_drive_the_learned_capacity_to_nothing() -> None:
    window = Window()
    for _ in range(300):
        window, _ = reserve(window, 0.0, within=1e9)
    for _ in range(100):
        window = refused(window, 1.0, retry_after=30.0, body=None)

    assert window.capacity == 299


def test_a_daily_quota_teaches_nothing_about_a_minute() -> None:
    window, _ = reserve(Window(), 0.0, within=1e9)

    assert refused(window, 1.0, retry_after=7200.0, body=None).capacity is None


def test_a_counted_capacity_grows_again_when_it_is_used_up_without_a_429() -> None:
    window = refused(Window(), 0.0, retry_after=0.0, body=None)
    assert window.capacity == SMALLEST_CAPACITY

    now = 0.0
    for _ in range(100):
        window, wait = reserve(window, now, within=1e9)
        now += wait

    assert window.capacity is not None
    assert window.capacity > SMALLEST_CAPACITY


def test_a_named_capacity_does_not_grow() -> None:
    window, now = Window(capacity=10, declared=True), 0.0
    for _ in range(100):
        window, wait = reserve(window, now, within=1e9)
        now += wait

    assert window.capacity == 10


@given(st.floats(2.0, 1e9), st.floats(0.0, 30.0))
def test_a_clock_that_jumps_back_makes_nobody_wait_longer(back: float, told: float) -> None:
    window, _ = reserve(Window(capacity=1, declared=True), 2e9, within=1e9)
    window = refused(window, 2e9, retry_after=told, body=None)
    expected = reserve(window, 2e9, within=1e9)[1]

    assert reserve(window, 2e9 - back, within=1e9)[1] == pytest.approx(expected, abs=1e-5)


def test_the_state_survives_being_stored() -> None:
    window = Window(capacity=5, declared=True)
    for now in (0.0, 1.0, 2.0):
        window, _ = reserve(window, now, within=1e9)
    window = refused(window, 3.0, retry_after=9.0, body=None)

    assert Window.from_json(json.loads(json.dumps(window.to_json()))) == window


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"limit": 300},
        {"limit": {"key": "x", "value": 300}},
        {"limit": {"key": "token.rate.per.minute", "value": "300"}},
        {"limit": {"key": "token.rate.per.minute", "value": True}},
        {"limit": {"key": "token.rate.per.minute", "value": 0}},
        {"limit": {"key": 5, "value": 300}},
    ],
)
def test_what_names_no_limit_a_minute_is_not_taken_for_one(body: object) -> None:
    assert declared_limit(body) is None
