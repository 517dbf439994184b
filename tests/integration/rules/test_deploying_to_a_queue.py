"""Rules of a queue's metrics, written into the queue: through faults, rivals and kill -9."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deploying_place import FAULTS, Place

from tieline.errors import Conflict, Error, OutcomeUnknown, StalePlan

QUEUE = "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03"
PATH = "/api/v2/routing/queues/{}"
GROUP = "7e3d9b1c-4a5f-4e2d-8c6b-0a1f2e3d4c13"
# What an administrator may have set, and a full replacement must send back.
SETTINGS: dict[str, Any] = {
    "description": "by hand",
    "callingPartyName": "Support",
    "skillEvaluationMethod": "BEST",
    "scoringMethod": "PriorityOnly",
    "suppressInQueueCallRecording": False,
    "bullseye": {"rings": [{"expansionCriteria": [{"type": "TIMEOUT_SECONDS", "threshold": 9}]}]},
    "mediaSettings": {"call": {"alertingTimeoutSeconds": 8, "serviceLevel": {"percentage": 0.8}}},
    "conditionalGroupActivation": {"pilotRule": {"conditionExpression": "C1"}, "rules": []},
    "queueFlow": {"id": "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"},
    "aFieldOfNextYear": [1, {"two": 3}],
}
SERVER_SET = ("dateModified", "modifiedBy", "selfUri")


def rules(seconds: int = 120) -> str:
    return (
        "ruleset: waits\nqueue: Technical Support\n"
        "fields:\n  EstimatedWaitTime: {type: number, minimum: 0}\n"
        f"rules:\n  - name: help out\n    when: EstimatedWaitTime gt {seconds}\n"
        f"    then: {{groups: [{{id: {GROUP}, type: GROUP}}], waitSeconds: 30}}\n"
    )


@pytest.fixture
def queue(place: Place) -> Place:
    place.api = "platform"
    prepared(place)
    return place


def prepared(place: Place, *, seconds: int = 120) -> None:
    place.reset()
    place.file.write_text(rules(seconds))
    with place.state_changed() as state:
        document(state).update(SETTINGS)


def document(state: Any) -> dict[str, Any]:
    return next(queue for queue in state["queues"] if queue["id"] == QUEUE)


def waits(place: Place) -> list[int]:
    """What the queue's rules wait for."""
    routing = document(place.control("GET", "state")).get("conditionalGroupRouting") or {}
    return [rule["conditionValue"] for rule in routing.get("rules", ())]


def everything_else(place: Place) -> dict[str, Any]:
    found = document(place.control("GET", "state"))
    apart = ("conditionalGroupRouting", *SERVER_SET)
    return {name: value for name, value in found.items() if name not in apart}


def by_hand(place: Place, **changed: Any) -> None:
    """Somebody else changes the queue."""
    with place.state_changed() as state:
        found = document(state)
        found.update(changed)
        found["dateModified"] = f"2026-02-01T00:00:00.{len(str(changed)):03}Z"


def at_read(place: Place, number: int, act: Callable[[], None]) -> Callable[[Any], None]:
    """Act once, right after the queue was read for the n-th time."""
    seen = [0]

    def heard(request: Any) -> None:
        seen[0] += request.operation.name == "queues.get"
        if seen[0] == number:
            seen[0] += 100
            act()

    return heard


def test_a_full_replacement_keeps_every_other_field_there_and_back(queue: Place) -> None:
    before = everything_else(queue)
    assert before.items() >= SETTINGS.items()
    assert queue.apply().facts["queue"] == QUEUE
    assert (waits(queue), everything_else(queue)) == ([120], before)
    queue.file.write_text(rules(60))
    queue.apply()
    assert waits(queue) == [60]
    queue.rollback()
    assert waits(queue) == [120]
    queue.rollback()
    assert (waits(queue), everything_else(queue)) == ([], before)
    assert queue.status().state == "none"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_fault_at_any_call_leaves_it_written_once_or_as_it_was(
    queue: Place, tmp_path: Path, method: str
) -> None:
    for number, fault in enumerate(FAULTS):
        for call in (1, 2, 3):
            queue.folder = tmp_path / f"{number}-{call}"
            queue.folder.mkdir()
            prepared(queue)
            before = everything_else(queue)
            queue.fault(method, PATH, fault, calls=(call,))
            failed = queue.failure()
            assert waits(queue) == ([120] if failed is None else []), (fault, call, failed)
            assert everything_else(queue) == before
            if failed is not None:
                assert queue.status().state == "none"
            queue.control("DELETE", "faults")
            queue.apply()
            assert waits(queue) == [120]
            assert queue.changes().count("queues.put") == 1, (fault, call)


def test_a_burst_of_429_is_waited_out_and_written_once(queue: Place) -> None:
    limited = {"kind": "status", "status": 429, "retry_after": 1}
    queue.fault("PUT", PATH, limited, calls=(1, 2, 3, 4))
    queue.apply()
    assert waits(queue) == [120]
    assert queue.changes() == ["queues.put"]


def test_a_conflict_is_read_again_and_one_that_stays_changes_nothing(queue: Place) -> None:
    conflict = {"kind": "status", "status": 409}
    queue.fault("PUT", PATH, conflict)
    queue.apply()
    assert waits(queue) == [120]
    queue.control("DELETE", "faults")
    queue.file.write_text(rules(60))
    queue.fault("PUT", PATH, conflict, calls=())
    with pytest.raises(Conflict, match="goes on as it was"):
        queue.apply()
    assert waits(queue) == [120]
    assert queue.status().state == "deployed"


def test_a_plan_that_somebody_overtook_is_refused_and_nothing_is_changed(queue: Place) -> None:
    with queue.client() as client:
        planned = client.rules.plan(queue.file)
        by_hand(queue, description="by somebody else")
        with pytest.raises(StalePlan):
            planned.apply()
    assert waits(queue) == []
    assert queue.changes() == []
    assert queue.status().history.deployments == ()


def test_a_field_that_is_changed_right_before_the_write_is_kept(queue: Place) -> None:
    # 1: the plan, 2: the fresh plan of apply, 3: the write's own read
    queue.apply(heard=at_read(queue, 2, lambda: by_hand(queue, description="at the last moment")))
    assert waits(queue) == [120]
    assert everything_else(queue)["description"] == "at the last moment"


def test_routing_that_is_changed_right_before_the_write_is_left_alone(queue: Place) -> None:
    rival = {"rules": [{"operator": "GreaterThan", "conditionValue": 7,
                        "groups": [{"id": GROUP, "type": "GROUP"}]}]}  # fmt: skip
    with pytest.raises(StalePlan, match="somebody else"):
        queue.apply(heard=at_read(queue, 2, lambda: by_hand(queue, conditionalGroupRouting=rival)))
    assert waits(queue) == [7]
    assert queue.changes() == []


def test_an_answer_that_never_comes_is_unknown_and_the_next_apply_finds_out(queue: Place) -> None:
    queue.fault("PUT", PATH, {"kind": "drop_after_read"}, calls=())
    with pytest.raises(OutcomeUnknown):
        queue.apply()
    assert queue.status().state == "incomplete"
    queue.control("DELETE", "faults")
    queue.apply()
    assert (waits(queue), queue.status().state) == ([120], "deployed")
    queue.rollback()
    assert waits(queue) == []


def test_what_was_not_kept_as_it_was_sent_is_noticed(queue: Place) -> None:
    def shortened(request: Any) -> None:
        if request.operation.name == "queues.put":
            with queue.state_changed() as state:
                document(state)["conditionalGroupRouting"]["rules"][0]["waitSeconds"] = 3

    with pytest.raises(Error, match="was not kept as it was sent"):
        queue.apply(heard=shortened)
    assert queue.status().state == "incomplete"


def test_what_was_changed_since_is_not_rolled_back(queue: Place) -> None:
    queue.apply()
    rival = {"rules": [{"operator": "LessThan", "conditionValue": 9,
                        "groups": [{"id": GROUP, "type": "GROUP"}]}]}  # fmt: skip
    by_hand(queue, conditionalGroupRouting=rival)
    with pytest.raises(StalePlan, match="nothing was changed"):
        queue.rollback()
    assert waits(queue) == [9]
    assert queue.status().state == "deployed"


def test_a_rollback_whose_answer_is_lost_is_settled_by_looking(queue: Place) -> None:
    queue.apply()
    queue.fault("PUT", PATH, {"kind": "drop_after_commit"})
    queue.rollback()
    assert waits(queue) == []
    assert queue.changes().count("queues.put") == 2


@pytest.mark.parametrize("recovery", ["apply", "rollback"])
def test_killed_at_every_edge_it_is_written_once_or_as_it_was(
    queue: Place, lives: Any, tmp_path: Path, recovery: str
) -> None:
    edge, killed = 1, True
    while killed:
        queue.folder = tmp_path / str(edge)
        queue.folder.mkdir()
        prepared(queue)
        before = everything_else(queue)
        killed = lives(queue, edge)["killed"]
        if recovery == "apply":
            queue.apply()
            assert (waits(queue), queue.changes()) == ([120], ["queues.put"]), edge
        elif queue.status().state != "none":
            queue.rollback()
            assert waits(queue) == [], edge
        assert everything_else(queue) == before
        assert queue.status().state == ("deployed" if recovery == "apply" else "none")
        edge += 1
    assert edge > 5


def test_routing_that_a_rival_wrote_after_a_kill_can_still_be_planned_over(
    queue: Place, lives: Any
) -> None:
    edges = lives(queue, 0)["edges"]
    queue.rollback()
    assert lives(queue, edges.index("step write before") + 2)["killed"]
    rival = {"rules": [{"operator": "LessThan", "conditionValue": 9,
                        "groups": [{"id": GROUP, "type": "GROUP"}]}]}  # fmt: skip
    by_hand(queue, conditionalGroupRouting=rival)
    queue.apply()
    assert waits(queue) == [120]
    queue.rollback()
    assert waits(queue) == [9]
