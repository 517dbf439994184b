"""Organisation, limits, people, integrations, credentials and queues."""

from typing import Any

import pytest
from emulator_driver import CONTACT, QUEUE, USER, Driver

QUEUES = "/api/v2/routing/queues"
ONE = f"{QUEUES}/{QUEUE}"
GROUP = {"id": "7e3d9b1c-4a5f-4e2d-8c6b-0a1f2e3d4c13", "type": "GROUP"}
RULE = {"operator": "GreaterThan", "conditionValue": 30, "waitSeconds": 2, "groups": [GROUP]}


async def test_the_organisation_and_its_limits_are_told(platform: Driver) -> None:
    me = (await platform.get("/api/v2/organizations/me")).json
    limits = (await platform.get("/api/v2/organizations/limits/namespaces/dataactions")).json
    names = (await platform.get("/api/v2/organizations/limits/namespaces?pageSize=100")).json
    unknown = await platform.get("/api/v2/organizations/limits/namespaces/nothing")

    assert (me["productPlatform"], "homeDivision" in me) == ("GenesysCloud", False)
    assert {e["key"]: e["value"] for e in limits["entities"]}["requests.volume.max"] == 2500
    assert "business.rules" in names["entities"]
    assert unknown.status == 404


async def test_people_are_read_in_both_dialects(platform: Driver, guide: Driver) -> None:
    for driver in (platform, guide):
        user = await driver.get(f"/api/v2/users/{USER}")
        contact = await driver.get(f"/api/v2/externalcontacts/contacts/{CONTACT}")

        assert (user.json["name"], contact.json["lastName"]) == ("Alex Agent", "Caller")


async def test_an_integration_starts_disabled_and_its_config_has_a_version(
    platform: Driver,
) -> None:
    body = {"name": "CRM", "integrationType": {"id": "custom-rest-actions"}}
    created = (await platform.post("/api/v2/integrations", body)).json
    path = f"/api/v2/integrations/{created['id']}/config/current"
    config = (await platform.get(path)).json
    stored = await platform.send("PUT", path, {**config, "properties": {"a": 1}})
    stale = await platform.send("PUT", path, config)

    assert (created["intendedState"], created["reportedState"]["code"]) == ("DISABLED", "INACTIVE")
    assert (stored.json["version"], stored.json["properties"]) == (2, {"a": 1})
    assert stale.status == 409


async def test_an_unknown_integration_type_is_refused(platform: Driver) -> None:
    body = {"name": "x", "integrationType": {"id": "nonsense"}}

    assert (await platform.post("/api/v2/integrations", body)).status == 400


async def test_a_credential_never_tells_its_fields(platform: Driver) -> None:
    body = {"name": "c", "type": {"name": "userDefined"}, "credentialFields": {"key": "hush"}}
    created = (await platform.post("/api/v2/integrations/credentials", body)).json

    read = await platform.get(f"/api/v2/integrations/credentials/{created['id']}")
    listed = await platform.get("/api/v2/integrations/credentials")

    assert read.json["credentialFields"] == {"key": ""}
    assert b"hush" not in read.raw + listed.raw


async def test_a_put_replaces_the_whole_queue_but_what_the_server_sets(platform: Driver) -> None:
    before = (await platform.get(ONE)).json
    changed = {**before, "conditionalGroupRouting": {"rules": [RULE]}, "memberCount": 99}

    put = (await platform.send("PUT", ONE, changed)).json
    short = (await platform.send("PUT", ONE, {"name": "Technical Support"})).json

    assert put["conditionalGroupRouting"] == {"rules": [RULE]}
    assert (put["memberCount"], put["description"]) == (2, "Second line")
    assert "description" not in short


async def test_no_rules_remove_conditional_group_routing(platform: Driver) -> None:
    body = {"name": "Technical Support", "conditionalGroupRouting": {"rules": [RULE]}}
    await platform.send("PUT", ONE, body)

    put = await platform.send("PUT", ONE, {**body, "conditionalGroupRouting": {"rules": []}})

    assert "conditionalGroupRouting" not in put.json


@pytest.mark.parametrize(
    "rules",
    [
        [RULE] * 6,
        [{**RULE, "metric": "Weather"}],
        [{**RULE, "operator": "Equals"}],
        [{**RULE, "conditionValue": 259_201}],
        [{**RULE, "metric": "ServiceLevel", "conditionValue": 101}],
        [{**RULE, "waitSeconds": 1.5}],
        [{**RULE, "groups": []}],
        [{**RULE, "groups": [{"id": "g", "type": "CROWD"}]}],
        [{**RULE, "queue": {"id": QUEUE}}],
        [RULE, {**RULE, "queue": {"id": "nowhere"}}],
        "rules",
    ],
)
async def test_conditional_group_routing_is_checked(platform: Driver, rules: Any) -> None:
    body = {"name": "Technical Support", "conditionalGroupRouting": {"rules": rules}}

    got = await platform.send("PUT", ONE, body)

    assert (got.status, got.json["code"]) == (400, "invalid.value")


async def test_queues_are_created_found_by_name_and_deleted(platform: Driver) -> None:
    created = (await platform.post(QUEUES, {"name": "A [special] queue"})).json
    exact = (await platform.get(f"{QUEUES}?name=A%20[special]%20queue")).json["entities"]
    wild = (await platform.get(f"{QUEUES}?name=*support")).json["entities"]
    names = [each["name"] for each in (await platform.get(QUEUES)).json["entities"]]
    deleted = await platform.send("DELETE", f"{QUEUES}/{created['id']}")

    assert [each["id"] for each in exact] == [created["id"]]
    assert [each["name"] for each in wild] == ["Technical Support"]
    assert names == sorted(names)
    assert deleted.status == 204


async def test_integrations_are_found_by_what_they_report(platform: Driver) -> None:
    body = {"name": "CRM", "integrationType": {"id": "custom-rest-actions"}}
    created = (await platform.post("/api/v2/integrations", body)).json

    inactive = (await platform.get("/api/v2/integrations?reportedState=INACTIVE")).json
    active = (await platform.get("/api/v2/integrations?reportedState=ACTIVE")).json

    assert [each["id"] for each in inactive["entities"]] == [created["id"]]
    assert created["id"] not in [each["id"] for each in active["entities"]]


async def test_an_integration_tells_its_configuration_whole_when_asked(platform: Driver) -> None:
    body = {"name": "CRM", "integrationType": {"id": "custom-rest-actions"}}
    path = f"/api/v2/integrations/{(await platform.post('/api/v2/integrations', body)).json['id']}"
    config = (await platform.get(f"{path}/config/current")).json
    await platform.send("PUT", f"{path}/config/current", {**config, "notes": "for the CRM"})

    short = (await platform.get(path)).json["config"]["current"]
    whole = (await platform.get(f"{path}?expand=config.current")).json["config"]["current"]

    assert (short["version"], "properties" in short) == (2, False)
    assert (whole["notes"], whole["properties"]) == ("for the CRM", {})


@pytest.mark.parametrize("slot", [None, "id", {}, {"id": []}, {"id": 5}])
async def test_a_slot_of_credentials_refers_by_id(platform: Driver, slot: Any) -> None:
    integration = (await platform.get("/api/v2/integrations")).json["entities"][0]["id"]
    path = f"/api/v2/integrations/{integration}/config/current"
    config = (await platform.get(path)).json

    got = await platform.send("PUT", path, {**config, "credentials": {"basicAuth": slot}})

    assert got.status == 400
    assert (await platform.get(path)).json == config


@pytest.mark.parametrize("kind", [{"id": {}}, {"id": ["custom-rest-actions"]}, "x", 5])
async def test_an_integration_type_that_is_no_text_is_refused(platform: Driver, kind: Any) -> None:
    got = await platform.post("/api/v2/integrations", {"name": "x", "integrationType": kind})

    assert got.status == 400


@pytest.mark.parametrize("name", ["", 5, [], {}])
async def test_a_queue_has_a_name(platform: Driver, name: Any) -> None:
    queue = (await platform.get(ONE)).json

    assert (await platform.post(QUEUES, {"name": name})).status == 400
    assert (await platform.send("PUT", ONE, {**queue, "name": name})).status == 400


async def test_queues_are_found_by_division(platform: Driver) -> None:
    division = (await platform.get(ONE)).json["division"]["id"]

    here = (await platform.get(f"{QUEUES}?divisionId={division}")).json
    elsewhere = (await platform.get(f"{QUEUES}?divisionId=elsewhere")).json

    assert (here["total"], elsewhere["total"]) == (2, 0)
