"""The states of versions."""

from table_driver import TableDriver

from tieline.emulator.app import Emulator, create_app


async def status(table: TableDriver, version: int) -> str:
    found: str = (await table.get(version=version)).json["status"]
    return found


async def test_a_table_begins_with_version_1_as_a_draft(table: TableDriver) -> None:
    version = (await table.get()).json
    whole = (await table.get(version=None)).json

    assert (version["id"], version["version"], version["status"]) == (table.id, 1, "Draft")
    assert version["rowCount"] == 0
    assert whole["latestVersionStatus"] == "Draft"
    assert "published" not in whole
    assert "datePublished" not in whole


async def test_publishing_waits_until_row_changes_have_settled(table: TableDriver) -> None:
    await table.add(("gold", 10))

    early = await table.send("PUT", "/publish", None)
    late = await table.publish()

    assert (early.status, early.json["code"]) == (409, "rows.settling")
    assert (late.status, late.json["status"]) == (200, "Published")


async def test_a_version_without_rows_is_not_published(table: TableDriver) -> None:
    assert (await table.publish()).status == 409


async def test_a_new_version_prepares_and_has_the_rows_of_the_published_one(
    table: TableDriver, app: Emulator
) -> None:
    ids = await table.add(("gold", 10), ("silver", 20))
    await table.publish()

    made = (await table.post("/versions", None, None)).json
    early_rows = await table.get("/rows", 2)
    early_change = await table.post("/rows", table.row(["gold", 1]), 2)
    app.clock.advance(1)

    assert (made["version"], made["status"]) == (2, "Preparing")
    assert (early_rows.status, early_change.status) == (409, 409)
    assert await status(table, 2) == "Draft"
    copied = (await table.get("/rows", 2)).json["entities"]
    assert [row["rowIndex"] for row in copied] == [1, 2]
    assert [row["inputs"] for row in copied] == [
        row["inputs"] for row in (await table.get("/rows", 1)).json["entities"]
    ]
    assert not {row["id"] for row in copied} & set(ids)


async def test_there_is_one_draft_at_a_time(table: TableDriver, app: Emulator) -> None:
    await table.add(("gold", 10))
    await table.publish()
    await table.post("/versions", None, None)
    while_preparing = await table.post("/versions", None, None)
    app.clock.advance(1)
    while_drafting = await table.post("/versions", None, None)

    assert (while_preparing.status, while_drafting.status) == (409, 409)


async def test_publishing_supersedes_the_version_before_at_the_same_instant(
    table: TableDriver, app: Emulator
) -> None:
    await table.add(("gold", 10))
    await table.publish()
    await table.post("/versions", None, None)
    app.clock.advance(1)
    await table.publish(2)

    assert [await status(table, number) for number in (1, 2)] == ["Superseded", "Published"]
    assert (await table.get(version=None)).json["published"]["version"] == 2


async def test_a_rollback_makes_a_superseded_version_the_published_one(
    table: TableDriver, app: Emulator
) -> None:
    await table.add(("gold", 10))
    await table.publish()
    await table.post("/versions", None, None)
    app.clock.advance(1)
    await table.publish(2)

    back = (await table.post("/rollback", {"rollbackReason": "canary"})).json
    forth = await table.post("/rollback", None, 2)
    first = (await table.get()).json

    assert (back["status"], back["rollbackReason"]) == ("Published", "canary")
    assert forth.json["status"] == "Published"
    assert "rollbackReason" not in first
    assert (await table.post("/rollback", None, 2)).status == 409


async def test_only_a_draft_is_deleted_and_its_number_is_not_used_again(
    table: TableDriver, app: Emulator
) -> None:
    await table.add(("gold", 10))
    await table.publish()
    await table.post("/versions", None, None)
    app.clock.advance(1)

    assert (await table.send("DELETE", "")).status == 409
    assert (await table.send("DELETE", "", None, 2)).status == 204
    assert (await table.get(version=2)).status == 404
    assert (await table.post("/versions", None, None)).json["version"] == 3


async def test_a_snapshot_keeps_a_version_and_can_be_taken_away(table: TableDriver) -> None:
    await table.add(("gold", 10))

    kept = (await table.post("/snapshot", {"snapshotName": "May", "notes": "before"})).json
    again = await table.post("/snapshot", {"snapshotName": "June"})
    whole = (await table.get(version=None)).json
    listed = (await table.get("/versions?hasSnapshot=true", None)).json["entities"]
    gone = await table.send("DELETE", "/snapshot")

    assert (kept["snapshot"]["name"], kept["snapshot"]["notes"]) == ("May", "before")
    assert again.status == 409
    assert whole["snapshotCount"] == 1
    assert [version["version"] for version in listed] == [1]
    assert gone.status == 204
    assert (await table.get("/versions?hasSnapshot=true", None)).json["entities"] == []


async def test_a_copy_is_a_table_of_its_own_with_the_same_rows(
    table: TableDriver, app: Emulator
) -> None:
    await table.add(("gold", 10))

    copy = (await table.post("/copy", {"name": "Other"})).json
    same_name = await table.post("/copy", {"name": "Other"})
    app.clock.advance(1)
    table.id = copy["id"]

    assert (copy["status"], copy["version"], copy["rowCount"]) == ("Preparing", 1, 1)
    assert same_name.status == 409
    assert await status(table, 1) == "Draft"


async def test_a_draft_moves_to_its_schemas_latest_version_by_sync(table: TableDriver) -> None:
    schema = f"/api/v2/businessrules/schemas/{table.schema_id}"
    before = (await table.driver.get(schema)).json
    after = {**before["jsonSchema"]}
    after["properties"] = {
        **after["properties"],
        "tier": {**after["properties"]["tier"], "enum": ["gold", "silver", "bronze"]},
    }
    await table.driver.send("PUT", schema, {"version": 1, "jsonSchema": after})

    unknown = await table.post("/rows", table.row(["bronze", 1]))
    synced = (await table.post("/sync")).json
    known = await table.post("/rows", table.row(["bronze", 1]))

    assert unknown.status == 400
    assert synced["contract"]["parentSchema"]["version"] == 2
    assert known.status == 200


async def test_a_fixture_can_have_a_preparation_end_in_error(table: TableDriver) -> None:
    await table.add(("gold", 10))
    await table.publish()
    state = table.driver.app.dump_state()
    state["decision_tables"][0]["emulator"] = {"prepare_ends": "Error"}
    table.driver.app = other = create_app(state, "virtual")

    await table.post("/versions", None, None)
    other.clock.advance(5)

    assert await status(table, 2) == "Error"
    assert (await table.get("/rows", 2)).status == 409
    assert (await table.send("DELETE", "", None, 2)).status == 204


async def test_the_whole_state_goes_through_a_dump(table: TableDriver) -> None:
    await table.add(("gold", 10))
    await table.publish()
    await table.post("/versions", None, None)
    state = table.driver.app.dump_state()

    table.driver.app.replace_state(state)

    assert table.driver.app.dump_state() == state
    assert await status(table, 2) == "Preparing"


async def test_the_journal_names_the_version_that_a_call_made(table: TableDriver) -> None:
    await table.add(("gold", 10))
    await table.publish()

    (entry,) = table.driver.app.entries("table_versions.publish")

    assert entry.effect == f"{table.id}:1"
