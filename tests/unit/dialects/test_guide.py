from typing import Any

import pytest

from tieline.calls.operation import Answer
from tieline.dialects.guide import GUIDE
from tieline.dialects.port import Order, Progress
from tieline.errors import BadAnswer, InvalidInput, Unsupported

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
USER = "9d2f7a30-5b7e-4f0e-8c3d-2a6b1e4f7c01"
ACTION = "0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10"


def test_a_function_is_queued_with_its_inputs_and_the_time_it_needs() -> None:
    ask = GUIDE.functions.start(Order("f1", {"customerId": "1"}, time_limit_s=30.0))

    assert ask.request.target() == "/api/v2/customcode/executions"
    assert ask.request.body == {"customCodeId": "f1", "inputs": {"customerId": "1"}, "timeout": 30}
    assert ask.read(Answer(202, {"id": "e1", "status": "queued"})) == Progress("queued", "e1")


@pytest.mark.parametrize("state", ["queued", "running", "completed", "failed", "timed_out"])
def test_every_status_of_custom_code_is_read(state: Any) -> None:
    ask = GUIDE.functions.follow("f1", "e1")
    assert ask is not None

    progress = ask.read(Answer(200, {"id": "e1", "status": state, "result": {"a": 1}}))

    assert (progress.state, progress.result) == (state, {"a": 1})


def test_a_definition_of_custom_code_has_its_names_limit_and_state() -> None:
    ask = GUIDE.functions.describe("f1")
    body = {
        "id": "f1",
        "name": "n",
        "inputs": ["a"],
        "sandbox": {"timeout": 60},
        "status": "Active",
    }
    assert ask is not None

    definition = ask.read(Answer(200, body))

    assert (definition.input_names, definition.time_limit_s) == (("a",), 60.0)
    assert definition.active is True


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"id": "f1", "inputs": "a"}, "`inputs` is not a list"),
        ({"id": "f1", "inputs": [1]}, "`inputs` has an entry that is no string"),
        ({"id": "f1", "sandbox": {"timeout": "60"}}, "`sandbox.timeout` is not a number"),
        ({"id": "f1", "sandbox": {"timeout": True}}, "`sandbox.timeout` is not a number"),
        ({"name": "n"}, "`id` is missing"),
    ],
)
def test_a_definition_that_breaks_the_contract_names_the_field(body: Any, says: str) -> None:
    ask = GUIDE.functions.describe("f1")
    assert ask is not None

    with pytest.raises(BadAnswer, match=says):
        ask.read(Answer(200, body))


def test_an_action_is_invoked_and_followed_under_its_own_path() -> None:
    start = GUIDE.actions.start(Order(ACTION, {"priority": 1}))
    follow = GUIDE.actions.follow(ACTION, "i/1")
    assert follow is not None

    base = f"/api/v2/processes/data-actions/{ACTION}/invocations"
    assert start.request.target() == base
    assert follow.request.target() == f"{base}/i%2F1"
    assert start.read(Answer(202, {"invocationId": "i1", "status": "ACCEPTED"})).state == "queued"


@pytest.mark.parametrize("body", [{"executionId": "e1", "status": "QUEUED"}, {"id": "e1"}])
def test_either_answer_to_a_launch_is_read(body: Any) -> None:
    ask = GUIDE.flows.start(Order(FLOW, {}, user_id=USER))

    assert ask.read(Answer(200, body)).execution_id == "e1"


def test_a_launch_names_its_participant() -> None:
    for_user = GUIDE.flows.start(Order(FLOW, {}, user_id=USER)).request.body
    for_contact = GUIDE.flows.start(Order(FLOW, {"a": 1}, external_contact_id=USER)).request.body

    assert for_user == {"flowId": FLOW, "user": {"id": USER}}
    assert for_contact == {
        "flowId": FLOW, "externalContact": {"id": USER}, "inputData": {"a": 1},
    }  # fmt: skip


def test_a_launch_carries_the_name_it_is_given() -> None:
    ask = GUIDE.flows.start(Order(FLOW, {}, user_id=USER, name="c1"))

    assert ask.request.body == {"flowId": FLOW, "user": {"id": USER}, "name": "c1"}


WRONG_PARTICIPANTS = [
    ("none", None, None, "none given"),
    ("both", USER, USER, "both given"),
    ("a user that is no UUID", "me", None, "user: 'me' is not a UUID"),
    ("a contact that is no UUID", None, "me", "external contact: 'me' is not a UUID"),
]


@pytest.mark.parametrize(
    ("user", "contact", "says"),
    [row[1:] for row in WRONG_PARTICIPANTS],
    ids=[row[0] for row in WRONG_PARTICIPANTS],
)
def test_a_launch_is_for_exactly_one(user: Any, contact: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        GUIDE.flows.check(Order(FLOW, {}, user_id=user, external_contact_id=contact))


@pytest.mark.parametrize("wire", [GUIDE.functions, GUIDE.actions])
def test_only_flows_are_launched_for_somebody(wire: Any) -> None:
    with pytest.raises(Unsupported):
        wire.check(Order("x", {}, user_id=USER))


def test_registered_actions_may_come_as_a_bare_list_or_as_pages() -> None:
    listing = GUIDE.actions.catalogue(name="n")

    bare, paged = listing.pages(), listing.pages()
    assert bare.query == {"name": "n"}
    assert bare.read([{"id": "a"}]) == [{"id": "a"}]
    assert bare.query is None
    assert paged.read({"entities": [{"id": "a"}], "pageCount": 2}) == [{"id": "a"}]
    assert paged.query == {"name": "n", "pageSize": 100, "pageNumber": 2}


def test_a_registered_action_is_read_flat_or_nested() -> None:
    ask = GUIDE.actions.show("a")

    flat = ask.read(Answer(200, {"id": "a", "name": "n", "version": "1.0.0", "state": "active"}))
    nested = ask.read(
        Answer(
            200,
            {"id": "a", "actionDefinition": {"name": "n", "version": "1.0.0", "timeout": 30000}},
        )
    )

    assert (flat.name, flat.version) == (nested.name, nested.version) == ("n", "1.0.0")
    assert nested.time_limit_s == 30.0


def test_history_follows_the_token_to_the_end() -> None:
    listing = GUIDE.actions.history(ACTION)
    assert listing is not None
    pager = listing.pages()

    pager.read({"entities": [{"invocationId": "i1", "status": "COMPLETED"}], "nextPage": "t1"})

    assert pager.query == {"pageSize": 100, "nextPage": "t1"}
    entry = listing.item({"invocationId": "i1", "status": "COMPLETED"})
    assert (entry.execution_id, entry.status, entry.source) == ("i1", "completed", "platform")


def test_an_entry_of_a_list_that_is_no_object_is_a_bad_answer() -> None:
    listing = GUIDE.actions.history(ACTION)
    assert listing is not None

    with pytest.raises(BadAnswer, match="no JSON object"):
        listing.item("i1")


def test_a_routing_rule_is_read_with_its_version() -> None:
    body = {
        "id": "r1", "name": "n", "version": 3, "queue": {"id": "q"}, "priority": 10,
        "enabled": True, "expression": {"type": "condition"},
    }  # fmt: skip
    ask = GUIDE.routing.create({"name": "n"})

    rule = ask.read(Answer(201, body))

    assert (rule.version, rule.queue_id, rule.priority, rule.enabled) == (3, "q", 10, True)
    assert rule.to_json()["expression"] == {"type": "condition"}
    assert GUIDE.routing.patch("r1", {"enabled": False}, version=3).request.body == {
        "enabled": False,
        "version": 3,
    }
    assert GUIDE.routing.delete("r/1").target() == "/api/v2/routing/rules/r%2F1"
