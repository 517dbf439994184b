"""A retry budget: when everything fails, retries must not multiply the load that made it fail."""

SHARE_OF_CALLS = 0.1
ALWAYS_ALLOWED = 3.0
# The three come back within ten seconds, so that a quiet client can always retry.
REFILL_PER_SECOND = ALWAYS_ALLOWED / 10.0
# A long quiet day must not save up a storm: at most what 470 calls earn, plus the three.
MOST_SAVED = 50.0


class Budget:
    """Retries paid from a bucket: each call puts in a tenth, each retry takes one.

    Over any span of `t` seconds with `n` calls, at most `n / 10 + 3 + 0.3 t` retries pass, plus
    what was saved before (50 at most). Waits the platform asked for (429) are not retries and
    are not paid for. Times are monotonic seconds.
    """

    __slots__ = ("_at", "_level")

    def __init__(self) -> None:
        self._level = ALWAYS_ALLOWED
        self._at: float | None = None

    def earn(self) -> None:
        """Count one call."""
        level = self._level + SHARE_OF_CALLS
        self._level = min(MOST_SAVED, level)

    def spend(self, now: float) -> bool:
        """Take one retry; False where the budget is used up, and then nothing is taken."""
        if self._at is not None and self._level < ALWAYS_ALLOWED:
            refill = max(0.0, now - self._at) * REFILL_PER_SECOND
            self._level = min(ALWAYS_ALLOWED, self._level + refill)
        self._at = now
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True
