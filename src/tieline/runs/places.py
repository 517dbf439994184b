"""How many items the rate limits let through at this moment, and when there is place again."""

from collections.abc import Mapping
from dataclasses import dataclass

from tieline.calls.limiter import Window, reserve


@dataclass(frozen=True, slots=True)
class Places:
    """`count` places were taken of every limit; `wait_s` until the next, 0 if it is free now."""

    windows: Mapping[str, Window]
    count: int
    wait_s: float


def take_places(windows: Mapping[str, Window], now: float, *, wanted: int) -> Places:
    """Take up to `wanted` places of all limits together, none of them ahead of time.

    An item needs a place in each: the run's own rate and the limit of the OAuth client.
    """
    taken, count = dict(windows), 0
    while count < wanted:
        step = {key: reserve(window, now, within=0.0) for key, window in taken.items()}
        wait = max((wait for _, wait in step.values()), default=0.0)
        if wait > 0.0:
            return Places(taken, count, wait)
        taken = {key: window for key, (window, _) in step.items()}
        count += 1
    waits = [reserve(window, now, within=0.0)[1] for window in taken.values()]
    return Places(taken, count, max(waits, default=0.0))
