"""How many items may be claimed at once: exactly what can be sent at once, never more.

Whatever is claimed and not yet answered becomes uncertain when its owner is killed, so a prefetch
turns a kill into a crowd of uncertain items.
"""

# A transaction that claims more keeps other processes from the ledger for too long.
LARGEST_CLAIM = 1_000


def claim_size(*, free_slots: int, rate_places: int | None, pending: int) -> int:
    """Items to move to `sent`; `rate_places` is None where no rate limit is known."""
    size = min(free_slots, pending, LARGEST_CLAIM)
    return max(0, size if rate_places is None else min(size, rate_places))
