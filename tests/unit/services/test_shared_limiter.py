from tieline.clock import JumpingClock
from tieline.http.limiter import MemoryLimiterStore
from tieline.services.shared_limiter import SharedLimiter


class FoundStore(MemoryLimiterStore):
    """A store that notes whether it was closed."""

    closed = 0

    async def aclose(self) -> None:
        self.closed += 1


async def test_a_store_that_was_found_is_used_and_closed_once() -> None:
    found = FoundStore(JumpingClock(), per_minute=1)

    async def find() -> FoundStore:
        return found

    limiter = SharedLimiter(MemoryLimiterStore(JumpingClock()), find_shared=find)

    waits = [await limiter.reserve("client", within=1e9) for _ in range(2)]
    await limiter.aclose()
    await limiter.aclose()

    assert waits[0] == 0.0 < waits[1]
    assert found.closed == 1


async def test_a_store_that_was_found_is_closed_although_a_run_shares_another() -> None:
    found = FoundStore(JumpingClock())

    async def find() -> FoundStore:
        return found

    limiter = SharedLimiter(MemoryLimiterStore(JumpingClock()), find_shared=find)
    await limiter.reserve("client", within=1e9)
    runs_own = FoundStore(JumpingClock())

    limiter.share(runs_own)
    await limiter.aclose()

    assert (found.closed, runs_own.closed) == (1, 0)


async def test_where_nobody_shares_there_is_nothing_to_close() -> None:
    async def find() -> None:
        return None

    limiter = SharedLimiter(MemoryLimiterStore(JumpingClock()), find_shared=find)

    assert await limiter.reserve("client", within=1e9) == 0.0
    await limiter.aclose()
