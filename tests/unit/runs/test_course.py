from hypothesis import given
from hypothesis import strategies as st

from tieline.runs.course import FIRST_STEP_SECONDS, MOST_SAMPLES, Course, Sample


def course(*samples: tuple[float, int]) -> Course:
    noted = Course()
    for at, done in samples:
        noted = noted.noting(Sample(at, done, 0, 0))
    return noted


def test_a_sample_younger_than_the_step_is_not_kept() -> None:
    noted = course((0.0, 0), (FIRST_STEP_SECONDS - 0.1, 5), (FIRST_STEP_SECONDS, 6))

    assert [one.done for one in noted.samples] == [0, 6]


def test_a_run_of_a_day_is_known_from_beginning_to_end_in_a_bounded_number_of_samples() -> None:
    day = 24 * 3600
    noted = course(*((float(at), at) for at in range(0, day + 1, 5)))

    assert MOST_SAMPLES / 2 <= len(noted.samples) <= MOST_SAMPLES
    assert noted.samples[0].at == 0.0
    assert noted.samples[-1].at >= day - noted.step


def test_the_pace_between_two_samples_is_items_a_minute() -> None:
    assert course((0.0, 0), (30.0, 60), (60.0, 60)).per_minute() == [(30.0, 120.0), (60.0, 0.0)]


def test_the_end_of_a_run_is_its_last_sample_however_young_the_one_before() -> None:
    ended = course((0.0, 0), (5.0, 40), (10.0, 80)).ending(Sample(11.0, 88, 2, 0))

    assert [(one.at, one.settled) for one in ended.samples] == [(0.0, 0), (5.0, 40), (11.0, 90)]


def test_two_samples_of_one_moment_make_no_pace() -> None:
    assert course((0.0, 0)).ending(Sample(0.01, 4, 0, 0)).per_minute() == []


def test_a_clock_that_went_back_drops_what_would_be_in_the_future() -> None:
    noted = course((0.0, 0), (100.0, 50), (200.0, 90), (150.0, 95))

    assert [one.at for one in noted.samples] == [0.0, 100.0, 150.0]


@given(st.lists(st.tuples(st.floats(0, 1e9), st.integers(0, 10**9)), max_size=600))
def test_whatever_comes_samples_stay_in_order_bounded_and_written_as_they_are_read(
    samples: list[tuple[float, int]],
) -> None:
    noted = course(*samples)

    moments = [one.at for one in noted.samples]
    assert moments == sorted(set(moments))
    assert len(moments) <= MOST_SAMPLES
    assert all(pace >= 0 for _, pace in noted.per_minute())
    assert Course.from_json(noted.to_json()) == noted


def test_a_run_from_before_there_were_courses_has_no_samples() -> None:
    assert Course.from_json({}) == Course()
