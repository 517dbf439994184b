"""Custom code, registrations, invocations and routing rules as the guides have them."""

from typing import Any

import pytest
from emulator_driver import FUNCTION, INTAKE, LOOKUP, QUEUE, Driver

from tieline.emulator.app import Emulator

EXECUTIONS = "/api/v2/customcode/executions"
REGISTER = "/api/v2/platform/actions"
RULES = "/api/v2/routing/rules"
CONTACT = {"external_id": "x1", "channel": "chat", "timestamp": "2026-01-01T00:00:00Z"}
OBJECT = {"type": "object", "properties": {}}


def definition(**change: Any) -> dict[str, Any]:
    told = {"name": "custom_thing", "description": "d", "version": "1.0.0", "timeout": 30_000,
            "inputSchema": OBJECT, "outputSchema": OBJECT}  # fmt: skip
    return {"actionDefinition": {**told, **change}}


def rule(**change: Any) -> dict[str, Any]:
    condition = {"type": "condition", "field": "skill", "operator": "eq", "value": "x"}
    told = {"name": "First", "queue": {"id": QUEUE}, "expression": condition, "priority": 10}
    return {**told, **change}


async def test_custom_code_moves_from_queued_over_running_to_its_result(
    app: Emulator, guide: Driver
) -> None:
    inputs = {"customerId": "10024", "sessionId": "s"}
    queued = await guide.post(EXECUTIONS, {"customCodeId": FUNCTION, "inputs": inputs})
    path = f"{EXECUTIONS}/{queued.json['id']}"

    seen = []
    for seconds in (0, 0.1, 0.4):
        app.clock.advance(seconds)
        seen.append((await guide.get(path)).json)

    assert (queued.status, queued.json["status"]) == (202, "queued")
    assert [each["status"] for each in seen] == ["queued", "running", "completed"]
    assert seen[0]["result"] is None
    assert seen[2]["result"] == {
        "customerId": "10024", "sessionId": "s", "tier": seen[2]["result"]["tier"],
        "score": seen[2]["result"]["score"], "enriched": True,
    }  # fmt: skip


async def test_custom_code_that_throws_ends_failed_with_its_message(
    app: Emulator, guide: Driver
) -> None:
    got = await guide.post(EXECUTIONS, {"customCodeId": FUNCTION, "inputs": {"customerId": "boom"}})
    app.clock.advance(1)

    ended = (await guide.get(f"{EXECUTIONS}/{got.json['id']}")).json

    assert (ended["status"], ended["error"]) == ("failed", "no such customer: boom")


async def test_custom_code_that_runs_longer_than_its_caller_allows_is_timed_out(
    with_fixture,  # noqa: ANN001  # a maker
) -> None:
    slow = {"id": "slow", "name": "Slow", "inputs": [], "sandbox": {"timeout": 60},
            "emulator": {"output": {}, "seconds": {"running": 20}}}  # fmt: skip
    driver = with_fixture({"custom_code": [slow]})
    await driver.login(path="/api/v2/oauth/token")

    got = await driver.post(EXECUTIONS, {"customCodeId": "slow", "timeout": 5})
    driver.app.clock.advance(5.1)

    assert (await driver.get(f"{EXECUTIONS}/{got.json['id']}")).json["status"] == "timed_out"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"customCodeId": FUNCTION, "inputs": {"nonsense": 1}}, 400),
        ({"customCodeId": FUNCTION, "inputs": [1]}, 400),
        ({"customCodeId": FUNCTION, "inputs": []}, 400),
        ({"customCodeId": 5}, 400),
        ({"customCodeId": FUNCTION, "timeout": 61}, 400),
        ({"customCodeId": FUNCTION, "timeout": "30"}, 400),
        ({"customCodeId": "nobody"}, 404),
        ({}, 400),
    ],
)
async def test_an_execution_that_cannot_be_is_refused(
    guide: Driver, body: dict[str, Any], status: int
) -> None:
    assert (await guide.post(EXECUTIONS, body)).status == status


async def test_inactive_custom_code_is_not_executed(app: Emulator, guide: Driver) -> None:
    app.world.custom_code.definitions.get(FUNCTION)["status"] = "inactive"

    assert (await guide.post(EXECUTIONS, {"customCodeId": FUNCTION})).status == 400


async def test_a_registration_is_listed_by_name_and_read_with_its_schemas(guide: Driver) -> None:
    created = await guide.post(REGISTER, definition())
    listed = (await guide.get(f"{REGISTER}?name=custom_thing")).json["entities"]
    read = (await guide.get(f"{REGISTER}/{created.json['id']}")).json

    assert created.status == 201
    assert created.json == {
        "id": created.json["id"], "version": "1.0.0", "state": "active", "name": "custom_thing",
    }  # fmt: skip
    assert [each["id"] for each in listed] == [created.json["id"]]
    assert read["actionDefinition"]["timeout"] == 30_000


async def test_a_version_is_an_immutable_revision(guide: Driver) -> None:
    first = await guide.post(REGISTER, definition())
    again = await guide.post(REGISTER, definition(description="changed"))
    next_one = await guide.post(REGISTER, definition(version="1.1.0"))
    versions = (await guide.get(f"{REGISTER}/{first.json['id']}/versions")).json["entities"]

    assert (again.status, next_one.status) == (409, 201)
    assert next_one.json["id"] == first.json["id"]
    assert [each["version"] for each in versions] == ["1.0.0", "1.1.0"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"timeout": 30_001}, 400),
        ({"timeout": "30"}, 400),
        ({"name": "thing"}, 403),
        ({"name": "custom_"}, 400),
        ({"version": "one"}, 400),
        ({"inputSchema": {"type": "nonsense"}}, 400),
        ({"outputSchema": None}, 400),
    ],
)
async def test_a_registration_that_breaks_a_rule_is_refused(
    guide: Driver, change: dict[str, Any], status: int
) -> None:
    assert (await guide.post(REGISTER, definition(**change))).status == status


async def test_an_invocation_is_accepted_followed_and_found_in_the_history(
    app: Emulator, guide: Driver
) -> None:
    path = f"/api/v2/processes/data-actions/{LOOKUP}/invocations"
    accepted = await guide.post(path, {"customerId": "10024"})
    app.clock.advance(1)

    shown = (await guide.get(f"{path}/{accepted.json['invocationId']}")).json
    history = (await guide.get(path)).json

    assert (accepted.status, accepted.json["status"]) == (202, "QUEUED")
    assert (shown["status"], shown["result"]["tier"]) == ("COMPLETED", "gold")
    assert history == {"entities": [shown], "nextPage": None}


@pytest.mark.parametrize(
    "change",
    [
        {"contact": {**CONTACT, "external_id": ""}},
        {"contact": {**CONTACT, "channel": "fax"}},
        {"contact": {**CONTACT, "timestamp": "2026-01-01"}},
        {"priority": 6},
        {"priority": "1"},
        {"tags": ["a", "a"]},
        {"tags": [str(i) for i in range(11)]},
        {"callback_url": "ftp://x"},
        {"surprise": 1},
    ],
)
async def test_a_payload_that_breaks_the_contract_is_refused(
    app: Emulator, guide: Driver, change: dict[str, Any]
) -> None:
    path = f"/api/v2/processes/data-actions/{INTAKE}/invocations"
    good = await guide.post(path, {"contact": CONTACT, "priority": 5, "tags": ["a", "b"]})

    bad = await guide.post(path, {"contact": CONTACT, **change})

    assert (good.status, bad.status) == (202, 400)
    assert bad.json["details"]
    assert len(app.world.invocations.invocations) == 1


async def test_history_is_cut_by_an_opaque_token_until_it_is_null(guide: Driver) -> None:
    path = f"/api/v2/processes/data-actions/{LOOKUP}/invocations"
    for number in range(5):
        await guide.post(path, {"customerId": str(number)})

    ids, token = list[str](), ""
    while token is not None:
        page = (await guide.get(f"{path}?pageSize=2&nextPage={token}")).json
        ids += [each["invocationId"] for each in page["entities"]]
        token = page["nextPage"]

    assert len(set(ids)) == 5
    assert (await guide.get(f"{path}?nextPage=made-up")).status == 400


async def test_an_invocation_is_found_under_its_own_action_only(guide: Driver) -> None:
    path = f"/api/v2/processes/data-actions/{LOOKUP}/invocations"
    accepted = await guide.post(path, {"customerId": "1"})
    other = f"/api/v2/processes/data-actions/{INTAKE}/invocations"

    assert (await guide.get(f"{other}/{accepted.json['invocationId']}")).status == 404


async def test_a_rule_is_created_listed_changed_and_deleted(guide: Driver) -> None:
    created = (await guide.post(RULES, rule())).json
    listed = (await guide.get(f"{RULES}?queueId={QUEUE}")).json
    changed = await guide.send("PATCH", f"{RULES}/{created['id']}", {"version": 1, "priority": 20})
    deleted = await guide.send("DELETE", f"{RULES}/{created['id']}")

    assert (created["version"], created["enabled"]) == (1, True)
    assert (listed["total"], listed["pageNumber"], listed["pageCount"]) == (1, 1, 1)
    assert (changed.json["version"], changed.json["priority"]) == (2, 20)
    assert deleted.status == 204
    assert (await guide.get(RULES)).json["entities"] == []


async def test_a_queue_has_a_rule_of_a_name_once(guide: Driver) -> None:
    await guide.post(RULES, rule())

    again = await guide.post(RULES, rule(priority=1))
    other = await guide.post(RULES, rule(name="Second"))
    renamed = await guide.send(
        "PATCH", f"{RULES}/{other.json['id']}", {"version": 1, "name": "First"}
    )

    assert (again.status, other.status, renamed.status) == (409, 201, 409)


async def test_a_stale_version_changes_nothing(guide: Driver) -> None:
    created = (await guide.post(RULES, rule())).json
    path = f"{RULES}/{created['id']}"
    await guide.send("PATCH", path, {"version": 1, "priority": 1})

    stale = await guide.send("PATCH", path, {"version": 1, "priority": 2})
    without = await guide.send("PATCH", path, {"priority": 2})

    assert (stale.status, stale.json["code"]) == (409, "version.mismatch")
    assert without.status == 400
    assert (await guide.get(path)).json["priority"] == 1


def nested(depth: int) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "condition", "field": "a", "operator": "exists"}
    for _ in range(depth - 1):
        node = {"type": "not", "children": [node]}
    return node


@pytest.mark.parametrize(
    ("expression", "status"),
    [
        (nested(10), 201),
        (nested(11), 400),
        ({"type": "and", "children": []}, 400),
        ({"type": "not", "children": [nested(1), nested(1)]}, 400),
        ({"type": "or", "children": [nested(1)], "field": "a"}, 400),
        ({"type": "condition", "field": "a", "operator": "like", "value": 1}, 400),
        ({"type": "condition", "field": "a", "operator": "eq"}, 400),
        ({"type": "condition", "field": "", "operator": "exists"}, 400),
        ({"type": "condition", "field": "a", "operator": "exists", "value": "x"}, 201),
        ({"type": "xor", "children": [nested(1)]}, 400),
        ({"type": {}, "children": [nested(1)]}, 400),
        ({"type": "condition", "field": "a", "operator": ["eq"], "value": 1}, 400),
        ("skill eq 1", 400),
    ],
)
async def test_an_expression_is_checked_as_the_guide_counts(
    guide: Driver, expression: object, status: int
) -> None:
    assert (await guide.post(RULES, rule(expression=expression))).status == status


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "missing ): ("),
        ("(?=a)", "RE2 syntax"),
        (5, "as text"),
        (None, "as text"),
    ],
)
async def test_a_pattern_that_is_none_is_refused_with_its_place(
    guide: Driver, pattern: object, said: str
) -> None:
    wrong = {"type": "condition", "field": "a", "operator": "regex", "value": pattern}

    got = await guide.post(RULES, rule(expression={"type": "and", "children": [nested(1), wrong]}))

    assert got.status == 400
    (detail,) = got.json["details"]
    assert detail["fieldName"] == "expression.children[1]"
    assert said in detail["message"]


async def test_a_pattern_in_re2_syntax_is_taken(guide: Driver) -> None:
    right = {"type": "condition", "field": "a", "operator": "regex", "value": "^a+(?P<n>b)$"}

    assert (await guide.post(RULES, rule(expression=right))).status == 201


@pytest.mark.parametrize(
    "change",
    [{"queue": {"id": "nowhere"}}, {"priority": "1"}, {"enabled": 1}, {"name": None}, {"name": ""}],
)
async def test_a_rule_with_a_bad_field_is_refused(guide: Driver, change: dict[str, Any]) -> None:
    assert (await guide.post(RULES, rule(**change))).status == 400


async def test_a_null_in_a_change_of_a_rule_leaves_the_field_as_it_is(guide: Driver) -> None:
    made = (await guide.post(RULES, rule())).json
    change = {"version": 1, "name": None, "queue": None, "expression": None, "priority": 3}

    got = (await guide.send("PATCH", f"{RULES}/{made['id']}", change)).json

    assert got == {**made, "priority": 3, "version": 2}
