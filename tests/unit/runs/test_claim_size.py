from hypothesis import given
from hypothesis import strategies as st

from tieline.runs.claim_size import LARGEST_CLAIM, claim_size

COUNTS = st.integers(-5, 5000)


@given(COUNTS, st.none() | COUNTS, COUNTS)
def test_never_more_than_slots_places_or_pending_items(
    slots: int, places: int | None, pending: int
) -> None:
    size = claim_size(free_slots=slots, rate_places=places, pending=pending)

    bounds = [slots, pending, LARGEST_CLAIM, *([] if places is None else [places])]
    assert size == max(0, min(bounds))
