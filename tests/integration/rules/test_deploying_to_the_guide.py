"""Several rules to the guides' API, which has no transaction: all of them, or all put back."""

from pathlib import Path
from typing import Any

import pytest
from deploying_place import FAULTS, Place

from tieline.errors import Error, InvalidInput, StalePlan

RULES = "/api/v2/routing/rules"
# One is added, one changed, one removed, one stays.
OLD = {"stays": (1, 4), "changes": (2, 3), "goes": (3, 2)}
NEW = {"stays": (1, 4), "changes": (2, 9), "comes": (4, 1)}
STEPS = [("POST", RULES), ("PATCH", f"{RULES}/{{}}"), ("DELETE", f"{RULES}/{{}}"), ("GET", RULES)]
BURST = {"kind": "status", "status": 429, "retry_after": 1}


def text(rules: dict[str, tuple[int, int]]) -> str:
    each = "".join(
        f"  - {{name: {name}, priority: {priority}, when: n eq {value},"
        " then: {queue: Technical Support}}\n"
        for name, (value, priority) in rules.items()
    )
    fields = "fields:\n  n: {type: integer}\n"
    return f"ruleset: several\nqueue: Technical Support\n{fields}rules:\n{each}"


@pytest.fixture
def guide(place: Place) -> Place:
    deployed(place)
    return place


def deployed(place: Place) -> None:
    """The old rules, one of somebody else's on the same queue, and the file with the new ones."""
    place.reset()
    place.file.write_text(text({"theirs": (7, 7)}).replace("several", "others"))
    place.apply()
    place.file.write_text(text(OLD))
    place.apply()
    place.file.write_text(text(NEW))


def standing(place: Place) -> dict[str, int]:
    found = {r["name"]: r["priority"] for r in place.control("GET", "state")["routing_rules"]}
    assert found.pop("theirs") == 7
    return found


def priorities(rules: dict[str, tuple[int, int]]) -> dict[str, int]:
    return {name: priority for name, (_, priority) in rules.items()}


def by_hand(place: Place, name: str, **changed: Any) -> None:
    with place.state_changed() as state:
        next(r for r in state["routing_rules"] if r["name"] == name).update(changed)


def test_rules_are_added_changed_and_removed_and_all_put_back_by_a_rollback(guide: Place) -> None:
    assert guide.apply().changes == 3
    assert standing(guide) == priorities(NEW)
    guide.rollback()
    assert standing(guide) == priorities(OLD)
    guide.rollback()
    assert standing(guide) == {}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step[0]))
def test_a_fault_at_any_call_leaves_all_rules_new_or_all_as_they_were(
    guide: Place, tmp_path: Path, step: tuple[str, str]
) -> None:
    for number, fault in enumerate(FAULTS):
        for call in (1, 2) if step[0] != "GET" else (1, 2, 3, 4, 5, 6):
            guide.folder = tmp_path / f"{number}-{call}"
            guide.folder.mkdir()
            deployed(guide)
            guide.fault(*step, fault, calls=(call,))
            failed = guide.failure()
            wanted = NEW if failed is None else OLD
            assert standing(guide) == priorities(wanted), (fault, call, failed)
            guide.control("DELETE", "faults")
            assert guide.status().state == "deployed"
            guide.apply()
            assert standing(guide) == priorities(NEW), (fault, call)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step[0]))
def test_a_burst_of_429_is_waited_out(guide: Place, step: tuple[str, str]) -> None:
    guide.fault(*step, BURST, calls=(1, 2, 3))
    guide.apply()
    assert standing(guide) == priorities(NEW)
    assert len(guide.changes()) == 4 + 3


def test_a_refusal_half_way_says_that_everything_before_it_was_put_back(guide: Place) -> None:
    guide.fault("DELETE", f"{RULES}/{{}}", {"kind": "status", "status": 400})
    failed = guide.failure()
    assert failed is not None
    assert failed.endswith("everything before it was put back")
    assert standing(guide) == priorities(OLD)
    last = guide.status().history.deployments[-1]
    assert (last.state, last.message) == ("undone", failed)
    put_back = [step.name for step in last.steps if step.name.startswith("put back")]
    assert sorted(put_back) == ["put back changes", "put back comes", "put back goes"]


def test_what_cannot_be_put_back_is_told_and_the_next_apply_goes_on(guide: Place) -> None:
    guide.fault("DELETE", f"{RULES}/{{}}", {"kind": "status", "status": 500}, calls=())
    failed = guide.failure()
    assert failed is not None
    assert "`comes` could not be put back" in failed
    found = guide.status()
    assert (found.state, found.history.unfinished.message) == ("incomplete", failed)
    guide.control("DELETE", "faults")
    guide.apply()
    assert standing(guide) == priorities(NEW)
    guide.rollback()
    assert standing(guide) == priorities(OLD)


def test_what_cannot_be_put_back_can_be_rolled_back_later(guide: Place) -> None:
    guide.fault("DELETE", f"{RULES}/{{}}", {"kind": "status", "status": 500}, calls=())
    assert guide.failure() is not None
    guide.control("DELETE", "faults")
    guide.rollback()
    assert standing(guide) == priorities(OLD)
    assert guide.status().state == "deployed"


def test_a_stale_plan_changes_nothing(guide: Place) -> None:
    entries = len(guide.changes())
    with guide.client() as client:
        planned = client.rules.plan(guide.file)
        by_hand(guide, "changes", priority=8)
        with pytest.raises(StalePlan):
            planned.apply()
    assert len(guide.changes()) == entries
    assert standing(guide) == {**priorities(OLD), "changes": 8}
    assert len(guide.status().history.deployments) == 1


def test_a_rule_that_is_changed_half_way_is_left_to_whoever_changed_it(guide: Place) -> None:
    def rival(request: Any) -> None:
        if request.operation.name.endswith("patch"):
            by_hand(guide, "changes", priority=8)

    guide.fault("DELETE", f"{RULES}/{{}}", {"kind": "status", "status": 400})
    with pytest.raises(Error):
        guide.apply(heard=rival)
    assert standing(guide) == {**priorities(OLD), "changes": 8}


def test_what_was_changed_since_is_not_rolled_back(guide: Place) -> None:
    guide.apply()
    by_hand(guide, "comes", priority=8)
    with pytest.raises(StalePlan, match="nothing was changed"):
        guide.rollback()
    assert standing(guide) == {**priorities(NEW), "comes": 8}
    assert guide.status().state == "deployed"


@pytest.mark.parametrize("recovery", ["apply", "rollback"])
def test_killed_at_every_edge_all_rules_end_new_or_as_they_were(
    guide: Place, lives: Any, tmp_path: Path, recovery: str
) -> None:
    edge, killed = 1, True
    while killed:
        guide.folder = tmp_path / str(edge)
        guide.folder.mkdir()
        deployed(guide)
        killed = lives(guide, edge)["killed"]
        if recovery == "apply":
            guide.apply()
            assert standing(guide) == priorities(NEW), edge
        elif guide.status().state != "deployed":
            guide.rollback()
            assert standing(guide) == priorities(OLD), edge
        assert guide.status().state == "deployed"
        edge += 1
    assert edge > 10


def test_a_rollback_that_is_killed_at_any_edge_is_gone_on_with(
    guide: Place, lives: Any, tmp_path: Path
) -> None:
    edge, killed = 1, True
    while killed:
        guide.folder = tmp_path / str(edge)
        guide.folder.mkdir()
        deployed(guide)
        guide.apply()
        killed = lives(guide, edge, "rollback")["killed"]
        if killed and (guide.status().state != "deployed" or standing(guide) == priorities(NEW)):
            guide.rollback()
        assert standing(guide) == priorities(OLD), edge
        assert guide.status().state == "deployed"
        edge += 1
    guide.rollback()
    assert standing(guide) == {}
    with pytest.raises(InvalidInput, match="nothing to roll back"):
        guide.rollback()
