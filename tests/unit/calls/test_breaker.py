from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.breaker import (
    FEWEST_FAILURES,
    PAUSE_SECONDS,
    PROBE_SECONDS,
    WINDOW_SECONDS,
    Breaker,
)


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(FEWEST_FAILURES):
        breaker.failed(0.0)
    assert breaker.state == "open"
    return breaker


def test_few_failures_do_not_open_it() -> None:
    breaker = Breaker()
    for _ in range(FEWEST_FAILURES - 1):
        breaker.failed(0.0)

    assert breaker.refuses(0.0) is None


def test_failures_among_many_answers_do_not_open_it() -> None:
    breaker = Breaker()
    for _ in range(100):
        breaker.succeeded(0.0)
    for _ in range(99):
        breaker.failed(0.0)

    assert breaker.state == "closed"
    breaker.failed(0.0)
    assert breaker.state == "open"


def test_failures_of_long_ago_are_forgotten() -> None:
    breaker = Breaker()
    for _ in range(FEWEST_FAILURES - 1):
        breaker.failed(0.0)
    breaker.failed(WINDOW_SECONDS + 1)

    assert breaker.state == "closed"


def test_an_open_circuit_says_how_long_it_stays_so() -> None:
    assert opened().refuses(1.0) == PAUSE_SECONDS - 1.0


def test_after_the_pause_one_probe_goes_and_its_success_closes_the_circuit() -> None:
    breaker = opened()

    assert breaker.refuses(PAUSE_SECONDS) is None
    assert breaker.refuses(PAUSE_SECONDS) is not None
    breaker.succeeded(PAUSE_SECONDS + 0.1)
    assert breaker.refuses(PAUSE_SECONDS + 0.1) is None


def test_a_failed_probe_opens_the_circuit_again() -> None:
    breaker = opened()
    assert breaker.refuses(PAUSE_SECONDS) is None

    breaker.failed(PAUSE_SECONDS + 1.0)

    assert breaker.refuses(PAUSE_SECONDS + 1.0) == PAUSE_SECONDS


def test_a_probe_that_never_reports_is_replaced() -> None:
    breaker = opened()
    assert breaker.refuses(PAUSE_SECONDS) is None

    assert breaker.refuses(PAUSE_SECONDS + PROBE_SECONDS) is None


@given(st.lists(st.tuples(st.sampled_from(["ok", "bad", "ask"]), st.floats(0.0, 20.0))))
def test_nobody_is_refused_for_longer_than_a_probe_takes(steps: list[tuple[str, float]]) -> None:
    breaker, now = Breaker(), 0.0
    for step, later in steps:
        now += later
        if step == "ask":
            wait = breaker.refuses(now)
            assert wait is None or 0.0 < wait <= PROBE_SECONDS
        elif step == "ok":
            breaker.succeeded(now)
        else:
            breaker.failed(now)
    assert breaker.refuses(now + PROBE_SECONDS) is None
