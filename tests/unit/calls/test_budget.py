from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.budget import MOST_SAVED, Budget


def test_a_lone_call_may_retry_three_times_and_not_a_fourth() -> None:
    budget = Budget()
    budget.earn()

    assert [budget.spend(0.0) for _ in range(4)] == [True, True, True, False]


def test_a_tenth_of_the_calls_may_be_retried() -> None:
    budget = Budget()
    for _ in range(200):
        budget.earn()

    assert sum(budget.spend(0.0) for _ in range(100)) == 23


def test_the_three_come_back_within_ten_seconds() -> None:
    budget = Budget()
    while budget.spend(0.0):
        pass

    assert [budget.spend(10.0) for _ in range(4)] == [True, True, True, False]


@given(st.lists(st.tuples(st.booleans(), st.floats(-1.0, 5.0)), max_size=400))
def test_no_order_of_calls_and_retries_goes_over_the_budget(
    steps: list[tuple[bool, float]],
) -> None:
    budget, now, calls, retries = Budget(), 0.0, 0, 0
    for is_call, later in steps:
        now += later  # a clock that jumps back earns nothing
        if is_call:
            calls += 1
            budget.earn()
        else:
            retries += budget.spend(now)

    forward = sum(later for _, later in steps if later > 0)
    assert retries <= 3 + calls / 10 + 0.3 * forward + 1e-6
    assert budget._level <= MOST_SAVED
