"""The control surface: health, state, reset, clock, faults, journal, recording."""

import orjson
import pytest
from emulator_driver import FLOW, Driver

from tieline.emulator.app import Emulator, create_app
from tieline.errors import InvalidInput


async def test_health_tells_version_and_clock(app: Emulator) -> None:
    got = await Driver(app).get("/_emulator/health")

    assert got.json["status"] == "ok"
    assert got.json["clock"] == "virtual"
    assert got.json["version"]


async def test_the_whole_state_goes_out_and_comes_back_the_same(
    app: Emulator, platform: Driver
) -> None:
    launched = (await platform.post("/api/v2/flows/executions", {"flowId": FLOW})).json
    state = (await platform.get("/_emulator/state")).json
    other = Driver(create_app(clock=app.clock))
    other.token = platform.token

    put = await other.send("PUT", "/_emulator/state", state)
    read = await other.get(f"/api/v2/flows/executions/{launched['id']}")

    assert put.json == state
    assert (read.status, read.json["status"]) == (200, "RUNNING")


async def test_a_state_that_is_no_fixture_is_refused_and_changes_nothing(
    app: Emulator, platform: Driver
) -> None:
    before = app.dump_state()

    got = await platform.send("PUT", "/_emulator/state", {"flows": [{"name": "no id"}]})

    assert (got.status, got.json["code"]) == (400, "VALIDATION_FAILED")
    assert app.dump_state() == before


async def test_reset_goes_back_to_the_fixture_and_empties_journal_and_faults(
    app: Emulator, platform: Driver
) -> None:
    await platform.post("/api/v2/flows/executions", {"flowId": FLOW})
    app.add_fault({"do": {"kind": "garbage"}})

    await platform.post("/_emulator/reset", {})

    assert (len(app.world.flows.executions), app.journal.last, app.faults.rules) == (0, 0, [])
    assert (await platform.get("/api/v2/organizations/me")).status == 401


async def test_time_stands_still_moves_and_runs_again() -> None:
    driver = Driver(create_app())

    stopped = await driver.post("/_emulator/clock", {"mode": "virtual"})
    moved = await driver.post("/_emulator/clock", {"advance": 30.5})
    running = await driver.post("/_emulator/clock", {"mode": "real"})

    assert stopped.json["mode"] == "virtual"
    assert moved.json["epoch"] - stopped.json["epoch"] == pytest.approx(30.5)
    assert running.json["mode"] == "real"
    assert running.json["epoch"] >= moved.json["epoch"]


@pytest.mark.parametrize("change", [{}, {"advance": -1}, {"advance": "1"}, {"mode": "slow"}, [1]])
async def test_a_change_of_time_that_makes_no_sense_is_refused(
    app: Emulator, change: object
) -> None:
    assert (await Driver(app).post("/_emulator/clock", change)).status == 400


async def test_faults_are_added_listed_with_their_counts_and_removed(platform: Driver) -> None:
    rule = {"match": {"path": "/api/v2/organizations/me"}, "calls": [2], "do": {"kind": "garbage"}}
    await platform.post("/_emulator/faults", [rule])
    await platform.get("/api/v2/organizations/me")

    listed = (await platform.get("/_emulator/faults")).json
    removed = (await platform.send("DELETE", "/_emulator/faults")).json

    assert listed == {"faults": [{**rule, "seen": 1}]}
    assert removed == {"faults": []}


async def test_one_bad_rule_keeps_all_of_the_list_out(app: Emulator) -> None:
    rules = [{"do": {"kind": "garbage"}}, {"do": {"kind": "nonsense"}}]

    got = await Driver(app).post("/_emulator/faults", rules)

    assert (got.status, app.faults.rules) == (400, [])


async def test_the_journal_tells_what_was_asked_since_a_number(platform: Driver) -> None:
    await platform.get("/api/v2/flows?pageSize=5")
    await platform.get("/api/v2/nothing")

    entries = (await platform.get("/_emulator/journal?since=1")).json["entries"]

    assert entries[0] == {
        "n": 2,
        "time": entries[0]["time"],
        "method": "GET",
        "path": "/api/v2/flows",
        "query": "pageSize=5",
        "operation": "flows.list",
        "dialect": "platform",
        "status": 200,
        "fault": None,
        "effect": None,
        "duplicate_of": None,
        "authorized": True,
    }
    assert (entries[1]["status"], entries[1]["operation"]) == (404, None)


async def test_the_journal_holds_no_secret(platform: Driver) -> None:
    await platform.get("/api/v2/tokens/me")

    journal = (await platform.get("/_emulator/journal")).raw
    recording = (await platform.get("/_emulator/recording")).json

    assert platform.token.encode() not in journal
    assert b"tieline-demo-secret" not in journal
    assert platform.token not in orjson.dumps(recording["exchanges"]).decode()


async def test_without_a_token_only_this_machine_may_control(app: Emulator) -> None:
    driver = Driver(app)

    far = await driver.send("GET", "/_emulator/health", client=("192.0.2.7", 1))
    near = [await driver.send("GET", "/_emulator/health", client=c)
            for c in (("127.0.0.1", 1), ("::1", 1), None)]  # fmt: skip

    assert far.status == 403
    assert [got.status for got in near] == [200, 200, 200]


async def test_with_a_token_it_is_needed_from_everywhere() -> None:
    driver = Driver(create_app(control_token="open sesame"))

    without = await driver.get("/_emulator/health")
    driver.token = "open sesame"
    far = await driver.send("GET", "/_emulator/health", client=("192.0.2.7", 1))

    assert (without.status, far.status) == (403, 200)


async def test_a_web_page_may_not_control(app: Emulator) -> None:
    got = await Driver(app).send(
        "POST", "/_emulator/reset", {}, headers={"Origin": "https://evil.example"}
    )

    assert got.status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8089", "127.0.0.1.evil.example", "192.0.2.7", "", "é"]
)
async def test_a_name_that_was_made_to_resolve_to_this_machine_does_not_control(
    app: Emulator, host: str
) -> None:
    got = await Driver(app).send(
        "GET", "/_emulator/state", client=("127.0.0.1", 1), headers={"Host": host}
    )

    assert got.status == 403


@pytest.mark.parametrize("host", ["localhost:8089", "127.0.0.1:8089", "[::1]:8089", "LOCALHOST."])
async def test_this_machine_controls_by_any_of_its_names(app: Emulator, host: str) -> None:
    got = await Driver(app).send(
        "GET", "/_emulator/health", client=("127.0.0.1", 1), headers={"Host": host}
    )

    assert got.status == 200


async def test_with_a_token_control_is_reached_by_any_name() -> None:
    driver = Driver(create_app(control_token="open sesame"))
    driver.token = "open sesame"

    got = await driver.send("GET", "/_emulator/health", headers={"Host": "emulator.test"})

    assert got.status == 200


@pytest.mark.parametrize("seconds", [1e308, 10**400, 3e11])
async def test_time_does_not_move_beyond_what_can_be_written_as_a_date(
    app: Emulator, seconds: float
) -> None:
    before = app.clock.now()

    with pytest.raises(InvalidInput):
        app.set_clock({"mode": "real", "advance": seconds})

    assert (app.clock.now(), app.clock.mode) == (before, "virtual")


async def test_a_journal_is_not_read_from_a_number_without_end(app: Emulator) -> None:
    got = await Driver(app).get(f"/_emulator/journal?since={'9' * 5000}")

    assert got.status == 400
