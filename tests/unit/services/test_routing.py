from collections.abc import Callable
from typing import Any

import pytest

from tieline.errors import Conflict, OutcomeUnknown, Unsupported
from tieline.services.routing import AsyncRouting, RuleDraft

Make = Callable[..., Any]
TREE = {"type": "condition", "field": "vip", "operator": "eq", "value": True}
DRAFT = RuleDraft("vip first", "q1", TREE, priority=10)
STANDING = {
    "id": "r1", "name": "vip first", "version": 1, "queue": {"id": "q1"}, "priority": 10,
    "enabled": True, "description": "", "expression": TREE,
}  # fmt: skip
LOST = OutcomeUnknown("no answer", attempts=1)
NONE = {"entities": [], "pageCount": 0}
ONE = {"entities": [STANDING], "pageCount": 1}


async def test_a_rule_that_is_not_there_is_created(make_world: Make) -> None:
    world = make_world(routing__list=[NONE], routing__create=[STANDING])

    done = await AsyncRouting(world.session).upsert(DRAFT)

    assert (done.change, done.rule.id, done.settled) == ("created", "r1", False)
    assert world.calls.seen[-1].body == DRAFT.to_wire()
    assert world.recorded() == [("intent", None), ("outcome", "completed")]
    assert world.log.records[0].target_kind == "rule"


async def test_a_rule_that_is_as_it_should_be_is_left_alone(make_world: Make) -> None:
    world = make_world(routing__list=[ONE])

    done = await AsyncRouting(world.session).upsert(DRAFT)

    assert done.change == "unchanged"
    assert world.recorded() == []


async def test_a_rule_that_differs_is_changed_in_what_differs(make_world: Make) -> None:
    old = {**STANDING, "priority": 1, "enabled": False, "version": 7}
    world = make_world(
        routing__list=[{"entities": [old], "pageCount": 1}], routing__patch=[STANDING]
    )

    done = await AsyncRouting(world.session).upsert(DRAFT)

    assert done.change == "updated"
    assert world.calls.seen[-1].body == {"priority": 10, "enabled": True, "version": 7}


async def test_a_lost_answer_to_a_creation_is_settled_by_the_name(make_world: Make) -> None:
    world = make_world(routing__list=[NONE, ONE], routing__create=[LOST])

    done = await AsyncRouting(world.session).upsert(DRAFT)

    assert (done.change, done.settled) == ("created", True)
    assert world.calls.names() == ["routing.list", "routing.create", "routing.list"]
    assert world.recorded() == [("intent", None), ("outcome", "uncertain")]


async def test_a_creation_that_did_not_happen_is_made_again(make_world: Make) -> None:
    world = make_world(routing__list=[NONE], routing__create=[LOST, STANDING])

    done = await AsyncRouting(world.session).upsert(DRAFT)

    assert (done.change, done.settled) == ("created", True)


async def test_a_creation_that_happened_after_we_looked_is_found(make_world: Make) -> None:
    twice = Conflict("exists", status=409)
    world = make_world(routing__list=[NONE, NONE, ONE], routing__create=[LOST, twice])

    done = await AsyncRouting(world.session).upsert(DRAFT)

    assert done.rule.id == "r1"


async def test_an_answer_that_cannot_be_read_is_as_good_as_lost(make_world: Make) -> None:
    world = make_world(routing__list=[NONE], routing__create=[{"no": "id"}])

    with pytest.raises(OutcomeUnknown, match="`id` is missing"):
        await AsyncRouting(world.session).create(DRAFT)

    assert world.recorded() == [("intent", None), ("outcome", "uncertain")]


async def test_a_stale_change_is_a_conflict_and_recorded_as_refused(make_world: Make) -> None:
    world = make_world(routing__list=[ONE], routing__patch=[Conflict("stale", status=409)])
    routing = AsyncRouting(world.session)
    rule = await anext(routing.list(queue_id="q1"))

    with pytest.raises(Conflict):
        await routing.patch(rule, {"enabled": False})

    assert world.recorded() == [("intent", None), ("outcome", "refused")]


async def test_a_rule_is_deleted(make_world: Make) -> None:
    world = make_world(routing__list=[ONE], routing__delete=[None])
    routing = AsyncRouting(world.session)
    rule = await anext(routing.list())

    await routing.delete(rule)

    assert world.calls.seen[-1].target() == "/api/v2/routing/rules/r1"


async def test_the_platform_has_no_rules_of_their_own(make_world: Make) -> None:
    world = make_world(api="platform")

    with pytest.raises(Unsupported):
        await AsyncRouting(world.session).upsert(DRAFT)
