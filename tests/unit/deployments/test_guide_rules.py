"""What a deployment would change among the guides' rules, and what it leaves to others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.deployments.guide_rules import (
    Key,
    content_of,
    differing,
    keyed,
    listed,
    plan_rules,
    wanted_rules,
)
from tieline.dialects.entries import RoutingRule

QUEUES = ("q1", "q2")


def payload(name: str, queue: str = "q1", **changed: Any) -> dict[str, Any]:
    return {
        "name": name, "description": "", "queue": {"id": queue}, "priority": 1, "enabled": True,
        "expression": {"field": "n", "operator": "eq", "value": 1}, **changed,
    }  # fmt: skip


def standing(*payloads: dict[str, Any]) -> dict[Key, RoutingRule]:
    return {
        Key.of(one): RoutingRule(
            id=f"r-{one['name']}", name=one["name"], version=1, queue_id=one["queue"]["id"],
            expression=one["expression"], priority=one["priority"], enabled=one["enabled"],
            description=one["description"],
        )
        for one in payloads
    }  # fmt: skip


def test_rules_are_added_changed_and_removed_and_the_rest_is_left_alone() -> None:
    there = standing(
        payload("same"), payload("old", priority=1), payload("gone"), payload("theirs")
    )
    wanted = wanted_rules(
        [payload("new"), payload("same"), payload("old", priority=2)],
        ours=[Key("q1", "gone"), Key("q1", "same")], before={},
    )  # fmt: skip
    plan = plan_rules("rules", wanted, there)
    assert [(change.kind, change.name, change.fields) for change in plan.changes] == [
        ("add", "new", ()), ("change", "old", ("priority",)), ("remove", "gone", ()),
    ]  # fmt: skip
    assert plan.unchanged == 1


def test_a_rule_of_ours_that_is_gone_already_is_no_change() -> None:
    wanted = wanted_rules([], ours=[Key("q1", "gone")], before={})
    assert plan_rules("rules", wanted, {}).changes == ()


def test_what_an_unfinished_deployment_touched_goes_back_unless_it_is_ours() -> None:
    theirs, ours = Key("q1", "theirs"), Key("q1", "ours")
    wanted = wanted_rules([], ours=[ours], before={theirs: payload("theirs"), ours: payload("o")})
    assert wanted == {theirs: payload("theirs"), ours: None}


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({"enabled": True}, {"enabled": 1}, ("enabled",)),
        ({"n": 1}, {"n": 1.0}, ()),
        ({"a": 1, "extra": 2}, {"a": 1}, ()),
        ({}, {"a": None}, ()),
        ({"e": {"x": 1, "y": 2}}, {"e": {"y": 2, "x": 1}}, ()),
    ],
)
def test_values_differ_by_what_they_say(
    before: dict[str, Any], after: dict[str, Any], fields: tuple[str, ...]
) -> None:
    assert differing(before, after) == fields


def test_an_answer_that_leaves_defaults_out_is_the_payload_it_came_from() -> None:
    bare = RoutingRule(
        id="r", name="a", version=1, queue_id="q1", expression=payload("a")["expression"],
        priority=None, enabled=None, description=None,
    )  # fmt: skip
    assert content_of(bare) == payload("a", priority=0)


PAYLOADS = st.lists(
    st.builds(
        payload, st.sampled_from("abcd"), st.sampled_from(QUEUES), priority=st.integers(0, 2),
        enabled=st.booleans(),
    ),
    unique_by=Key.of,
)  # fmt: skip


@given(PAYLOADS, PAYLOADS)
def test_carrying_out_a_plan_leaves_nothing_to_plan_and_others_as_they_were(
    there: list[dict[str, Any]], asked: list[dict[str, Any]]
) -> None:
    ours = [Key.of(one) for one in there[::2]]
    wanted = wanted_rules(asked, ours=ours, before={})
    plan = plan_rules("rules", wanted, standing(*there))

    after = {Key.of(one): one for one in there}
    for change in plan.changes:
        key = Key.of(change.after or change.before or {})
        if change.after is None:
            del after[key]
        else:
            after[key] = dict(change.after)

    again = plan_rules("rules", wanted, standing(*after.values()))
    assert (again.changes, again.desired) == ((), plan.desired)
    assert (plan.base == again.base) == (not plan.changes)
    for one in there:
        if Key.of(one) not in wanted:
            assert after[Key.of(one)] == one


@given(PAYLOADS)
def test_a_journals_list_is_read_as_it_was_written(payloads: list[dict[str, Any]]) -> None:
    documents = {Key.of(one): (one if one["enabled"] else None) for one in payloads}
    assert keyed(listed(documents, "document"), "document") == documents
