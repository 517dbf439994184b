from hypothesis import given
from hypothesis import strategies as st

from tieline.runs.pace import SPAN_SECONDS, Pace


def at(*samples: tuple[float, int]) -> Pace:
    pace = Pace()
    for now, settled in samples:
        pace = pace.noting(now, settled)
    return pace


def test_the_rate_is_that_of_the_last_minutes() -> None:
    pace = at(*((now * 10.0, now * 50) for now in range(100)))

    assert pace.per_minute(990.0) == 300.0


def test_without_two_samples_there_is_no_rate() -> None:
    assert at((0.0, 5)).per_minute(1.0) == 0.0
    assert Pace().per_minute(1.0) == 0.0


def test_a_run_that_stands_still_slows_down_on_the_display() -> None:
    pace = at((0.0, 0), (60.0, 300))

    assert pace.per_minute(60.0) == 300.0
    assert pace.per_minute(120.0) == 150.0


def test_a_clock_that_went_back_starts_the_record_anew() -> None:
    assert at((1000.0, 10), (500.0, 12)).samples == ((500.0, 12),)


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.integers(0, 10**7)), max_size=80))
def test_the_record_stays_small_and_the_rate_is_never_negative(
    samples: list[tuple[float, int]],
) -> None:
    pace = at(*samples)

    assert len(pace.samples) <= SPAN_SECONDS / 5.0 + 2
    assert pace.per_minute(samples[-1][0] if samples else 0.0) >= 0.0
    assert Pace.from_json(pace.to_json()) == pace
