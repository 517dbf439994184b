from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.delivery import DAY_SECONDS, judge_status, next_try, pause
from tieline.calls.event import wants


def test_only_success_is_delivered_and_a_redirect_is_a_failure() -> None:
    verdicts = {status: judge_status(status) for status in (200, 204, 301, 307, 400, 410, 429, 500)}

    assert verdicts == {
        200: "delivered", 204: "delivered", 301: "failed", 307: "failed", 400: "failed",
        410: "gone", 429: "failed", 500: "failed",
    }  # fmt: skip


@given(st.integers(1, 100), st.floats(0, 0.999))
def test_pauses_grow_and_never_reach_beyond_six_hours(failures: int, chance: float) -> None:
    assert 4.0 <= pause(failures, chance=chance) <= 21_600.0
    assert pause(failures, chance=0) <= pause(failures + 1, chance=0)


def test_a_receiver_may_ask_for_more_but_not_for_days() -> None:
    assert pause(1, chance=0, retry_after=60.0) == 60.0
    assert pause(1, chance=0, retry_after=1e9) == 21_600.0


@given(st.floats(0, 0.999))
def test_the_last_try_is_a_day_after_the_event(chance: float) -> None:
    now, failures, tries = 0.0, 0, [0.0]
    while True:
        failures += 1
        again = next_try(now, 0.0, pause(failures, chance=chance))
        if again is None:
            break
        now = again
        tries.append(now)

    assert tries[-1] == DAY_SECONDS
    assert 10 <= len(tries) <= 14


def test_patterns_choose_events() -> None:
    assert wants(["flows.*"], "flows.launch.completed")
    assert wants(["*"], "runs.done")
    assert not wants(["flows.*", "runs.done"], "runs.cancelled")
    assert not wants([], "runs.done")
