"""Rows of a version: cells, order, bulk calls, search."""

from typing import Any

import pytest
from emulator_driver import QUEUE, Driver
from table_driver import TABLES, TableDriver, attribute, input_column


async def test_a_row_is_inserted_at_an_index_and_deleting_it_closes_the_gap(
    table: TableDriver,
) -> None:
    first, second = await table.add(("gold", 1), ("gold", 2))

    inserted = (await table.post("/rows", {**table.row(["gold", 3]), "rowIndex": 2})).json
    assert await table.order() == [first, inserted["id"], second]

    assert (await table.send("DELETE", f"/rows/{inserted['id']}")).status == 204
    assert (await table.get(f"/rows/{second}")).json["rowIndex"] == 2


@pytest.mark.parametrize("index", [0, 2, -1, "1", True, 1.0])
async def test_an_index_beyond_the_rows_is_refused(table: TableDriver, index: Any) -> None:
    await table.add(("gold", 1))

    assert (await table.post("/rows", {**table.row(["gold", 3]), "rowIndex": index})).status == 400


async def test_patching_a_version_moves_one_row(table: TableDriver) -> None:
    a, b, c = await table.add(("gold", 1), ("gold", 2), ("gold", 3))

    moved = await table.send("PATCH", "", {"rowIndexUpdate": {"rowId": c, "rowIndex": 1}})

    assert moved.status == 200
    assert await table.order() == [c, a, b]
    beyond = {"rowIndexUpdate": {"rowId": c, "rowIndex": 4}}
    assert (await table.send("PATCH", "", beyond)).status == 400


async def test_put_replaces_all_cells_of_a_row(table: TableDriver) -> None:
    (row_id,) = await table.add(("gold", 1, QUEUE, "old"))

    put = await table.send("PUT", f"/rows/{row_id}", table.row(["silver"]))

    assert put.status == 200
    row = (await table.get(f"/rows/{row_id}")).json
    assert row["inputs"] == {table.inputs[0]: {"literal": {"string": "silver"}}}
    assert row["outputs"] == {table.outputs[0]: {"literal": {"string": QUEUE}}}


async def test_rows_change_in_a_draft_only(table: TableDriver) -> None:
    (row_id,) = await table.add(("gold", 1))
    await table.publish()
    row = table.row(["gold", 2])

    answers = [
        await table.post("/rows", row),
        await table.send("PUT", f"/rows/{row_id}", row),
        await table.send("DELETE", f"/rows/{row_id}"),
        await table.post("/rows/bulk/add", {"rows": [row]}),
        await table.post("/rows/bulk/update", {"rows": [{**row, "rowId": row_id}]}),
        await table.post("/rows/bulk/remove", {"rowIds": [row_id]}),
        await table.send("PATCH", "", {"rowIndexUpdate": {"rowId": row_id, "rowIndex": 1}}),
    ]

    assert [got.status for got in answers] == [409] * 7


@pytest.mark.parametrize(
    ("column", "literal"),
    [
        (0, {"string": "bronze"}),
        (0, {"integer": 1}),
        (0, {"special": "Empty"}),
        (0, {"special": "CurrentTime"}),
        (0, {"special": "Any"}),
        (0, {}),
        (0, {"string": "gold", "integer": 1}),
        (0, {"text": "gold"}),
        (0, "gold"),
        (1, {"integer": 1.5}),
        (1, {"integer": True}),
        (1, {"integer": 2**63}),
        (1, {"number": 1}),
        (1, {"string": "1"}),
    ],
)
async def test_a_literal_must_fit_its_column(table: TableDriver, column: int, literal: Any) -> None:
    row = table.row(["gold", 1])
    row["inputs"][table.inputs[column]] = {"literal": literal}

    got = await table.post("/rows", row)

    assert got.status == 400
    assert got.json["details"][0]["fieldName"] == f"inputs.{table.inputs[column]}"


LIMITED = {
    "code": attribute("string", minLength=2, maxLength=3),
    "wait": attribute("integer", minimum=0, maximum=60),
    "ratio": attribute("number", minimum=0, maximum=1),
    "skills": attribute("stringList", minItems=2, maxItems=3, items={"maxLength": 2}),
    "note": attribute("string", maxLength=4),
}
LIMITED_INPUTS = (
    ("code", "Equals"),
    ("wait", "LessThan"),
    ("ratio", "Equals"),
    ("skills", "ContainsExactly"),
    ("code", "StartsWith"),
    ("skills", "ContainsAny"),
)


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        (["ab"], 200),
        (["a"], 400),
        (["abcd"], 400),
        ([None, 0], 200),
        ([None, 60], 200),
        ([None, -1], 400),
        ([None, 61], 400),
        ([None, None, 1.0], 200),
        ([None, None, 1.5], 400),
        ([None, None, None, ["a", "b"]], 200),
        ([None, None, None, ["a"]], 400),
        ([None, None, None, ["a", "b", "c", "d"]], 400),
        ([None, None, None, ["a", "long"]], 400),
        ([None, None, None, None, "a"], 200),
        ([None, None, None, None, None, ["a"]], 200),
    ],
)
async def test_a_literal_for_a_whole_value_keeps_the_attributes_limits(
    platform: Driver, cells: list[Any], status: int
) -> None:
    table = await TableDriver(platform).make(LIMITED, LIMITED_INPUTS, ("note",))

    got = await table.post("/rows", table.row(cells, ["fine"]))

    assert got.status == status, got.raw


async def test_an_output_keeps_the_attributes_limits(platform: Driver) -> None:
    table = await TableDriver(platform).make(LIMITED, LIMITED_INPUTS, ("note",))

    got = await table.post("/rows", table.row(["ab"], ["too long"]))

    assert got.status == 400
    assert got.json["details"][0]["fieldName"] == f"outputs.{table.outputs[0]}"


@pytest.mark.parametrize(
    ("column", "status"),
    [
        (input_column("wait", "Equals", {"value": "60"}), 200),
        (input_column("wait", "Equals", {"value": "61"}), 400),
        (input_column("code", "Equals", {"value": "a"}), 400),
        (input_column("code", "StartsWith", {"value": "a"}), 200),
        (input_column("skills", "ContainsExactly", {"values": ["a"]}), 400),
        (input_column("skills", "ContainsAny", {"values": ["a"]}), 200),
    ],
)
async def test_a_columns_default_keeps_the_attributes_limits(
    platform: Driver, column: dict[str, Any], status: int
) -> None:
    table = await TableDriver(platform).make(LIMITED, LIMITED_INPUTS, ("note",))
    request = table.request(LIMITED_INPUTS, ("note",), "Another")
    request["columns"]["inputs"] = [column]

    assert (await platform.post(TABLES, request)).status == status


async def test_a_row_needs_an_explicit_input_and_output_of_known_columns(
    table: TableDriver,
) -> None:
    row = table.row(["gold"])

    for wrong in (
        {**row, "inputs": {}},
        {**row, "outputs": {}},
        {**row, "inputs": {table.inputs[0]: {}}},
        {"inputs": row["inputs"]},
        {**row, "inputs": {**row["inputs"], "nothing": {"literal": {"string": "a"}}}},
        {**row, "inputs": {**row["inputs"], table.outputs[1]: {"literal": {"string": "a"}}}},
        {**row, "outputs": {table.outputs[0]: {"literal": {"special": "Wildcard"}}}},
        {**row, "outputs": {table.outputs[0]: {"literal": {"string": "no queue"}}}},
    ):
        assert (await table.post("/rows", wrong)).status == 400, wrong


async def test_a_cell_without_a_literal_counts_as_left_out(table: TableDriver) -> None:
    row = table.row(["gold"])
    row["inputs"][table.inputs[1]] = {"literal": None}

    got = await table.post("/rows", row)

    assert list(got.json["inputs"]) == [table.inputs[0]]


async def test_bulk_calls_do_all_or_nothing(table: TableDriver) -> None:
    good, bad = table.row(["gold", 1]), table.row(["bronze", 1])

    added = await table.post("/rows/bulk/add", {"rows": [good, good]})
    not_added = await table.post("/rows/bulk/add", {"rows": [good, bad]})
    first, second = await table.order()
    changed = table.row(["silver", 9])
    not_updated = await table.post(
        "/rows/bulk/update",
        {"rows": [{**changed, "rowId": first}, {**changed, "rowId": "nobody"}]},
    )
    updated = await table.post("/rows/bulk/update", {"rows": [{**changed, "rowId": second}]})
    not_removed = await table.post("/rows/bulk/remove", {"rowIds": [first, "nobody"]})

    assert (added.status, added.json["totalCreated"]) == (200, 2)
    assert (not_added.status, not_updated.status, not_removed.status) == (400, 404, 404)
    assert updated.json["totalUpdated"] == 1
    rows = (await table.get("/rows")).json["entities"]
    tiers = [row["inputs"][table.inputs[0]]["literal"]["string"] for row in rows]
    assert tiers == ["gold", "silver"]
    removed = await table.post("/rows/bulk/remove", {"rowIds": [first]})
    assert removed.status == 204
    assert await table.order() == [second]


async def test_bulk_calls_have_limits(table: TableDriver) -> None:
    row = table.row(["gold", 1])
    placed = {**row, "rowIndex": 1}
    (row_id,) = await table.add(("gold", 1))
    known = {**row, "rowId": row_id}

    for path, body in (
        ("add", {"rows": [row] * 16}),
        ("add", {"rows": []}),
        ("add", {"rows": [placed]}),
        ("update", {"rows": [known] * 16}),
        ("update", {"rows": [known] * 2}),
        ("remove", {"rowIds": ["one"] * 50}),
    ):
        assert (await table.post(f"/rows/bulk/{path}", body)).status == 400, path


async def test_a_version_has_as_many_rows_as_the_limit_says(table: TableDriver) -> None:
    table.driver.app.world.organization.limits["business.rules"]["decision.table.rows.max"] = 2
    row = table.row(["gold", 1])
    await table.add(("gold", 1), ("gold", 2))

    one, many = await table.post("/rows", row), await table.post("/rows/bulk/add", {"rows": [row]})

    assert (one.status, many.status) == (400, 400)
    assert one.json["limit"] == {
        "key": "decision.table.rows.max",
        "namespace": "business.rules",
        "value": 2,
    }


async def test_rows_are_listed_by_page_number(table: TableDriver) -> None:
    ids = await table.add(*[("gold", n) for n in range(5)])

    page = (await table.get("/rows?pageSize=2&pageNumber=2")).json
    last = (await table.get("/rows?pageSize=2&pageNumber=3")).json

    assert [row["id"] for row in page["entities"]] == ids[2:4]
    assert (page["total"], page["pageCount"]) == (5, 3)
    assert "nextUri" in page
    assert "nextUri" not in last
    assert (await table.get("/rows?pageSize=101")).status == 400


def predicate(column: str, operator: str, **told: Any) -> dict[str, Any]:
    return {"columnId": column, "operator": operator, **told}


async def test_rows_are_found_by_what_stands_in_their_cells(table: TableDriver) -> None:
    a, b, c = await table.add(
        ("gold", 5, QUEUE, "first"), ("silver", 15, QUEUE, "second"), ("gold", None, QUEUE)
    )
    tier, wait = table.inputs
    note = table.outputs[1]

    async def found(*predicates: Any) -> list[str]:
        got = await table.post("/rows/search", {"filter": {"predicates": predicates}})
        assert got.status == 200, got.raw
        return [row["id"] for row in got.json["entities"]]

    assert await found(predicate(tier, "Equals", value="gold")) == [a, c]
    assert await found(predicate(tier, "StartsWith", value="si")) == [b]
    assert await found(predicate(wait, "GreaterThan", value="5")) == [b]
    assert await found(predicate(wait, "GreaterThanOrEquals", value="5")) == [a, b]
    assert await found(predicate(wait, "LessThan", value="15")) == [a]
    assert await found(predicate(wait, "LessThanOrEquals", value="15")) == [a, b]
    assert await found(predicate(wait, "Equals", special="Wildcard")) == [c]
    assert await found(predicate(note, "Equals", special="Null")) == [c]
    both = predicate(tier, "Equals", value="gold"), predicate(note, "Equals", value="first")
    assert await found(*both) == [a]


async def test_a_search_that_makes_no_sense_is_refused(table: TableDriver) -> None:
    tier, wait = table.inputs

    for wrong in (
        predicate("nothing", "Equals", value="a"),
        predicate(tier, "EndsWith", value="a"),
        predicate(tier, "Equals"),
        predicate(tier, "Equals", value="a", special="Null"),
        predicate(tier, "Equals", value=""),
        predicate(tier, "Equals", value="a" * 201),
        predicate(tier, "GreaterThan", value="gold"),
        predicate(tier, "ContainsItem", value="gold"),
        predicate(wait, "Equals", value="many"),
        predicate(wait, "StartsWith", value="1"),
        predicate(wait, "GreaterThan", special="Null"),
        "all",
    ):
        got = await table.post("/rows/search", {"filter": {"predicates": [wrong]}})
        assert got.status == 400, wrong
    assert (await table.post("/rows/search", {"filter": {"predicates": []}})).status == 400
