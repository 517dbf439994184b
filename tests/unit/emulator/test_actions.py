"""Actions of the platform: reading, drafts and publication, contracts, execution."""

from typing import Any

import pytest
from emulator_driver import FUNCTION, LOOKUP, Driver
from hypothesis import given
from hypothesis import strategies as st

from tieline.emulator.actions.flattened import flat_value
from tieline.emulator.app import Emulator

PREFIX = "/api/v2/integrations/actions"
ONE = f"{PREFIX}/{LOOKUP}"
WEB = "d7b1a4e0-3c5f-4a2b-8d9e-6f0c1b2a3d10"
FUNCTIONS = "f0a2c6e8-1b3d-4e5f-9a7c-8b6d4f2e0c11"


def action(**change: Any) -> dict[str, Any]:
    return {
        "name": "Order State",
        "category": "Orders",
        "integrationId": WEB,
        "config": {"request": {"requestUrlTemplate": "https://x.example/${input.id}"}},
        "contract": contract(),
        **change,
    }


def contract(inputs: Any = None, output: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = {"id": {"type": "string"}} if inputs is None else inputs
    return {
        "input": {"inputSchema": {"type": "object", "properties": properties}},
        "output": {"successSchema": output or {"type": "object"}},
    }


async def test_a_contract_and_a_config_are_told_only_when_asked_for(platform: Driver) -> None:
    short = (await platform.get(ONE)).json
    whole = (await platform.get(f"{ONE}?expand=contract&includeConfig=true")).json

    assert short["contract"]["input"] == {"inputSchemaUri": f"{ONE}/schemas/input.json"}
    assert "config" not in short
    assert whole["contract"]["input"]["inputSchema"]["required"] == ["customerId"]
    assert "requestTemplate" not in whole["config"]["request"]
    assert whole["config"]["request"]["requestTemplateUri"] == f"{ONE}/templates/requesttemplate.vm"


async def test_actions_are_found_by_part_of_their_name(platform: Driver) -> None:
    found = (await platform.get(f"{PREFIX}?name=CUSTOMER&sortBy=name&sortOrder=DESC")).json

    assert [each["id"] for each in found["entities"]] == [LOOKUP]
    assert found["selfUri"].startswith(f"{PREFIX}?name=CUSTOMER")


async def test_more_than_fifty_ids_are_too_many_to_ask_for(platform: Driver) -> None:
    ids = ["a"] * 50

    assert (await platform.get(f"{PREFIX}?ids={','.join(ids)}")).status == 200
    assert (await platform.get(f"{PREFIX}?ids={','.join(['a', *ids])}")).status == 400


async def test_schemas_and_templates_are_files(platform: Driver) -> None:
    schema = await platform.get(f"{ONE}/schemas/success.json")
    template = await platform.get(f"{ONE}/templates/requesttemplate.vm")
    missing = await platform.get(f"{ONE}/schemas/other.json")

    assert schema.json["title"] == "CustomerLookupReply"
    assert template.headers["content-type"].startswith("text/plain")
    assert template.raw == b"${input.rawRequest}"
    assert missing.status == 404


async def test_execute_answers_with_the_output_alone(app: Emulator, platform: Driver) -> None:
    got = await platform.post(f"{ONE}/execute", {"customerId": "10024"})

    assert got.json == {"customerName": "Ada Lovelace", "tier": "gold"}
    assert app.entries("actions.execute")[0].effect is not None


@pytest.mark.parametrize(
    ("given", "status", "error_code"),
    [
        ({}, 400, "ACTION.PROCESSING"),
        ({"customerId": 1}, 400, "ACTION.PROCESSING"),
        ({"customerId": "1", "more": "x"}, 400, "ACTION.PROCESSING"),
        ({"customerId": "boom"}, 500, "ACTION.REMOTE_ENDPOINT"),
        ({"customerId": "slow"}, 504, "ACTION.REMOTE_ENDPOINT"),
    ],
)
async def test_an_execution_fails_in_the_platforms_families_of_errors(
    platform: Driver, given: dict[str, Any], status: int, error_code: str
) -> None:
    got = await platform.post(f"{ONE}/execute", given)

    assert got.status == status
    assert got.json["details"][0]["errorCode"] == error_code


async def test_a_function_that_throws_is_500_with_the_cause_inside(platform: Driver) -> None:
    got = await platform.post(f"{PREFIX}/{FUNCTION}/execute", {"customerId": "boom"})

    assert (got.status, got.json["code"]) == (500, "internal.server.error")
    assert got.json["errors"][0]["code"] == "INTERNAL_SERVER_ERROR"
    assert "no such customer: boom" in got.json["errors"][0]["message"]


async def test_an_action_of_a_disabled_integration_is_not_executed(platform: Driver) -> None:
    path = f"/api/v2/integrations/{WEB}"
    await platform.send("PATCH", path, {"intendedState": "DISABLED"})

    got = await platform.post(f"{ONE}/execute", {"customerId": "10024"})

    assert got.status == 400


async def test_a_test_tells_each_step_and_is_200_when_one_failed(platform: Driver) -> None:
    good = (await platform.post(f"{ONE}/test", {"customerId": "10024"})).json
    bad = (await platform.post(f"{ONE}/test", {})).json

    assert [step["name"] for step in good["operations"]] == [
        "Validate input against schema", "Resolve URL template", "Resolve request template",
        "Resolve headers", "Execute", "Apply output transformation",
        "Validate output against schema",
    ]  # fmt: skip
    assert (good["success"], good["finalResult"]["tier"]) == (True, "gold")
    assert (bad["success"], len(bad["operations"]), "finalResult" in bad) == (False, 1, False)


async def test_a_draft_is_changed_published_and_gone(platform: Driver) -> None:
    draft = (await platform.post(f"{PREFIX}/drafts", action())).json
    path = f"{PREFIX}/{draft['id']}"
    before = await platform.get(path)
    patched = (await platform.send("PATCH", f"{path}/draft", {"version": 1, "name": "B"})).json
    published = (await platform.post(f"{path}/draft/publish", {"version": 2})).json

    assert before.status == 404
    assert (patched["version"], published["version"], published["name"]) == (2, 3, "B")
    assert (await platform.get(f"{path}/draft")).status == 404


async def test_a_version_that_is_not_the_current_one_is_409(platform: Driver) -> None:
    await platform.post(f"{ONE}/draft")

    for method, path in (
        ("PATCH", ONE),
        ("PATCH", f"{ONE}/draft"),
        ("POST", f"{ONE}/draft/publish"),
    ):
        got = await platform.send(method, path, {"version": 7, "name": "x"})

        assert (got.status, got.json["code"]) == (409, "version.mismatch")
        assert "does not match the current version" in got.json["message"]


async def test_there_is_one_draft_at_a_time(platform: Driver) -> None:
    first = await platform.post(f"{ONE}/draft")
    second = await platform.post(f"{ONE}/draft")

    assert (first.status, second.status) == (200, 409)


@pytest.mark.parametrize(
    "change", [{"contract": contract({"other": {"type": "string"}})}, {"secure": True}]
)
async def test_contract_and_secure_are_frozen_once_published(
    platform: Driver, change: dict[str, Any]
) -> None:
    await platform.post(f"{ONE}/draft")

    published = await platform.send("PATCH", ONE, {"version": 1, **change})
    draft = await platform.send("PATCH", f"{ONE}/draft", {"version": 1, **change})

    assert (published.status, draft.status) == (400, 400)


async def test_what_was_published_keeps_answering_while_its_draft_changes(
    platform: Driver,
) -> None:
    await platform.post(f"{ONE}/draft")
    await platform.send("PATCH", f"{ONE}/draft", {"version": 1, "name": "other"})

    published = (await platform.get(ONE)).json
    answer = await platform.post(f"{ONE}/execute", {"customerId": "10024"})

    assert (published["name"], answer.status) == ("custom_customer_lookup", 200)


@pytest.mark.parametrize(
    "broken",
    [
        contract({"a": {"type": "object"}}),
        contract({"a": {"type": "array", "items": {"type": "string"}}}),
        contract({"1a": {"type": "string"}}),
        contract({"rawRequest": {"type": "string"}}),
        contract({"a": {"type": "string", "$ref": "#/x"}}),
        contract({"a": {}}),
        contract(output={"type": "string"}),
        contract(output={"type": "array"}),
        contract(output={"type": {}}),
        contract([]),
        contract({"a": True}),
        contract({"a": {"type": 5}}),
        contract({"a": {"type": [{}]}}),
    ],
)
async def test_a_contract_that_the_platform_does_not_allow_is_refused(
    platform: Driver, broken: dict[str, Any]
) -> None:
    got = await platform.post(PREFIX, action(contract=broken))

    assert (got.status, got.json["code"]) == (400, "invalid.schema")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"integrationId": "nothing"}, 400),
        ({"integrationId": FUNCTIONS}, 400),
        ({"name": "x" * 257}, 400),
        ({"config": {"timeoutSeconds": 61}}, 400),
        ({"config": {"request": {"requestType": "HEAD"}}}, 400),
        ({"config": {"request": {"headers": {"Accept": "text/html"}}}}, 400),
        ({"config": {"request": {"headers": {"X-Area": 5}}}}, 400),
        ({"config": {"request": {"requestType": []}}}, 400),
        ({"config": {"request": {"requestTemplate": 5}}}, 400),
        ({"config": {"response": {"successTemplate": False}}}, 400),
        ({"config": {"response": {"translationMap": {"a": ["$.a"]}}}}, 400),
        ({"integrationId": {}}, 400),
        ({"secure": "yes"}, 400),
        ({"contract": {}}, 400),
    ],
)
async def test_an_action_is_created_only_with_fields_that_fit(
    platform: Driver, change: dict[str, Any], status: int
) -> None:
    assert (await platform.post(PREFIX, action(**change))).status == status


async def test_a_function_draft_without_a_function_is_not_published(platform: Driver) -> None:
    draft = (await platform.post(f"{PREFIX}/drafts", action(integrationId=FUNCTIONS))).json
    path = f"{PREFIX}/{draft['id']}/draft"

    validation = (await platform.get(f"{path}/validation")).json
    publish = await platform.post(f"{path}/publish", {"version": 1})

    assert validation["valid"] is False
    assert publish.status == 400


async def test_a_functions_settings_are_set_on_its_draft_and_published(platform: Driver) -> None:
    path = f"{PREFIX}/{FUNCTION}"
    settings = {"description": "d", "handler": "src/index.handler", "runtime": "nodejs22.x"}
    await platform.post(f"{path}/draft")
    before = (await platform.get(f"{path}/draft/function")).json
    put = await platform.send("PUT", f"{path}/draft/function", {**settings, "timeoutSeconds": 5})
    await platform.post(f"{path}/draft/publish", {"version": 1})

    published = (await platform.get(f"{path}/function")).json
    answer = await platform.post(f"{path}/execute", {"customerId": "1"})

    assert (before["function"]["timeoutSeconds"], put.status) == (15, 200)
    assert put.json["function"]["dateCreated"]
    assert published["function"]["timeoutSeconds"] == 5
    assert published["zip"]["id"] == before["zip"]["id"]
    assert answer.status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"runtime": "cobol"},
        {"runtime": []},
        {"timeoutSeconds": 16},
        {"timeoutSeconds": 0},
        {"timeoutSeconds": "5"},
        {"handler": None},
        {"handler": 5},
        {"handler": ""},
    ],
)
async def test_a_functions_settings_are_checked(platform: Driver, change: dict[str, Any]) -> None:
    settings = {"description": "d", "handler": "src/index.handler", "runtime": "nodejs22.x"}
    await platform.post(f"{PREFIX}/{FUNCTION}/draft")

    got = await platform.send("PUT", f"{PREFIX}/{FUNCTION}/draft/function", {**settings, **change})
    other = await platform.get(f"{ONE}/function")

    assert (got.status, other.status) == (400, 404)


async def test_deleting_an_integration_deletes_its_actions(platform: Driver) -> None:
    await platform.send("DELETE", f"/api/v2/integrations/{WEB}")

    assert (await platform.get(ONE)).status == 404


async def test_an_unscripted_action_without_an_absolute_url_says_what_is_missing(
    platform: Driver,
) -> None:
    config = {"request": {"requestUrlTemplate": "/api/v2/users/${input.id}"}}
    created = (await platform.post(PREFIX, action(config=config))).json

    got = await platform.post(f"{PREFIX}/{created['id']}/execute", {"id": "1"})

    assert (got.status, "absolute" in got.json["message"]) == (400, True)


def test_nested_results_are_flattened_into_dotted_names_and_parallel_arrays() -> None:
    value = {"a": {"b": 1}, "items": [{"n": "x", "d": {"e": 1}}, {"n": "y"}], "list": [1, 2]}

    assert flat_value(value) == {
        "a.b": 1, "items.n": ["x", "y"], "items.d.e": [1, None], "list": [1, 2],
    }  # fmt: skip


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_a_flat_result_has_no_object_inside_an_object(value: Any) -> None:
    flat = flat_value(value)

    if isinstance(value, dict):
        assert not any(isinstance(child, dict) and child for child in flat.values())
