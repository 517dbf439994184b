from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tieline.calls.limiter import PERIOD_SECONDS
from tieline.clock import JumpingClock
from tieline.config.profile import Profile
from tieline.secret import Secret
from tieline.services.connection import open_session
from tieline.services.session import Session
from tieline.store.ledger.ledger import open_ledger

KEY = "any client"


def session(state: Path, clock: JumpingClock, **more: Any) -> Session:
    given: dict[str, Any] = {"api": "platform", "region": "mypurecloud.com", **more}
    profile = Profile(
        name="p",
        base_url="https://api.example",
        login_url="https://login.example",
        state_dir=state,
        client_id="c",
        client_secret=Secret("s"),
        **given,
    )
    return open_session(profile, clock=clock)


async def minutes(opened: Session, clock: JumpingClock, calls: int) -> Counter[int]:
    """How many of many calls go in each period of a minute, as the limiter spaces them."""
    gone: Counter[int] = Counter()
    for _ in range(calls):
        await clock.sleep(await opened.limiter.reserve(KEY, within=1e9))
        gone[int(clock.monotonic() / PERIOD_SECONDS)] += 1
    return gone


@pytest.mark.parametrize("ledger", [False, True], ids=["in memory", "in a ledger"])
async def test_a_region_of_the_platform_starts_with_the_documented_limit(
    tmp_path: Path, *, ledger: bool
) -> None:
    clock = JumpingClock()
    if ledger:
        await (await open_ledger("sqlite", tmp_path, clock=clock)).aclose()
    opened = session(tmp_path, clock)

    gone = await minutes(opened, clock, 650)

    assert list(gone.values()) == [300, 300, 50]
    await opened.aclose()


@pytest.mark.parametrize(
    "elsewhere", [{"region": None}, {"api": "guide"}], ids=["a base URL", "the guides' dialect"]
)
async def test_elsewhere_the_limit_is_learned(tmp_path: Path, elsewhere: dict[str, Any]) -> None:
    clock = JumpingClock()
    opened = session(tmp_path, clock, **elsewhere)

    assert await minutes(opened, clock, 650) == {0: 650}
    await opened.aclose()


async def test_what_is_only_assumed_is_not_kept_for_runs_to_find(tmp_path: Path) -> None:
    clock = JumpingClock()
    await (await open_ledger("sqlite", tmp_path, clock=clock)).aclose()
    first, other = session(tmp_path, clock), session(tmp_path, clock, region=None)
    await minutes(first, clock, 300)

    assert await other.limiter.reserve(KEY, within=1e9) == 0.0
    await first.aclose()
    await other.aclose()
