from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.backoff import FIRST_SECONDS, LONGEST_SECONDS, backoff


@given(st.integers(-3, 100_000), st.floats(0.0, 1.0, exclude_max=True))
def test_a_back_off_is_a_share_of_a_ceiling_that_grows_to_a_limit(
    tries: int, chance: float
) -> None:
    ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(max(tries - 1, 0), 16))

    assert 0.0 <= backoff(tries, chance) <= ceiling
    assert backoff(tries, 1.0) == ceiling


def test_the_ceiling_doubles_to_eight_seconds() -> None:
    assert [backoff(n, 1.0) for n in range(1, 7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
