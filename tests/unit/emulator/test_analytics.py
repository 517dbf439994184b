"""Jobs over conversation details: statuses in virtual time, pages, cancelling, expiry."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest
from emulator_driver import Driver

from tieline.emulator.app import Emulator, create_app

JOBS = "/api/v2/analytics/conversations/details/jobs"
OCTOBER = "2026-10-01T00:00:00Z/2026-10-31T00:00:00Z"
FIXTURE = {
    "analytics": {"kept": 60, "lag": 30},
    "conversations": [
        {"id": f"c{n}", "conversationStart": f"2026-10-{n + 1:02}T09:00:00.000Z"} for n in range(5)
    ]
    + [{"id": "later", "conversationStart": "2026-11-01T09:00:00.000Z"}],
}


@pytest.fixture
def app() -> Emulator:
    return create_app(fixture=FIXTURE, clock="virtual")


@pytest.fixture
async def platform(app: Emulator) -> Driver:
    return await Driver(app).login()


@pytest.fixture
def submitted(platform: Driver) -> Callable[..., Awaitable[str]]:
    async def submit(**body: Any) -> str:
        got = await platform.post(JOBS, {"interval": OCTOBER, **body})
        assert got.status == 202
        job_id: str = got.json["jobId"]
        return f"{JOBS}/{job_id}"

    return submit


Submit = Callable[..., Awaitable[str]]


async def test_a_job_is_queued_then_pending_then_fulfilled_then_expired(
    app: Emulator, platform: Driver, submitted: Submit
) -> None:
    job = await submitted()

    seen = []
    for seconds in (0, 1, 4, 60):
        app.clock.advance(seconds)
        seen.append((await platform.get(job)).json["state"])

    assert seen == ["QUEUED", "PENDING", "FULFILLED", "EXPIRED"]
    assert (await platform.get(f"{job}/results")).status == 410


async def test_results_come_page_by_page_and_the_last_one_names_no_cursor(
    app: Emulator, platform: Driver, submitted: Submit
) -> None:
    job = await submitted()
    assert (await platform.get(f"{job}/results")).status == 400
    app.clock.advance(5)

    found, cursor = [], ""
    while True:
        page = (await platform.get(f"{job}/results?pageSize=2{cursor}")).json
        found.append([c["conversationId"] for c in page["conversations"]])
        if "cursor" not in page:
            break
        cursor = f"&cursor={page['cursor']}"

    assert found == [["c0", "c1"], ["c2", "c3"], ["c4"]]


async def test_order_and_limit_are_kept(app: Emulator, platform: Driver, submitted: Submit) -> None:
    job = await submitted(order="desc", limit=2)
    app.clock.advance(5)

    page = (await platform.get(f"{job}/results")).json

    assert [c["conversationId"] for c in page["conversations"]] == ["c4", "c3"]


async def test_a_cancelled_job_has_no_results(
    app: Emulator, platform: Driver, submitted: Submit
) -> None:
    job = await submitted()

    assert (await platform.send("DELETE", job)).status == 204
    app.clock.advance(10)

    assert (await platform.get(job)).json["state"] == "CANCELLED"
    assert (await platform.get(f"{job}/results")).status == 400


async def test_data_is_available_up_to_its_lag(app: Emulator, platform: Driver) -> None:
    got = (await platform.get(f"{JOBS}/availability")).json

    assert set(got) == {"dataAvailabilityDate"}


@pytest.mark.parametrize(
    "interval",
    ["yesterday", "2026-10-01", "2026-10-02/2026-10-01", "2026-01-01/2026-03-01", 5],
    ids=["words", "one moment", "backwards", "too long", "a number"],
)
async def test_an_interval_that_is_none_is_refused(platform: Driver, interval: Any) -> None:
    got = await platform.post(JOBS, {"interval": interval})

    assert (got.status, got.json["code"]) == (400, "invalid.value")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "2"},
        {"limit": 0},
        {"limit": True},
        {"order": "sideways"},
        {"orderBy": "name"},
        {"orderBy": 5},
    ],
)
async def test_a_query_that_cannot_be_carried_out_is_refused(
    platform: Driver, query: dict[str, Any]
) -> None:
    assert (await platform.post(JOBS, {"interval": OCTOBER, **query})).status == 400


@pytest.mark.parametrize("cursor", ["c" + "9" * 5000, "c", "c-1", "2", "c٣"])
async def test_a_cursor_that_was_never_given_is_refused(
    app: Emulator, platform: Driver, submitted: Submit, cursor: str
) -> None:
    job = await submitted()
    app.clock.advance(5)

    assert (await platform.get(f"{job}/results?cursor={quote(cursor)}")).status == 400


async def test_a_job_that_does_not_exist_is_not_found(platform: Driver) -> None:
    assert (await platform.get(f"{JOBS}/none")).status == 404
    assert (await platform.get(f"{JOBS}/none/results")).status == 404
