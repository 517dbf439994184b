"""Decision tables themselves: making, finding, changing, deleting, limits, permissions."""

from typing import Any

import pytest
from emulator_driver import Driver
from table_driver import (
    TABLES,
    Routed,
    TableDriver,
    attribute,
    input_column,
    output_column,
)

from tieline.emulator.app import Emulator, create_app


async def refused(table: TableDriver, columns: Any) -> bool:
    request = {**table.request(Routed.INPUTS, Routed.OUTPUTS, "Other"), "columns": columns}
    got = await table.driver.post(TABLES, request)
    return got.status == 400


async def test_a_tables_contract_says_what_an_execution_takes_and_gives(
    table: TableDriver,
) -> None:
    contract = (await table.get()).json["contract"]

    assert contract["parentSchema"]["id"] == table.schema_id
    assert contract["parentSchema"]["version"] == 1
    taken = contract["executionInputSchema"]["properties"]
    assert taken["tier"] == {"type": ["string", "null"], "enum": ["gold", "silver", None]}
    assert taken["wait"] == {"type": ["integer", "null"], "minimum": 0, "maximum": 3600}
    assert set(contract["executionOutputSchema"]["properties"]) == {"queue", "note"}


@pytest.mark.parametrize(
    "columns",
    [
        {"inputs": [], "outputs": [output_column("note")]},
        {"inputs": [input_column("tier", "Equals")], "outputs": []},
        {"inputs": [input_column("colour", "Equals")], "outputs": [output_column("note")]},
        {"inputs": [input_column("tier", "StartsWith")], "outputs": [output_column("note")]},
        {"inputs": [input_column("tier", "Like")], "outputs": [output_column("note")]},
        {"inputs": [input_column("note", "IsSubset")], "outputs": [output_column("note")]},
        {"inputs": [{"expression": {}}], "outputs": [output_column("note")]},
        {"inputs": ["tier"], "outputs": [output_column("note")]},
        {
            "inputs": [input_column("tier", "Equals")],
            "outputs": [output_column("note"), output_column("note")],
        },
        {
            "inputs": [input_column("tier", "Equals")],
            "outputs": [{"value": {"schemaPropertyKey": "queue"}}],
        },
        {
            "inputs": [input_column("wait", "Equals", {"value": "soon"})],
            "outputs": [output_column("note")],
        },
        {
            "inputs": [input_column("wait", "Equals", {"value": "1", "special": "Null"})],
            "outputs": [output_column("note")],
        },
        {
            "inputs": [input_column("wait", "Equals", {"values": ["1"]})],
            "outputs": [output_column("note")],
        },
        {
            "inputs": [input_column("tier", "Equals")],
            "outputs": [output_column("note", {"special": "Wildcard"})],
        },
        [],
    ],
)
async def test_columns_that_make_no_sense_are_refused(table: TableDriver, columns: Any) -> None:
    assert await refused(table, columns)


async def test_a_table_has_30_columns_of_which_20_are_strings(platform: Driver) -> None:
    strings = {f"s{n}": attribute("string") for n in range(22)}
    numbers = {f"n{n}": attribute("integer") for n in range(28)}
    table = await TableDriver(platform).make(
        {**strings, **numbers}, [(key, "Equals") for key in list(strings)[:19]], ("s19",)
    )

    def columns(inputs: list[str]) -> dict[str, Any]:
        return {
            "inputs": [input_column(key, "Equals") for key in inputs],
            "outputs": [output_column("s21")],
        }

    assert await refused(table, columns(list(strings)[:20]))
    assert await refused(table, columns([*list(strings)[:2], *numbers]))
    assert not await refused(table, columns([*list(strings)[:1], *numbers]))


async def test_a_column_without_a_default_needs_a_literal_in_each_row(platform: Driver) -> None:
    table = TableDriver(platform)
    await table.make()
    request = table.request(Routed.INPUTS, Routed.OUTPUTS, "Strict")
    del request["columns"]["inputs"][1]["defaultsTo"]
    made = (await platform.post(TABLES, request)).json
    table.id = made["id"]
    table.inputs = [column["id"] for column in made["columns"]["inputs"]]
    table.outputs = [column["id"] for column in made["columns"]["outputs"]]

    assert (await table.post("/rows", table.row(["gold"]))).status == 400
    assert (await table.post("/rows", table.row(["gold", 1]))).status == 200


async def test_a_default_counts_where_a_row_says_nothing(table: TableDriver) -> None:
    columns = {
        "inputs": [
            input_column("tier", "Equals"),
            input_column("wait", "GreaterThanOrEquals", {"value": "30"}),
        ],
        "outputs": [output_column("note", {"value": "by default"}), output_column("queue")],
    }
    made = await table.send("PATCH", "", {"columns": columns}, None)
    kept = made.json["columns"]
    row = {
        "inputs": {kept["inputs"][0]["id"]: {"literal": {"string": "gold"}}},
        "outputs": {kept["outputs"][1]["id"]: {"literal": {"special": "Null"}}},
    }
    assert (await table.post("/rows", row)).status == 200

    short = await table.execute({"tier": "gold", "wait": 29}, version=1)
    long = await table.execute({"tier": "gold", "wait": 30}, version=1)

    assert short.json["rowExecutionOutputs"] == []
    assert long.json["rowExecutionOutputs"][0]["outputs"] == {"note": "by default", "queue": None}


async def test_a_column_that_stays_keeps_its_id_and_its_cells(table: TableDriver) -> None:
    await table.add(("gold", 5, None, "text"))
    columns = table.request(Routed.INPUTS[:1], ("note",))["columns"]

    changed = (await table.send("PATCH", "", {"columns": columns}, None)).json

    assert changed["columns"]["inputs"][0]["id"] == table.inputs[0]
    (row,) = (await table.get("/rows")).json["entities"]
    assert row["inputs"] == {table.inputs[0]: {"literal": {"string": "gold"}}}
    assert row["outputs"] == {table.outputs[1]: {"literal": {"string": "text"}}}


@pytest.mark.parametrize("columns", ["inputs", 5, [], {"inputs": "name"}])
async def test_columns_of_a_wrong_type_change_nothing(table: TableDriver, columns: Any) -> None:
    before = (await table.get("", None)).json

    got = await table.send("PATCH", "", {"name": "Renamed", "columns": columns}, None)

    assert got.status == 400
    assert (await table.get("", None)).json == before


async def test_columns_are_fixed_once_published(table: TableDriver) -> None:
    await table.add(("gold", 5))
    await table.publish()
    columns = table.request(Routed.INPUTS[:1], ("note",))["columns"]

    assert (await table.send("PATCH", "", {"columns": columns}, None)).status == 409
    assert (await table.send("PATCH", "", {"name": "New name"}, None)).status == 200


async def test_a_name_is_unique_and_has_100_characters_at_most(table: TableDriver) -> None:
    def named(name: str) -> Any:
        return table.request(Routed.INPUTS, Routed.OUTPUTS, name)

    other = (await table.driver.post(TABLES, named("Other"))).json

    assert (await table.driver.post(TABLES, named("Routing"))).status == 409
    assert (await table.driver.post(TABLES, named(""))).status == 400
    assert (await table.driver.post(TABLES, named("a" * 101))).status == 400
    patched = await table.driver.send("PATCH", f"{TABLES}/{other['id']}", {"name": "Routing"})
    assert patched.status == 409


async def test_there_are_50_tables_at_most(table: TableDriver) -> None:
    for number in range(49):
        request = table.request(Routed.INPUTS, Routed.OUTPUTS, f"Table {number}")
        assert (await table.driver.post(TABLES, request)).status == 200

    got = await table.driver.post(TABLES, table.request(Routed.INPUTS, Routed.OUTPUTS, "More"))

    assert (got.status, got.json["limit"]["namespace"]) == (400, "business.rules")
    pages = 0
    after: str | None = f"{TABLES}?pageSize=20"
    while after is not None:
        page = (await table.driver.get(after)).json
        pages, after = pages + 1, page.get("nextUri")
    assert pages == 3


async def test_tables_are_found_by_part_of_their_name_by_schema_and_by_publication(
    table: TableDriver,
) -> None:
    other = await TableDriver(table.driver).make(name="Opening hours")
    await table.add(("gold", 1))
    await table.publish()

    async def found(query: str) -> list[str]:
        got = await table.driver.get(f"{TABLES}{query}")
        assert got.status == 200, got.raw
        return [one["id"] for one in got.json["entities"]]

    assert await found("?name=ROUT") == [table.id]
    assert await found("?divisionIds=nowhere") == []
    assert await found(f"/search?schemaId={other.schema_id}") == [other.id]
    assert await found("/search?withPublishedVersion=true") == [table.id]
    assert await found(f"/search?ids={table.id},{other.id}") == [table.id, other.id]
    both = f"{TABLES}/search?schemaId={other.schema_id}&name=a"
    assert (await table.driver.get(both)).status == 400


async def test_a_search_tells_the_schemas_of_a_contract_when_asked(table: TableDriver) -> None:
    await table.add(("gold", 1))
    await table.publish()

    plain = (await table.driver.get(f"{TABLES}/search")).json["entities"][0]
    expanded = (await table.driver.get(f"{TABLES}/search?expand=ExecutionInputSchema")).json

    assert set(plain["publishedContract"]) == {"parentSchema"}
    contract = expanded["entities"][0]["publishedContract"]
    assert set(contract) == {"parentSchema", "executionInputSchema"}
    assert (await table.driver.get(f"{TABLES}/search?expand=all")).status == 400


async def test_a_deleted_table_is_gone_a_little_later(table: TableDriver, app: Emulator) -> None:
    assert (await table.send("DELETE", "", version=None)).status == 204
    assert (await table.get(version=None)).status == 200
    assert (await table.post("/rows", table.row(["gold", 1]))).status == 409

    app.clock.advance(1)

    assert (await table.get(version=None)).status == 404
    assert (await table.driver.get(TABLES)).json["entities"] == []


async def test_a_table_that_a_flow_uses_is_deleted_by_force_only(table: TableDriver) -> None:
    state = table.driver.app.dump_state()
    state["decision_tables"][0]["emulator"] = {"used_by_flow": True}
    table.driver.app = create_app(state, "virtual")

    assert (await table.send("DELETE", "", version=None)).status == 409
    assert (await table.send("DELETE", "?forceDelete=true", version=None)).status == 204


async def test_writing_a_row_needs_sight_of_queues(table: TableDriver) -> None:
    state = table.driver.app.dump_state()
    state["clients"][0]["permissions"] = ["businessrules:*"]
    table.driver.app = create_app(state, "virtual")
    await table.driver.login()

    refusal = await table.post("/rows", table.row(["gold", 1]))

    assert refusal.status == 403
    assert "routing:queue:view" in refusal.json["message"]
    assert (await table.get("/rows")).status == 200


async def test_a_reader_cannot_execute(table: TableDriver) -> None:
    reader = await Driver(table.driver.app).login("tieline-readonly")
    table.driver = reader

    assert (await table.get()).status == 200
    assert (await table.execute({}, version=1)).status == 403


async def test_the_limits_are_told_in_their_namespace(platform: Driver) -> None:
    got = await platform.get("/api/v2/organizations/limits/namespaces/business.rules")

    told = {limit["key"]: limit["value"] for limit in got.json["entities"]}
    assert told == {
        "schemas.max": 50,
        "decision.tables.max": 50,
        "decision.table.rows.max": 1000,
    }
