"""Plans: what differs, under which fingerprint, and when a plan is stale."""

from typing import Any

import pytest

from tieline.errors import StalePlan
from tieline.rules.diff import (
    check_fresh,
    fingerprint,
    plan_named,
    plan_ordered,
    remote_fingerprint,
)


def entry(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "priority": 1, **more}


def test_a_plan_names_what_is_added_changed_and_removed() -> None:
    remote = [entry("a", id="1"), entry("b", id="2"), entry("c", id="3")]
    plan = plan_named(
        "queue Q", desired=[entry("a"), entry("b", priority=2), entry("d")], remote=remote
    )

    assert [(one.kind, one.name, one.fields) for one in plan.changes] == [
        ("change", "b", ("priority",)),
        ("add", "d", ()),
        ("remove", "c", ()),
    ]
    assert plan.unchanged == 1
    check_fresh(plan, remote_fingerprint(list(reversed(remote))))
    with pytest.raises(StalePlan):
        check_fresh(plan, remote_fingerprint(remote[:2]))


def test_rows_that_only_moved_are_moves() -> None:
    rows = [{"rule": name, "inputs": {}} for name in "abc"]

    plan = plan_ordered("table r", desired=[rows[2], rows[0], rows[1]], remote=rows)

    assert [(one.kind, one.name) for one in plan.changes] == [("move", "c")]
    assert plan.id == plan_ordered("table r", desired=[rows[2], rows[0], rows[1]], remote=rows).id


def test_a_plan_is_told_in_full() -> None:
    plan = plan_named("queue Q", desired=[entry("a"), entry("b")], remote=[entry("b", id="1")])

    assert plan.to_json() == {
        "plan_id": plan.id,
        "target": "queue Q",
        "base": remote_fingerprint([entry("b", id="1")]),
        "desired": fingerprint([entry("a"), entry("b")]),
        "unchanged": 1,
        "changes": [
            {"kind": "add", "name": "a", "fields": [], "before": None, "after": entry("a")}
        ],
    }
    assert plan.id == fingerprint(
        ["queue Q", plan.base, plan.desired, [one.to_json() for one in plan.changes]]
    )
    assert len(plan.id) == 64


def test_a_change_holds_both_sides_without_what_the_server_sets() -> None:
    remote = entry("b", id="1", version=3, selfUri="/b", dateCreated="x", dateModified="y")

    (change,) = plan_named("q", desired=[entry("b", priority=2)], remote=[remote]).changes

    assert (change.before, change.after) == (entry("b"), entry("b", priority=2))
    assert change.to_json()["fields"] == ["priority"]


def test_keys_that_only_the_remote_side_has_are_no_difference() -> None:
    plan = plan_named("q", desired=[entry("b")], remote=[entry("b", extra=1)])

    assert (plan.changes, plan.unchanged) == ((), 1)


def test_other_keys_may_be_left_out_of_the_comparison() -> None:
    desired, remote = [entry("b", stamp=1)], [entry("b", stamp=2, id="i")]

    assert plan_named("q", desired=desired, remote=remote).changes[0].fields == ("stamp",)
    plan = plan_named("q", desired=desired, remote=remote, ignored=frozenset({"stamp"}))
    assert plan.changes == ()
    assert plan.base == remote_fingerprint(remote, ignored=frozenset({"stamp"}))
    assert plan.base != remote_fingerprint(remote)


def test_the_desired_fingerprint_does_not_depend_on_the_order_of_the_file() -> None:
    one = plan_named("q", desired=[entry("a"), entry("b")], remote=[])
    two = plan_named("q", desired=[entry("b"), entry("a")], remote=[])

    assert one.desired == two.desired
    assert one.desired != plan_named("q", desired=[entry("a")], remote=[]).desired


def test_a_rule_that_was_replaced_by_an_equal_one_is_noticed() -> None:
    assert remote_fingerprint([entry("a", id="1")]) != remote_fingerprint([entry("a", id="2")])
    assert remote_fingerprint([entry("a", id="1", version=1)]) == remote_fingerprint(
        [entry("a", id="1", version=2)]
    )
    two = [entry("a", id="1"), entry("a", id="2", priority=5)]
    assert remote_fingerprint(two) == remote_fingerprint(two[::-1])
    unlike = [{"name": "b", "id": "1"}, {"name": "a", "id": "2"}]
    assert remote_fingerprint(unlike) == remote_fingerprint(unlike[::-1])


def test_a_stale_plan_says_what_it_was_made_from() -> None:
    plan = plan_named("queue Q", desired=[], remote=[])

    with pytest.raises(StalePlan) as caught:
        check_fresh(plan, "f" * 64)

    assert caught.value.message == (
        f"queue Q changed since the plan was made: {plan.base[:12]} is ffffffffffff by now"
    )


def row(rule: str | None, **inputs: Any) -> dict[str, Any]:
    return {"rule": rule, "inputs": inputs}


def test_rows_are_added_removed_and_kept_by_their_place() -> None:
    remote = [row("a"), row("b"), row("c"), row("d"), row("e")]
    desired = [row("a"), row("x"), row("c"), row("d", n=1), row("e")]

    plan = plan_ordered("table r", desired=desired, remote=remote)

    assert [(one.kind, one.name) for one in plan.changes] == [
        ("remove", "b"), ("add", "x"), ("remove", "d"), ("add", "d"),
    ]  # fmt: skip
    assert [one.before for one in plan.changes] == [row("b"), None, row("d"), None]
    assert [one.after for one in plan.changes] == [None, row("x"), None, row("d", n=1)]
    assert plan.unchanged == 3
    assert plan.base == fingerprint([fingerprint(one) for one in remote])
    assert plan.desired == fingerprint([fingerprint(one) for one in desired])


def test_of_two_equal_rows_each_moves_once() -> None:
    remote = [row("a"), row("a"), row("b"), row("c"), row("d")]
    desired = [row("b"), row("c"), row("d"), row("a"), row("a")]

    plan = plan_ordered("table r", desired=desired, remote=remote)

    assert [(one.kind, one.name) for one in plan.changes] == [("move", "a"), ("move", "a")]
    assert [one.before for one in plan.changes] == [row("a"), row("a")]
    assert plan.unchanged == 3


def test_a_row_is_told_by_the_key_that_names_it() -> None:
    plan = plan_ordered("t", desired=[{"label": "x"}], remote=[{"label": "y"}], name_of="label")

    assert [(one.kind, one.name) for one in plan.changes] == [("remove", "y"), ("add", "x")]


def test_many_equal_rows_are_compared_all_the_same() -> None:
    remote = [row("a")] * 250

    plan = plan_ordered("t", desired=[*remote, row("b")], remote=remote)

    assert [(one.kind, one.name) for one in plan.changes] == [("add", "b")]
    assert plan.unchanged == 250
