"""Flows: launching in both dialects, following, reading."""

from typing import Any

import pytest
from emulator_driver import CONTACT, FLOW, USER, Driver

from tieline.emulator.app import Emulator

LAUNCH = "/api/v2/flows/executions"


async def test_a_launch_answers_with_the_fields_of_both_dialects(platform: Driver) -> None:
    got = (await platform.post(LAUNCH, {"flowId": FLOW, "name": "mine"})).json

    assert got["id"] == got["executionId"]
    assert got["selfUri"] == f"{LAUNCH}/{got['id']}"
    assert (got["flowId"], got["status"], got["name"]) == (FLOW, "RUNNING", "mine")


async def test_a_guide_sees_queued_where_the_platform_sees_running(
    app: Emulator, guide: Driver, platform: Driver
) -> None:
    execution = (await guide.post(LAUNCH, {"flowId": FLOW, "user": {"id": USER}})).json

    path, seen = f"{LAUNCH}/{execution['id']}", []
    for seconds in (0, 0.1, 0.4):
        app.clock.advance(seconds)
        seen += [(await driver.get(path)).json["status"] for driver in (guide, platform)]

    assert execution["user"] == {"id": USER}
    assert seen == ["QUEUED", "RUNNING", "RUNNING", "RUNNING", "COMPLETED", "COMPLETED"]


@pytest.mark.parametrize(
    ("people", "status"),
    [
        ({"user": {"id": USER}}, 200),
        ({"externalContact": {"id": CONTACT}}, 200),
        ({"user": {"id": USER}, "externalContact": {"id": CONTACT}}, 400),
        ({}, 400),
        ({"user": {"id": CONTACT}}, 400),
        ({"user": {}}, 400),
        ({"inputData": {"Flow.customerId": "1"}}, 200),
    ],
)
async def test_a_guide_launches_for_exactly_one_person_unless_it_sends_the_real_body(
    guide: Driver, people: dict[str, Any], status: int
) -> None:
    got = await guide.post(LAUNCH, {"flowId": FLOW, **people})

    assert got.status == status


@pytest.mark.parametrize(
    "body",
    [
        {"flowId": 5},
        {"flowId": ""},
        {"flowId": {}},
        {"flowId": FLOW, "inputData": []},
        {"flowId": FLOW, "inputData": ""},
        {"flowId": FLOW, "flowVersion": 3},
        {"flowId": FLOW, "name": 5},
    ],
)
async def test_a_launch_whose_fields_have_a_wrong_type_starts_nothing(
    app: Emulator, platform: Driver, body: dict[str, Any]
) -> None:
    assert (await platform.post(LAUNCH, body)).status == 400
    assert len(app.world.flows.executions) == 0


async def test_flows_are_found_by_division(platform: Driver) -> None:
    division = (await platform.get(f"/api/v2/flows/{FLOW}")).json["division"]["id"]

    here = (await platform.get(f"/api/v2/flows?divisionId=other%2C{division}")).json
    elsewhere = (await platform.get("/api/v2/flows?divisionId=other")).json

    assert (here["total"], elsewhere["total"]) == (1, 0)


async def test_the_platform_ignores_fields_it_does_not_know(platform: Driver) -> None:
    body = {"flowId": FLOW, "user": {"id": "nobody"}, "inputs": {"a": 1}}

    assert (await platform.post(LAUNCH, body)).status == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"Flow.customerId": 5}, "Flow.customerId"),
        ({"Flow.priority": "high"}, "Flow.priority"),
        ({"Flow.priority": True}, "Flow.priority"),
        ({"customerId": "1"}, ""),
    ],
)
async def test_an_input_that_does_not_fit_is_refused_and_nothing_starts(
    app: Emulator, platform: Driver, given: dict[str, Any], field: str
) -> None:
    got = await platform.post(LAUNCH, {"flowId": FLOW, "inputData": given})

    assert got.status == 400
    assert [detail["fieldName"] for detail in got.json["details"]] == [field]
    assert len(app.world.flows.executions) == 0


async def test_null_is_an_input_that_was_not_set(platform: Driver) -> None:
    body = {"flowId": FLOW, "inputData": {"Flow.priority": None}}

    assert (await platform.post(LAUNCH, body)).status == 200


@pytest.mark.parametrize(
    "change",
    [{"deleted": True}, {"publishedVersion": None}, {"type": "INBOUNDCALL"}],
    ids=["deleted", "not published", "of another type"],
)
async def test_a_flow_that_cannot_be_launched_is_refused(
    app: Emulator, platform: Driver, change: dict[str, Any]
) -> None:
    app.world.flows.flows.get(FLOW).update(change)

    assert (await platform.post(LAUNCH, {"flowId": FLOW})).status == 400


async def test_a_version_is_launched_if_it_was_ever_published(platform: Driver) -> None:
    known = await platform.post(LAUNCH, {"flowId": FLOW, "flowVersion": "2.0"})
    unknown = await platform.post(LAUNCH, {"flowId": FLOW, "flowVersion": "9.0"})

    assert (known.status, unknown.status) == (200, 400)


@pytest.mark.parametrize("missing", [{}, {"flowId": None}])
async def test_a_launch_needs_a_flow(platform: Driver, missing: dict[str, Any]) -> None:
    got = await platform.post(LAUNCH, missing)

    assert (got.status, got.json["code"]) == (400, "required.fields.missing")


@pytest.mark.parametrize(
    ("customer", "status", "has"),
    [
        ("1", "COMPLETED", "outputData"),
        ("fail", "FAILED", "completionReason"),
        ("error", "ERROR", "flowErrorInfo"),
        ("stop", "TERMINATED", "completionReason"),
    ],
)
async def test_an_execution_ends_as_the_fixture_says_and_nothing_is_null(
    app: Emulator, platform: Driver, customer: str, status: str, has: str
) -> None:
    body = {"flowId": FLOW, "inputData": {"Flow.customerId": customer}}
    execution_id = (await platform.post(LAUNCH, body)).json["id"]
    app.clock.advance(1)

    ended = (await platform.get(f"{LAUNCH}/{execution_id}")).json

    assert ended["status"] == status
    assert has in ended
    assert ("outputData" in ended) == (status == "COMPLETED")
    assert None not in ended.values()


async def test_an_execution_may_be_invisible_for_a_while(with_fixture) -> None:  # noqa: ANN001  # a maker
    driver = with_fixture({"settings": {"flow_visible_after_seconds": 5}})
    await driver.login()
    execution_id = (await driver.post(LAUNCH, {"flowId": FLOW})).json["id"]

    early = await driver.get(f"{LAUNCH}/{execution_id}")
    driver.app.clock.advance(5)
    later = await driver.get(f"{LAUNCH}/{execution_id}")

    assert (early.status, later.status) == (404, 200)


async def test_an_execution_is_found_for_a_week_and_no_longer(
    app: Emulator, platform: Driver
) -> None:
    execution_id = (await platform.post(LAUNCH, {"flowId": FLOW})).json["id"]

    seen = []
    for seconds in (6.9 * 86_400, 0.1 * 86_400):
        app.clock.advance(seconds)
        await platform.login()
        seen.append((await platform.get(f"{LAUNCH}/{execution_id}")).status)

    assert seen == [200, 404]


async def test_flows_are_listed_page_by_page_with_links(with_fixture) -> None:  # noqa: ANN001  # a maker
    flows = [{"id": f"f{i}", "name": f"Flow {i}", "type": "WORKFLOW"} for i in range(4)]
    driver = with_fixture({"flows": flows})
    await driver.login()

    first = (await driver.get("/api/v2/flows?pageSize=2&type=workflow")).json
    last = (await driver.get("/api/v2/flows?pageSize=2&pageNumber=3&type=workflow")).json
    beyond = (await driver.get("/api/v2/flows?pageSize=2&pageNumber=9")).json

    assert (first["total"], first["pageCount"], len(first["entities"])) == (5, 3, 2)
    assert first["nextUri"] == "/api/v2/flows?type=workflow&pageSize=2&pageNumber=2"
    assert "previousUri" not in first
    assert "nextUri" not in last
    assert beyond["entities"] == []


@pytest.mark.parametrize("query", ["pageSize=101", "pageSize=0", "pageSize=x", "pageNumber=-1"])
async def test_a_page_out_of_range_is_refused(platform: Driver, query: str) -> None:
    got = await platform.get(f"/api/v2/flows?{query}")

    assert (got.status, got.json["code"]) == (400, "invalid.value")


async def test_ids_joined_and_repeated_are_the_same_filter(platform: Driver) -> None:
    for query in (f"id={FLOW}%2Cnothing", f"id=nothing&id={FLOW}"):
        listed = (await platform.get(f"/api/v2/flows?{query}&name=ignored")).json["entities"]

        assert [flow["id"] for flow in listed] == [FLOW]


async def test_schemas_are_listed_only_when_asked_for(platform: Driver) -> None:
    without = (await platform.get("/api/v2/flows")).json["entities"][0]
    asked = (await platform.get("/api/v2/flows?includeSchemas=true")).json["entities"][0]
    single = (await platform.get(f"/api/v2/flows/{FLOW}")).json

    assert ["inputSchema" in flow for flow in (without, asked, single)] == [False, True, True]
    assert "emulator" not in single
