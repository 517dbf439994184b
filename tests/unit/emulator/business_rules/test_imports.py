"""CSV: exports, their files, and imports into a draft."""

import csv
import io
import json
from typing import Any

import pytest
from emulator_driver import QUEUE, Driver, Got
from hypothesis import given
from hypothesis import strategies as st
from table_driver import TableDriver, attribute

from tieline.emulator.app import create_app
from tieline.emulator.business_rules import csv_form
from tieline.emulator.business_rules.attributes import attributes_of
from tieline.emulator.business_rules.columns import Column


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def written(lines: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


async def exported(table: TableDriver, kind: str = "Populated") -> list[list[str]]:
    job = (await table.post("/exports", {"exportType": kind, "format": "Csv"}, None)).json
    table.driver.app.clock.advance(1)
    done = (await table.get(f"/exports/{job['id']}", None)).json
    assert done["status"] == "Complete"
    url = (await table.driver.get(done["download"]["selfUri"])).json["url"]
    stranger = Driver(table.driver.app)
    got = await stranger.get(url.removeprefix("http://localhost"))
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    return parsed(got.raw.decode())


async def opened(table: TableDriver, mode: str = "Append") -> Any:
    got = await table.post("/imports", {"importMode": mode, "fileName": "rows.csv"}, None)
    assert got.json["status"] == "Uploading"
    return got.json


async def upload(table: TableDriver, job: Any, content: bytes, kind: str = "text/csv") -> Got:
    path = job["uploadUrl"].removeprefix("http://localhost")
    return await Driver(table.driver.app).send(
        "PUT", path, raw=content, kind=kind, headers={"authorization": ""}
    )


async def imported(table: TableDriver, content: bytes, mode: str = "Append") -> Any:
    job = await opened(table, mode)
    assert (await upload(table, job, content)).status == 200
    middle = (await table.get(f"/imports/{job['id']}", None)).json
    assert middle["status"] == "Processing"
    assert "uploadUrl" not in middle
    table.driver.app.clock.advance(1)
    return (await table.get(f"/imports/{job['id']}", None)).json


async def test_an_export_has_the_header_and_the_rows_of_a_version(table: TableDriver) -> None:
    (row_id,) = await table.add(("gold", None, QUEUE, "a|b"))

    assert await exported(table) == [
        ["Row ID", "tier Equals", "wait GreaterThanOrEquals", "queue", "note"],
        [row_id, "gold", "", QUEUE, "a|b"],
    ]
    assert len(await exported(table, "Template")) == 1


async def test_an_export_is_pending_first_and_has_no_file_yet(table: TableDriver) -> None:
    request = {"exportType": "Template", "format": "Csv"}
    job = (await table.post("/exports", request, None)).json
    early = await table.driver.get(f"/api/v2/downloads/{job['id']}")

    assert job["status"] == "Pending"
    assert "download" not in job
    assert early.status == 404
    assert (await table.get("/exports", None)).json["entities"][0]["id"] == job["id"]
    assert (await table.send("DELETE", f"/exports/{job['id']}", version=None)).status == 204
    assert (await table.get("/exports", None)).json["entities"] == []


async def test_append_updates_rows_with_an_id_and_adds_the_others(table: TableDriver) -> None:
    first, second = await table.add(("gold", 10), ("silver", 20))
    lines = await exported(table)
    content = written([lines[0], [second, "gold", "30", QUEUE, ""], ["", "silver", "", QUEUE, ""]])

    job = await imported(table, content)

    assert (job["status"], job["tableVersion"]) == ("Complete", 1)
    metrics = {name: job["rowMetrics"][f"rows{name}"] for name in ("Created", "Updated", "Deleted")}
    assert metrics == {"Created": 1, "Updated": 1, "Deleted": 0}
    rows = (await table.get("/rows")).json["entities"]
    assert [row["id"] for row in rows[:2]] == [first, second]
    assert rows[1]["inputs"][table.inputs[1]] == {"literal": {"integer": 30}}
    assert len(rows) == 3


async def test_replace_takes_the_files_rows_in_the_files_order(table: TableDriver) -> None:
    first, second, third = await table.add(("gold", 10), ("silver", 20), ("gold", 30))
    header, *lines = await exported(table)

    job = await imported(table, written([header, lines[2], lines[0]]), "Replace")

    assert job["rowMetrics"]["rowsDeleted"] == 1
    assert await table.order() == [third, first]
    assert second not in await table.order()


async def test_an_import_without_a_draft_makes_one_and_publishes_nothing(
    table: TableDriver,
) -> None:
    await table.add(("gold", 10))
    lines = await exported(table)
    await table.publish()

    job = await imported(table, written([lines[0], ["", "silver", "5", QUEUE, "new"]]))

    assert job["tableVersion"] == 2
    made = (await table.get(version=2)).json
    assert (made["status"], made["rowCount"]) == ("Draft", 2)
    assert (await table.get(version=None)).json["published"]["version"] == 1


@pytest.mark.parametrize("mode", ["Append", "Replace"])
async def test_a_file_of_the_published_version_takes_the_place_of_a_draft(
    table: TableDriver, mode: str
) -> None:
    await table.add(("gold", 10), ("silver", 20))
    header, first, second = await exported(table)
    await table.publish()
    await table.post("/versions", None, None)
    table.driver.app.clock.advance(1)
    got = await table.post("/rows", table.row(["gold", 99]), 2)
    assert got.status == 200, got.raw

    job = await imported(table, written([header, [first[0], "gold", "11", QUEUE, ""]]), mode)

    assert (job["status"], job["tableVersion"]) == ("Complete", 2)
    assert (job["rowMetrics"]["rowsUpdated"], job["rowMetrics"]["rowsCreated"]) == (1, 0)
    rows = (await table.get("/rows", 2)).json["entities"]
    waits = [row["inputs"][table.inputs[1]]["literal"]["integer"] for row in rows]
    assert waits == ([11, 20] if mode == "Append" else [11])
    assert not {first[0], second[0]} & {row["id"] for row in rows}
    published = (await table.get("/rows", 1)).json["entities"]
    assert [row["id"] for row in published] == [first[0], second[0]]
    assert published[0]["inputs"][table.inputs[1]] == {"literal": {"integer": 10}}


async def test_a_file_of_the_draft_updates_the_draft(table: TableDriver) -> None:
    await table.add(("gold", 10))
    await table.publish()
    await table.post("/versions", None, None)
    table.driver.app.clock.advance(1)
    (own,) = (await table.get("/rows", 2)).json["entities"]
    header, *_ = await exported(table, "Template")

    job = await imported(table, written([header, [own["id"], "gold", "11", QUEUE, ""]]))

    assert (job["status"], job["rowMetrics"]["rowsUpdated"]) == ("Complete", 1)
    (row,) = (await table.get("/rows", 2)).json["entities"]
    assert row["id"] == own["id"]


async def test_a_file_that_names_rows_of_two_versions_is_refused(table: TableDriver) -> None:
    (published,) = await table.add(("gold", 10))
    await table.publish()
    await table.post("/versions", None, None)
    table.driver.app.clock.advance(1)
    (own,) = (await table.get("/rows", 2)).json["entities"]
    header, *_ = await exported(table, "Template")
    lines = [[row_id, "gold", "11", QUEUE, ""] for row_id in (own["id"], published)]

    job = await imported(table, written([header, *lines]))

    assert job["status"] == "Failed"
    assert [error["rowNumber"] for error in job["error"]["validationErrors"]] == [2]


async def test_one_wrong_row_fails_all_and_is_named(table: TableDriver) -> None:
    await table.add(("gold", 10))
    header, *_ = await exported(table)
    content = written(
        [
            header,
            ["", "silver", "5", QUEUE, ""],
            ["", "bronze", "5", QUEUE, ""],
            ["", "gold", "five", QUEUE, ""],
            ["nobody", "gold", "5", QUEUE, ""],
            ["", "gold", "5"],
            ["", "gold", "5", "no-queue", ""],
        ]
    )

    job = await imported(table, content)

    assert job["status"] == "Failed"
    errors = job["error"]["validationErrors"]
    assert [error["rowNumber"] for error in errors] == [2, 3, 4, 5, 6]
    assert all(error["status"] == 400 and error["message"] for error in errors)
    assert job["rowMetrics"]["rowParseFailed"] == 1
    assert (await table.get("/rows")).json["total"] == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"Row ID,tier\n", b'"unclosed', b"\n\n"],
    ids=["empty", "no text", "another header", "broken quotes", "blank"],
)
async def test_a_file_that_is_none_of_the_tables_fails_as_a_whole(
    table: TableDriver, content: bytes
) -> None:
    job = await imported(table, content)

    assert job["status"] == "Failed"
    assert [error["rowNumber"] for error in job["error"]["validationErrors"]] == [0]


async def test_an_import_beyond_the_limit_of_rows_fails(table: TableDriver) -> None:
    table.driver.app.world.organization.limits["business.rules"]["decision.table.rows.max"] = 1
    header, *_ = await exported(table)

    job = await imported(table, written([header, *[["", "gold", "1", QUEUE, ""]] * 2]))

    assert job["status"] == "Failed"
    assert (await table.get("/rows")).json["total"] == 0


async def test_an_import_is_cancelled_until_it_has_ended(table: TableDriver) -> None:
    header, *_ = await exported(table)
    job = await opened(table)
    path, body = f"/imports/{job['id']}", {"status": "Cancelled"}

    cancelled = await table.send("PATCH", path, body, None)
    again = await table.send("PATCH", path, body, None)
    late_upload = await upload(table, job, written([header]))
    done = await imported(table, written([header, ["", "gold", "1", QUEUE, ""]]))
    too_late = await table.send("PATCH", f"/imports/{done['id']}", body, None)

    assert (cancelled.json["status"], again.status) == ("Cancelled", 200)
    assert late_upload.status == 403
    assert too_late.status == 409
    assert (await table.send("DELETE", path, version=None)).status == 204


async def test_an_upload_has_the_headers_that_were_told(table: TableDriver) -> None:
    job = await opened(table)

    assert job["uploadHeaders"] == {"Content-Type": "text/csv"}
    assert (await upload(table, job, b"x", kind="application/json")).status == 403
    with_token = await table.driver.send(
        "PUT", job["uploadUrl"].removeprefix("http://localhost"), raw=b"x", kind="text/csv"
    )
    assert with_token.status == 400


async def test_the_same_file_sent_again_changes_nothing_and_another_is_refused(
    table: TableDriver,
) -> None:
    header, *_ = await exported(table)
    content = written([header, ["", "gold", "1", QUEUE, ""]])
    job = await opened(table)
    first = await upload(table, job, content)
    under_way = await upload(table, job, content)
    another = await upload(table, job, content + content)
    table.driver.app.clock.advance(1)
    done = (await table.get(f"/imports/{job['id']}", None)).json
    after = await upload(table, job, content)

    assert [got.status for got in (first, under_way, another, after)] == [200, 200, 403, 200]
    assert (done["status"], done["rowMetrics"]["rowsCreated"]) == ("Complete", 1)
    assert (await table.get("/rows")).json["total"] == 1


async def test_an_uploads_address_expires(table: TableDriver) -> None:
    job = await opened(table)
    table.driver.app.clock.advance(3601)

    assert (await upload(table, job, b"x")).status == 403


async def test_a_file_of_any_bytes_under_way_can_be_dumped_as_json(table: TableDriver) -> None:
    job = await opened(table)
    await upload(table, job, b"\xff\xfe\x00")

    state = json.loads(json.dumps(table.driver.app.dump_state(), ensure_ascii=False).encode())
    table.driver.app = create_app(state, table.driver.app.clock)
    table.driver.app.clock.advance(1)

    assert (await table.get(f"/imports/{job['id']}", None)).json["status"] == "Failed"


async def test_an_import_under_way_goes_through_a_dump_of_the_state(table: TableDriver) -> None:
    header, *_ = await exported(table)
    job = await opened(table)
    await upload(table, job, written([header, ["", "gold", "1", QUEUE, "é"]]))
    app = table.driver.app
    state = app.dump_state()
    table.driver.app = create_app(state, app.clock)

    app.clock.advance(1)

    assert (await table.get(f"/imports/{job['id']}", None)).json["status"] == "Complete"
    assert (await table.get("/rows")).json["total"] == 1


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=6) | (
    st.sampled_from(["<Null>", "\\", "|", "a|b", "\\|", ",", '"', "\n", "<", "é"])
)
ATTRIBUTES = attributes_of(
    {
        "properties": {
            "string": attribute("string"),
            "stringList": attribute("stringList"),
            "number": attribute("number"),
            "boolean": attribute("boolean"),
        }
    }
)
COLUMNS = {
    key: Column(key, one, "Equals", {"special": "Wildcard"}) for key, one in ATTRIBUTES.items()
}
LITERALS = st.fixed_dictionaries(
    {},
    optional={
        "string": st.builds(lambda text: {"string": text}, TEXTS)
        | st.sampled_from([{"special": "Null"}, {"special": "Empty"}]),
        "stringList": st.builds(lambda items: {"strings": items}, st.lists(TEXTS, min_size=1)),
        "number": st.builds(
            lambda number: {"number": number}, st.integers(-(10**9), 10**9) | st.just(0.25)
        ),
        "boolean": st.builds(lambda value: {"boolean": value}, st.booleans()),
    },
)


@given(LITERALS)
def test_any_row_goes_through_csv_unchanged(literals: dict[str, Any]) -> None:
    cells = {key: {"literal": value} for key, value in literals.items()}
    row = {"id": "one", "inputs": cells, "outputs": {}}

    text = csv_form.write(COLUMNS, [row])
    ((row_id, *fields),) = csv_form.read(COLUMNS, text.encode())

    assert row_id == "one"
    assert csv_form.cells_of(COLUMNS, fields) == {"inputs": cells, "outputs": {}}
