import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.observe.histogram import BOUNDS_SECONDS, Histogram

durations = st.lists(st.floats(0, 200), min_size=1, max_size=200)


def filled(seconds: list[float]) -> Histogram:
    histogram = Histogram()
    for one in seconds:
        histogram.observe(one)
    return histogram


@given(durations)
def test_count_and_mean_are_exact(seconds: list[float]) -> None:
    histogram = filled(seconds)
    assert histogram.count == len(seconds)
    assert histogram.mean() == pytest.approx(sum(seconds) / len(seconds))


@given(durations, st.floats(0.01, 1.0))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(seconds: list[float], share: float) -> None:
    rank = share * len(seconds)
    true = sorted(seconds)[max(0, int(-(-rank // 1)) - 1)]
    found = filled(seconds).quantile(share)
    assert found is not None
    low = max((b for b in BOUNDS_SECONDS if b < true), default=0.0)
    high = min((b for b in BOUNDS_SECONDS if b >= true), default=BOUNDS_SECONDS[-1])
    assert min(low, BOUNDS_SECONDS[-1]) <= found <= high


@given(durations)
def test_quantiles_never_cross(seconds: list[float]) -> None:
    histogram = filled(seconds)
    found = [histogram.quantile(share) or 0.0 for share in (0.5, 0.95, 0.99, 1.0)]
    assert found == sorted(found)


def test_nothing_observed_has_no_mean_and_no_quantile() -> None:
    assert (Histogram().mean(), Histogram().quantile(0.5)) == (None, None)


def test_a_clock_that_jumped_backwards_counts_as_no_time() -> None:
    histogram = filled([-5.0])
    assert (histogram.count, histogram.sum, histogram.counts[0]) == (1, 0.0, 1)
