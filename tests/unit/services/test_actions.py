from collections.abc import Callable
from typing import Any

from tieline.services.actions import AsyncActions
from tieline.store.segments import SegmentLog

Make = Callable[..., Any]
ACTION = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"


async def test_a_list_fetches_the_next_page_when_the_one_before_is_used_up(
    make_world: Make,
) -> None:
    pages = [
        {"entities": [{"id": "a"}], "pageNumber": 1, "pageCount": 2},
        {"entities": [{"id": "b"}], "pageNumber": 2, "pageCount": 2},
    ]
    world = make_world(api="platform", actions__list=pages)
    actions = AsyncActions(world.session)

    found = [(entry.id, len(world.calls.seen)) async for entry in actions.list()]

    assert found == [("a", 1), ("b", 2)]


async def test_the_platforms_history_is_what_was_invoked_from_here(make_world: Make) -> None:
    world = make_world(
        api="platform",
        actions__get=[{"id": ACTION}],
        actions__execute=[{"name": "Ada"}],
    )
    log = await SegmentLog.open(world.session.profile.state_dir / "audit", clock=world.clock)

    async def open_log() -> SegmentLog:
        return log

    world.session.trail._open_log = open_log
    actions = AsyncActions(world.session)
    first = await actions.invoke(ACTION, {"n": 1})
    second = await actions.invoke(ACTION, {"n": 2})
    await log.aclose()

    past = [entry async for entry in actions.history(ACTION)]

    assert [entry.status for entry in past] == ["completed", "completed"]
    assert {entry.source for entry in past} == {"audit"}
    assert [f"{e.document['log']}:{e.document['seq']}" for e in past] == [
        second.audit_id,
        first.audit_id,
    ]


async def test_a_platform_without_a_log_has_no_history(make_world: Make) -> None:
    world = make_world(api="platform")

    assert [entry async for entry in AsyncActions(world.session).history(ACTION)] == []
