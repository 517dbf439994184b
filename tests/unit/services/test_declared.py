"""Fields that a model or a contract declares as personal are masked in what is recorded."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, Field

from tieline.errors import PermissionDenied
from tieline.services.actions import AsyncActions
from tieline.services.flows import AsyncFlows

ACTION = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
EXECUTION = {"id": "e1", "status": "COMPLETED", "flowId": FLOW, "outputData": {"Flow.alias": "zoe"}}
PII = {"type": "string", "pii": True}


class Lookup(BaseModel):
    handle: str = Field(alias="customerHandle", json_schema_extra={"pii": True})
    tier: str = "gold"


def contract(inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    """An action as the platform shows it."""
    return {
        "id": ACTION,
        "name": "lookup",
        "contract": {
            "input": {"inputSchema": {"type": "object", "properties": inputs}},
            "output": {"successSchema": {"type": "object", "properties": outputs}},
        },
    }


async def test_what_a_model_marks_is_masked_in_the_intent(make_world: Callable[..., Any]) -> None:
    string = {"type": "string"}
    known = contract({"customerHandle": string, "tier": string}, {})
    world = make_world("platform", actions__get=[known], actions__execute=[{"ok": True}])

    await AsyncActions(world.session).invoke(ACTION, Lookup(customerHandle="zoe"))

    intent = world.log.records[0]
    assert world.calls.seen[-1].body == {"customerHandle": "zoe", "tier": "gold"}
    assert intent.masked_input["customerHandle"].startswith("[personal:")
    assert intent.masked_input["tier"] == "gold"


async def test_what_a_contract_marks_is_masked_in_input_and_result(
    make_world: Callable[..., Any],
) -> None:
    known = contract({"customerHandle": PII}, {"alias": PII, "tier": {"type": "string"}})
    answer = {"alias": "zoe", "tier": "gold"}
    world = make_world("platform", actions__get=[known], actions__execute=[answer])

    outcome = await AsyncActions(world.session).invoke(ACTION, {"customerHandle": "zoe"})

    assert outcome.result == answer
    assert "zoe" not in json.dumps([record.masked_input for record in world.log.records])
    assert (
        world.log.records[1].result["alias"] == world.log.records[0].masked_input["customerHandle"]
    )
    assert world.log.records[1].result["tier"] == "gold"


async def test_what_a_contract_marks_is_masked_when_an_execution_is_picked_up_later(
    make_world: Callable[..., Any],
) -> None:
    flow = {"id": FLOW, "outputSchema": {"type": "object", "properties": {"Flow.alias": PII}}}
    world = make_world("platform", flows__get=[flow], flows__show=[EXECUTION])

    execution = await AsyncFlows(world.session).show("e1")
    outcome = await execution.wait()

    assert outcome.result == {"Flow.alias": "zoe"}
    assert world.log.records[-1].result["Flow.alias"].startswith("[personal:")


async def test_an_execution_is_picked_up_though_its_contract_may_not_be_read(
    make_world: Callable[..., Any],
) -> None:
    refused = PermissionDenied("no", status=403)
    world = make_world("platform", flows__get=[refused], flows__show=[EXECUTION])

    outcome = await AsyncFlows(world.session).execution("e1", flow_id=FLOW).wait()

    assert outcome.status == "completed"
