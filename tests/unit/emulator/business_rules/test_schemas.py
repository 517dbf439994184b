"""Rule schemas and their core types."""

from typing import Any

import pytest
from emulator_driver import Driver
from table_driver import SCHEMAS, TableDriver, attribute

PROPERTIES = {
    "tier": attribute("enum", enum=["gold", "silver"]),
    "wait": attribute("integer", minimum=0, maximum=60),
}


def schema(properties: Any = None, title: Any = "Routing") -> dict[str, Any]:
    told = PROPERTIES if properties is None else properties
    return {"jsonSchema": {"title": title, "type": "object", "properties": told}}


async def test_a_schema_is_kept_as_version_1_with_its_definitions(platform: Driver) -> None:
    made = (await platform.post(SCHEMAS, schema())).json
    read = (await platform.get(f"{SCHEMAS}/{made['id']}")).json

    assert read == made
    assert (made["name"], made["version"], made["enabled"]) == ("Routing", 1, True)
    assert made["appliesTo"] == ["DECISION_TABLE"]
    assert set(made["jsonSchema"]["definitions"]) == {"enum", "integer"}
    assert (await platform.get(SCHEMAS)).json["entities"] == [made]


@pytest.mark.parametrize(
    "body",
    [
        schema({"only": attribute("string")}),
        schema({f"a{n}": attribute("string") for n in range(51)}),
        schema(title=""),
        schema(title="a" * 51),
        schema({**PROPERTIES, "a": attribute("text")}),
        schema({**PROPERTIES, "a": {"type": "string"}}),
        schema({**PROPERTIES, "a": attribute("enum", enum=[])}),
        schema({**PROPERTIES, "a": attribute("enum", enum=["a", "a"])}),
        schema({**PROPERTIES, "a": attribute("enum", enum=[1])}),
        schema({**PROPERTIES, "a": attribute("string", maxLength="9")}),
        schema({**PROPERTIES, "a": attribute("string", minLength=-1)}),
        schema({**PROPERTIES, "a": attribute("integer", minimum=5, maximum=4)}),
        schema([]),
    ],
)
async def test_a_schema_that_makes_no_sense_is_unprocessable(platform: Driver, body: Any) -> None:
    assert (await platform.post(SCHEMAS, body)).status == 422


async def test_a_change_names_the_current_version(platform: Driver) -> None:
    made = (await platform.post(SCHEMAS, schema())).json
    path = f"{SCHEMAS}/{made['id']}"

    changed = await platform.send("PUT", path, {**schema(title="Other"), "version": 1})
    stale = await platform.send("PUT", path, {**schema(), "version": 1})

    assert (changed.json["name"], changed.json["version"]) == ("Other", 2)
    assert stale.status == 409
    assert (await platform.get(f"{path}/versions/1")).json["name"] == "Routing"
    listed = (await platform.get(f"{path}/versions")).json["entities"]
    assert [version["version"] for version in listed] == [2, 1]


async def test_keys_and_types_stay_ranges_widen_and_options_are_added(platform: Driver) -> None:
    made = (await platform.post(SCHEMAS, schema())).json
    path = f"{SCHEMAS}/{made['id']}"

    for change in (
        {"wait": attribute("integer", minimum=1, maximum=60)},
        {"wait": attribute("integer", minimum=0, maximum=59)},
        {"wait": attribute("number", minimum=0, maximum=60)},
        {"tier": attribute("enum", enum=["gold"])},
    ):
        body = {**schema({**PROPERTIES, **change}), "version": 1}
        assert (await platform.send("PUT", path, body)).status == 422, change
    renamed = {"tier": PROPERTIES["tier"], "waiting": PROPERTIES["wait"]}
    assert (await platform.send("PUT", path, {**schema(renamed), "version": 1})).status == 422
    wider = {
        "tier": attribute("enum", enum=["silver", "gold", "bronze"]),
        "wait": attribute("integer", minimum=-1),
        "more": attribute("string"),
    }
    assert (await platform.send("PUT", path, {**schema(wider), "version": 1})).status == 200


async def test_a_deleted_schema_is_still_told_but_not_listed(platform: Driver) -> None:
    made = (await platform.post(SCHEMAS, schema())).json
    path = f"{SCHEMAS}/{made['id']}"

    assert (await platform.send("DELETE", path)).status == 204

    got = await platform.get(path)
    assert (got.status, got.json["deleted"]) == (200, True)
    assert (await platform.get(SCHEMAS)).json["entities"] == []
    assert (await platform.send("DELETE", path)).status == 404


async def test_a_schema_in_use_is_not_deleted(table: TableDriver) -> None:
    got = await table.driver.send("DELETE", f"{SCHEMAS}/{table.schema_id}")

    assert got.status == 409


async def test_there_are_50_schemas_at_most(platform: Driver) -> None:
    for number in range(50):
        await platform.post(SCHEMAS, schema(title=f"Schema {number}"))

    got = await platform.post(SCHEMAS, schema())

    assert (got.status, got.json["limit"]["value"]) == (400, 50)


async def test_core_types_are_listed_and_told_one_by_one(platform: Driver) -> None:
    listed = (await platform.get(f"{SCHEMAS}/coretypes")).json
    one = (await platform.get(f"{SCHEMAS}/coretypes/stringList")).json

    assert listed["total"] == len(listed["entities"]) == 9
    assert one in listed["entities"]
    assert (await platform.get(f"{SCHEMAS}/coretypes/colour")).status == 404


async def test_versions_are_paged_both_ways_by_cursors(platform: Driver) -> None:
    made = (await platform.post(SCHEMAS, schema())).json
    path = f"{SCHEMAS}/{made['id']}"
    for version in range(1, 5):
        await platform.send("PUT", path, {**schema(), "version": version})

    first = (await platform.get(f"{path}/versions?pageSize=2")).json
    second = (await platform.get(first["nextUri"])).json
    third = (await platform.get(second["nextUri"])).json
    back = (await platform.get(f"{path}/versions?pageSize=2&before=c2")).json

    pages = [[one["version"] for one in page["entities"]] for page in (first, second, third)]
    assert pages == [[5, 4], [3, 2], [1]]
    assert "nextUri" not in third
    assert "total" not in first
    assert back["entities"] == first["entities"]
    assert (await platform.get(f"{path}/versions?after=2")).status == 400
