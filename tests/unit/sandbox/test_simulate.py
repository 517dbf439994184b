from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.clock import JumpingClock
from tieline.errors import InvalidInput, LimitExceeded, NotFound
from tieline.sandbox.simulate import CodeDefinition, SimulatedCustomCode

DEFINITION = CodeDefinition(
    id="enrich",
    inputs={"customerId": {"type": "string"}, "sessionId": {"type": "string"}},
    required=("customerId",),
    timeout_s=60,
)

OVER = "it was still running after 30 s, its sandbox's timeout"


def enrich(customerId: str, sessionId: str = "") -> dict[str, str]:  # noqa: N803  # the inputs
    return {"customer": customerId.upper(), "session": sessionId}


def fails(customerId: str) -> None:  # noqa: N803  # the inputs
    raise KeyError(customerId)


async def later(customerId: str) -> str:  # noqa: N803  # the inputs
    return customerId


def simulation(code: Any, *, takes_s: float = 2.0) -> tuple[SimulatedCustomCode, JumpingClock]:
    clock = JumpingClock()
    simulated = SimulatedCustomCode(clock, queue_s=0.5)
    simulated.register(DEFINITION, code, takes_s=takes_s)
    return simulated, clock


async def test_an_execution_is_queued_then_running_then_completed_in_virtual_time() -> None:
    simulated, clock = simulation(enrich)
    posted = await simulated.post("enrich", {"customerId": "a"})

    seen = []
    for _ in range(6):
        seen.append((await simulated.get(posted["id"]))["status"])
        clock.advance(0.5)

    assert posted["status"] == "queued"
    assert seen == ["queued", "running", "running", "running", "running", "completed"]
    ended = await simulated.get(posted["id"])
    assert (ended["result"], ended["error"]) == ({"customer": "A", "session": ""}, None)


@pytest.mark.parametrize(
    ("code", "takes_s", "status", "error"),
    [
        (later, 1.0, "completed", None),
        (fails, 1.0, "failed", {"type": "KeyError", "message": "'a'"}),
        (enrich, 31.0, "timed_out", {"type": "TimedOut", "message": OVER}),
    ],
)
async def test_code_ends_in_each_way(code: Any, takes_s: float, status: str, error: Any) -> None:
    simulated, clock = simulation(code, takes_s=takes_s)
    posted = await simulated.post("enrich", {"customerId": "a"})
    assert (await simulated.get(posted["id"]))["result"] is None

    clock.advance(60)

    ended = await simulated.get(posted["id"])
    assert (ended["status"], ended["error"]) == (status, error)


@given(steps=st.lists(st.floats(0, 2), max_size=10), takes_s=st.floats(0, 5))
async def test_a_status_never_goes_back(steps: list[float], takes_s: float) -> None:
    simulated, clock = simulation(enrich, takes_s=takes_s)
    posted = await simulated.post("enrich", {"customerId": "a"})
    order = ["queued", "running", "completed"]
    reached = 0

    for step in steps:
        clock.advance(step)
        status = order.index((await simulated.get(posted["id"]))["status"])
        assert status >= reached
        reached = status


@pytest.mark.parametrize(
    "inputs",
    [{}, {"customerId": 5}, {"customerId": "a", "other": 1}],
    ids=["missing", "type", "unknown"],
)
async def test_inputs_that_break_the_schema_start_nothing(inputs: dict[str, Any]) -> None:
    simulated, _ = simulation(enrich)

    with pytest.raises(InvalidInput):
        await simulated.post("enrich", inputs)


async def test_needing_longer_than_the_sandbox_allows_is_refused() -> None:
    simulated, _ = simulation(enrich)

    with pytest.raises(LimitExceeded, match="ended after 60 s, and 90 s are needed"):
        await simulated.post("enrich", {"customerId": "a"}, timeout=90)


async def test_what_does_not_exist_is_not_found() -> None:
    simulated, _ = simulation(enrich)

    with pytest.raises(NotFound):
        await simulated.post("other", {})
    with pytest.raises(NotFound):
        await simulated.get("other")


def test_a_definition_is_registered_once() -> None:
    simulated, _ = simulation(enrich)

    with pytest.raises(InvalidInput, match="registered already"):
        simulated.register(DEFINITION, enrich)
