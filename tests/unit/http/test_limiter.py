import pytest

from tieline.clock import JumpingClock
from tieline.http.limiter import MemoryLimiterStore


async def test_callers_of_one_store_share_the_limit_of_a_key_and_no_other() -> None:
    store = MemoryLimiterStore(JumpingClock(), per_minute=2)

    waits = [await store.reserve("a", within=1e9) for _ in range(3)]

    assert waits[:2] == [0.0, 0.0]
    assert waits[2] == pytest.approx(60.4, abs=0.2)
    assert await store.reserve("b", within=1e9) == 0.0


async def test_a_429_closes_the_window_for_all_who_share_the_key() -> None:
    clock = JumpingClock()
    store = MemoryLimiterStore(clock)
    await store.refused("a", retry_after=9.0, body=None)

    assert await store.reserve("a", within=1e9) == 9.0
    clock.advance(9.0)
    assert await store.reserve("a", within=1e9) == 0.0
