"""Executing a version."""

from emulator_driver import QUEUE
from table_driver import TableDriver


async def test_the_first_matching_row_wins_and_the_others_are_told_without_it(
    table: TableDriver,
) -> None:
    ids = await table.add(
        ("silver", 0),
        *[("gold", 10 * n, QUEUE, f"row {n}") for n in range(8)],
    )
    await table.publish()

    told = (await table.execute({"tier": "gold", "wait": 100})).json

    assert told["totalMatchRowCount"] == 8
    assert [row["id"] for row in told["topMatchRows"]] == ids[2:7]
    assert told["rowExecutionOutputs"] == [
        {
            "rowId": ids[1],
            "rowIndex": 2,
            "outputs": {"queue": {"queue": {"id": QUEUE}}, "note": "row 0"},
        }
    ]
    assert (told["table"]["id"], told["table"]["version"]) == (table.id, 1)


async def test_no_match_is_an_answer(table: TableDriver) -> None:
    await table.add(("gold", 10))
    await table.publish()

    got = await table.execute({"tier": "silver", "wait": 100})

    assert got.status == 200
    assert got.json["totalMatchRowCount"] == 0
    assert got.json["topMatchRows"] == got.json["rowExecutionOutputs"] == []


async def test_a_draft_can_be_executed_and_a_table_only_when_published(table: TableDriver) -> None:
    await table.add(("gold", 10))

    of_draft = await table.execute({"tier": "gold", "wait": 10}, version=1)
    of_table = await table.execute({"tier": "gold", "wait": 10})

    assert of_draft.json["totalMatchRowCount"] == 1
    assert of_table.status == 409


async def test_a_column_left_out_takes_its_default(table: TableDriver) -> None:
    await table.add(("gold", None))

    told = (await table.execute({"tier": "gold"}, version=1)).json

    assert told["rowExecutionOutputs"][0]["outputs"]["note"] is None


async def test_inputs_are_checked_against_the_contract(table: TableDriver) -> None:
    await table.add(("gold", 10))

    for wrong in (
        {"tier": "bronze"},
        {"wait": "10"},
        {"wait": 10.5},
        {"wait": True},
        {"wait": -1},
        {"wait": 3601},
        {"colour": "red"},
        [],
    ):
        got = await table.execute(wrong, version=1)
        assert got.status == 400, wrong


async def test_a_queue_is_compared_by_its_nested_id(table: TableDriver) -> None:
    by_queue = await TableDriver(table.driver).make(
        inputs=(("queue", "Equals"),), outputs=("note",), name="By queue"
    )
    await by_queue.add((QUEUE, "ours"))

    ours = await by_queue.execute({"queue": {"queue": {"id": QUEUE}}}, version=1)
    flat = await by_queue.execute({"queue": QUEUE}, version=1)

    assert ours.json["rowExecutionOutputs"][0]["outputs"] == {"note": "ours"}
    assert flat.status == 400
