from collections.abc import Callable
from typing import Any

import pytest

from tieline.errors import OutcomeUnknown, Unsupported
from tieline.services.actions import AsyncActions
from tieline.services.flows import AsyncFlows

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
Make = Callable[..., Any]


def platform(**more: list[Any]) -> dict[str, Any]:
    script = {
        "flows__get": [{"id": FLOW, "name": "Triage", "publishedVersion": {"id": "3.0"}}],
        "flows__launch": [{"id": "e1"}],
        "flows__show": [{"id": "e1", "status": "COMPLETED", "outputData": {"a": 1}}],
    }
    return {"api": "platform", **script, **more}


async def test_a_launch_gives_an_execution_that_is_waited_for_later(make_world: Make) -> None:
    world = make_world(**platform())

    execution = await AsyncFlows(world.session).launch(FLOW, {"Flow.a": 1})
    outcome = await execution.wait(timeout=30.0)

    assert (execution.id, execution.status, execution.finished) == ("e1", "running", False)
    assert execution.to_json()["target"]["version"] == "3.0"
    assert (outcome.status, outcome.attempts) == ("completed", 1)
    assert world.recorded() == [("intent", None), ("outcome", "running"), ("outcome", "completed")]


async def test_an_execution_is_looked_at_without_waiting(make_world: Make) -> None:
    world = make_world(**platform())

    execution = await AsyncFlows(world.session).show("e1")

    assert (execution.status, execution.result, execution.finished) == (
        "completed",
        {"a": 1},
        True,
    )
    assert world.recorded() == []


async def test_a_launch_that_may_have_happened_is_its_own_error(make_world: Make) -> None:
    lost = OutcomeUnknown("no answer", correlation_id="c1", attempts=1)
    world = make_world(**platform(flows__launch=[lost]))

    with pytest.raises(OutcomeUnknown):
        await AsyncFlows(world.session).launch(FLOW)

    assert world.recorded() == [("intent", None), ("outcome", "uncertain")]
    assert world.calls.names().count("flows.launch") == 1


async def test_an_invocation_of_an_action_has_nothing_to_look_at(make_world: Make) -> None:
    world = make_world(api="platform")
    execution = AsyncActions(world.session).execution("a", "i1")

    with pytest.raises(Unsupported):
        await execution.refresh()
