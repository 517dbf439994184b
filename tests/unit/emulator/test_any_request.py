"""Whatever is asked, the emulator answers in a form of its own, never with a failure of its own."""

import pytest
from emulator_driver import Driver
from table_driver import TableDriver
from wild_requests import WildRequests

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.areas import ROUTES

# What an action behind the emulator did wrong is a 500 as well, as on the platform.
BY_AN_ACTION = b"ACTION."


async def send_wild(app: Emulator, seed: int, count: int) -> dict[int, int]:
    """Send so many, from the same state after each hundred; tell how many got which status."""
    platform = await Driver(app).login()
    guide = await Driver(app).login(path="/api/v2/oauth/token")
    table = await TableDriver(platform).make()
    (row,) = await table.add(("gold", 10))
    ids = {"tableId": table.id, "tableVersion": "1", "rowId": row}
    wild = iter(WildRequests(ROUTES, seed, ids=ids, bodies=[table.row(["gold", 1])]))
    state, statuses = app.dump_state(), dict[int, int]()

    for number in range(count):
        if number % 100 == 0:
            app.replace_state(state)
            app.clock.advance(1)
        asked = next(wild)
        driver = guide if asked.route.surface == "guide" else platform
        got = await driver.send(asked.route.method, asked.target, asked.body)
        failed = got.status >= 500 and BY_AN_ACTION not in got.raw
        assert not failed, (asked.route.method, asked.target, asked.body, got.raw)
        statuses[got.status] = statuses.get(got.status, 0) + 1
    return statuses


def check_they_reached_the_handlers(statuses: dict[int, int]) -> None:
    count = sum(statuses.values())
    assert statuses.get(200, 0) > count // 50
    assert statuses.get(400, 0) > count // 10
    assert statuses.get(401, 0) == 0
    assert statuses.get(404, 0) < count // 2


async def test_three_thousand_wild_requests_get_no_server_error() -> None:
    check_they_reached_the_handlers(await send_wild(create_app(clock="virtual"), 1, 3_000))


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(2, 12))
async def test_two_hundred_thousand_wild_requests_get_no_server_error(seed: int) -> None:
    check_they_reached_the_handlers(await send_wild(create_app(clock="virtual"), seed, 20_000))
