from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.limiter import PERIOD_SECONDS, Window
from tieline.runs.places import take_places


def declared(per_minute: int) -> Window:
    return Window(capacity=per_minute, declared=True)


def test_the_tightest_limit_decides_and_the_others_are_not_charged_for_more() -> None:
    places = take_places({"client": declared(20), "run": declared(12)}, 0.0, wanted=64)

    assert places.count == 12
    assert places.wait_s > 0.0
    assert sum(count for _, count in places.windows["client"].log) == 12


def test_without_limits_everything_wanted_is_granted() -> None:
    assert take_places({}, 0.0, wanted=64).count == 64


@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.integers(0, 40)), max_size=60))
def test_no_period_holds_more_than_the_capacity_whatever_the_asking(
    asking: list[tuple[float, int]],
) -> None:
    windows, now = {"client": declared(30)}, 0.0
    taken: list[float] = []
    for pause, wanted in asking:
        now += pause
        places = take_places(windows, now, wanted=wanted)
        windows = dict(places.windows)
        taken += [now] * places.count

    for moment in taken:
        assert sum(1 for other in taken if moment - PERIOD_SECONDS < other <= moment) <= 30
