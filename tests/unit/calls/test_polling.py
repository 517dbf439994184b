import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.deadline import Deadline
from tieline.calls.polling import EXECUTIONS, LAST_LOOK_SECONDS, Polling, Rhythm


def test_the_interval_grows_by_half_to_eight_seconds() -> None:
    polling = Polling(Deadline.after(1000.0, now=0.0))

    waits = [polling.wait(0.0, phase="running") for _ in range(8)]

    assert waits == [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 8.0, 8.0]


def test_a_change_of_phase_starts_the_interval_again() -> None:
    polling = Polling(Deadline.after(1000.0, now=0.0))
    for _ in range(5):
        polling.wait(0.0, phase="queued")

    assert polling.wait(0.0, phase="running") == 1.0


def test_a_rate_limit_is_waited_for_as_told_or_else_twice_the_interval() -> None:
    polling = Polling(Deadline.after(1000.0, now=0.0))
    polling.wait(0.0)

    assert polling.wait_limited(0.0, told=42.0) == 42.0
    assert polling.wait_limited(0.0, told=None) == 3.0


def test_a_rate_limit_longer_than_the_deadline_still_leaves_a_last_look() -> None:
    polling = Polling(Deadline.after(10.0, now=0.0))

    assert polling.wait_limited(0.0, told=3600.0) == 10.0 - LAST_LOOK_SECONDS


@given(
    st.floats(0.0, 300.0),
    st.lists(st.tuples(st.sampled_from(["queued", "running", "limited"]), st.floats(0.0, 3.0))),
)
def test_no_look_begins_after_the_deadline_and_there_is_a_last_one_just_before_it(
    seconds: float, looks: list[tuple[str, float]]
) -> None:
    polling, now = Polling(Deadline.after(seconds, now=0.0), EXECUTIONS), 0.0
    for phase, took in (*looks, *[("running", 0.1)] * 100):
        if phase == "limited":
            wait = polling.wait_limited(now, told=None)
        else:
            wait = polling.wait(now, phase=phase)
        if wait is None:
            assert now >= seconds - LAST_LOOK_SECONDS - 1e-9
            assert now > 0.0 or seconds < 1e-5  # it looked once
            return
        now += wait
        assert now <= seconds - min(LAST_LOOK_SECONDS, seconds / 4) + 1e-9
        now += took
    raise AssertionError("the wait did not end")


def test_a_wait_shorter_than_the_rhythm_still_looks_once() -> None:
    polling = Polling(Deadline.after(0.4, now=0.0))

    assert polling.wait(0.0) == pytest.approx(0.3)
    assert polling.wait(0.3) is None


def test_a_rhythm_can_be_another() -> None:
    polling = Polling(Deadline.after(1000.0, now=0.0), Rhythm(first=2.0, growth=2.0, longest=5.0))

    assert [polling.wait(0.0) for _ in range(4)] == [2.0, 4.0, 5.0, 5.0]
