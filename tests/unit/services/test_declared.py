"""Fields that a model or a contract declares as personal are masked in what is recorded."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, Field

from tieline.services.actions import AsyncActions

ACTION = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
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
