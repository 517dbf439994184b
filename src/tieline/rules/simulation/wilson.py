"""How sure a rate is: the Wilson score interval, right for few records and rare matches too."""

from math import sqrt

# The standard normal distribution's 97.5th percentile: 95 % lie within, 2.5 % on either side.
_Z95 = 1.959963984540054


def interval95(successes: int, trials: int) -> tuple[float, float]:
    """Lower and upper bound of the rate, both within 0 to 1; nothing was tried: (0, 1)."""
    if trials == 0:
        return 0.0, 1.0
    rate, square = successes / trials, _Z95 * _Z95
    centre = (rate + square / (2 * trials)) / (1 + square / trials)
    half = sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    half *= _Z95 / (1 + square / trials)
    # rounding may leave the exact bounds of 0 and 1 by the last digit
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return low, high
