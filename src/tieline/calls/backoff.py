"""How long to wait before trying again when the platform gave no time of its own."""

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 8.0


def backoff(tries: int, chance: float) -> float:
    """Full jitter: a uniform share of an exponentially growing ceiling.

    Clients that failed together then come back spread over the whole ceiling instead of together.
    `tries` counts failures so far, from 1; `chance` is uniform in [0, 1). The ceiling is 0.5 s
    after the first failure and doubles to at most 8 s.
    """
    ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(max(tries, 1) - 1, 16))
    return ceiling * chance
