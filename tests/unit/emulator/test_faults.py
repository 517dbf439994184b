"""Scripted faults: which request is hit, what is left behind, what the client sees."""

from typing import Any

import pytest
from emulator_driver import FLOW, Driver

from tieline.emulator.app import Emulator
from tieline.emulator.faults import FaultRule
from tieline.emulator.sending import ConnectionDropped
from tieline.errors import InvalidInput

LAUNCH = "/api/v2/flows/executions"


def rule(do: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"match": {"method": "POST", "path": LAUNCH}, "do": do, **more}


@pytest.mark.parametrize(
    ("do", "carried_out"),
    [
        ({"kind": "drop_before_read"}, False),
        ({"kind": "drop_after_read"}, False),
        ({"kind": "drop_after_commit"}, True),
        ({"kind": "truncate", "bytes": 10}, True),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
async def test_a_dropped_connection_ends_the_exchange_and_the_journal_knows_what_was_done(
    app: Emulator, platform: Driver, do: dict[str, Any], carried_out: bool
) -> None:
    app.add_fault(rule(do))

    with pytest.raises(ConnectionDropped):
        await platform.post(LAUNCH, {"flowId": FLOW})

    entry = app.entries("flows.launch")[0]
    assert entry.fault == do["kind"]
    assert (entry.effect is not None) is carried_out
    assert len(app.world.flows.executions) == carried_out


@pytest.mark.parametrize(
    ("do", "status", "carried_out"),
    [
        ({"kind": "status", "status": 503}, 503, False),
        ({"kind": "status", "status": 429, "retry_after": 7}, 429, False),
        ({"kind": "html", "status": 504}, 504, False),
        ({"kind": "html"}, 502, False),
        ({"kind": "rate_limit", "requests": 0, "per_seconds": 60}, 429, False),
        ({"kind": "garbage"}, 200, True),
        ({"kind": "delay", "seconds": 0.001, "jitter": 0.001}, 200, True),
        ({"kind": "slow_body", "bytes_per_second": 1_000_000}, 200, True),
    ],
)
async def test_an_answer_that_is_spoiled_tells_nothing_about_what_was_done(
    app: Emulator, platform: Driver, do: dict[str, Any], status: int, carried_out: bool
) -> None:
    app.add_fault(rule(do))

    got = await platform.post(LAUNCH, {"flowId": FLOW})

    assert got.status == status
    assert len(app.world.flows.executions) == carried_out
    assert app.entries("flows.launch")[0].fault == do["kind"]


async def test_garbage_is_no_json_and_html_is_html(app: Emulator, platform: Driver) -> None:
    app.add_fault(rule({"kind": "garbage"}, calls=[1]))
    app.add_fault(rule({"kind": "html", "status": 502}, calls=[2]))

    garbage = await platform.post(LAUNCH, {"flowId": FLOW})
    html = await platform.post(LAUNCH, {"flowId": FLOW})

    with pytest.raises(ValueError, match="unexpected end"):
        _ = garbage.json
    assert garbage.headers["content-type"] == "application/json"
    assert html.headers["content-type"] == "text/html"


async def test_a_status_brings_retry_after_and_body_as_they_were_given(
    app: Emulator, platform: Driver
) -> None:
    when = "Wed, 21 Oct 2026 07:28:00 GMT"
    app.add_fault(rule({"kind": "status", "status": 503, "retry_after": when, "body": {"a": 1}}))

    got = await platform.post(LAUNCH, {"flowId": FLOW})

    assert (got.headers["retry-after"], got.json) == (when, {"a": 1})


async def test_only_the_listed_calls_are_hit(app: Emulator, platform: Driver) -> None:
    app.add_fault(rule({"kind": "status", "status": 500}, calls=[1, 3]))

    statuses = [(await platform.post(LAUNCH, {"flowId": FLOW})).status for _ in range(4)]

    assert statuses == [500, 200, 500, 200]


async def test_a_segment_in_braces_matches_one_segment(app: Emulator, platform: Driver) -> None:
    app.add_fault({"match": {"path": "/api/v2/flows/{}"}, "do": {"kind": "status", "status": 500}})

    one = await platform.get(f"/api/v2/flows/{FLOW}")
    two = await platform.get("/api/v2/flows/executions/x")

    assert (one.status, two.status) == (500, 404)


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [("token", [200, 429, 200]), ("client", [200, 429, 429]), ("org", [200, 429, 429])],
)
async def test_a_rate_limit_counts_by_token_client_or_organisation(
    app: Emulator, scope: str, statuses: list[int]
) -> None:
    app.add_fault({"match": {"path": "/api/v2/organizations/me"},
                   "do": {"kind": "rate_limit", "requests": 1, "per_seconds": 60,
                          "scope": scope}})  # fmt: skip
    first, second = await Driver(app).login(), await Driver(app).login()

    got = [await d.get("/api/v2/organizations/me") for d in (first, first, second)]

    assert [each.status for each in got] == statuses
    assert 1 <= int(got[1].headers["retry-after"]) <= 60


async def test_a_rate_window_ends_by_the_emulators_clock(app: Emulator, platform: Driver) -> None:
    app.add_fault({"do": {"kind": "rate_limit", "requests": 1, "per_seconds": 10}})
    await platform.get("/api/v2/organizations/me")
    refused = await platform.get("/api/v2/organizations/me")
    app.clock.advance(int(refused.headers["retry-after"]))

    again = await platform.get("/api/v2/organizations/me")

    assert (refused.status, again.status) == (429, 200)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "do"),
        ({"do": {"kind": "explode"}}, "kind"),
        ({"do": {"kind": "status"}}, "status"),
        ({"do": {"kind": "delay", "seconds": -1}}, "seconds"),
        ({"do": {"kind": "garbage"}, "calls": [0]}, "calls"),
        ({"do": {"kind": "garbage"}, "when": 1}, "when"),
    ],
)
def test_a_rule_that_cannot_be_read_says_what_is_wrong(document: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        FaultRule.read(document)
