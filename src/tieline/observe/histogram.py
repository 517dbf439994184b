"""Durations in fixed buckets: count and sum are exact, quantiles are estimated from the buckets.

A mean kept by running update cannot be joined across processes and hides its tail; buckets add up.
"""

from bisect import bisect_left
from collections.abc import Sequence

# Upper bounds in seconds, each about 1.6 times the one before: an estimate is off by at most a
# bucket's width, and the 120 s of the longest default deadline still has a bucket of its own.
BOUNDS_SECONDS = (
    0.001, 0.0016, 0.0025, 0.004, 0.0063, 0.01, 0.016, 0.025, 0.04, 0.063, 0.1, 0.16, 0.25, 0.4,
    0.63, 1.0, 1.6, 2.5, 4.0, 6.3, 10.0, 16.0, 25.0, 40.0, 63.0, 100.0, 160.0,
)  # fmt: skip


class Histogram:
    """Counts of observations by bucket. Not locked; its registry is."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)  # the last one: above every bound
        self.sum = 0.0

    @property
    def count(self) -> int:
        """Observations so far."""
        return sum(self.counts)

    def observe(self, seconds: float) -> None:
        """Count one duration; a negative one (a clock that jumped) counts as zero."""
        seconds = max(0.0, seconds)
        self.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.sum += seconds

    def mean(self) -> float | None:
        """Exact mean in seconds; None before the first observation."""
        count = self.count
        return self.sum / count if count else None

    def quantile(self, share: float) -> float | None:
        """Estimate the duration in seconds below which `share` (0-1) of observations lie.

        Interpolated inside its bucket, as Prometheus does; above the last bound it is that bound.
        """
        return estimate(self.counts, share)


def estimate(counts: Sequence[int], share: float) -> float | None:
    """A quantile of bucket counts that may have been added up from several histograms."""
    rank = share * sum(counts)
    if not any(counts):
        return None
    below = 0
    for index, inside in enumerate(counts[:-1]):
        if inside and below + inside >= rank:
            low = BOUNDS_SECONDS[index - 1] if index else 0.0
            reach = max(0.0, rank - below) / inside
            return low + (BOUNDS_SECONDS[index] - low) * reach
        below += inside
    return BOUNDS_SECONDS[-1]
