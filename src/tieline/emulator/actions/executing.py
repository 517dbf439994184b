"""Executing and testing an action or a draft."""

import uuid
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.actions import errors
from tieline.emulator.actions.flattened import flat_value
from tieline.emulator.actions.pipeline import Execution, Step, execute
from tieline.emulator.call import Answer, Call
from tieline.emulator.tables import Document


async def execute_published(call: Call) -> Answer:
    """Carry the action out; its output is the whole answer."""
    action = call.world.actions.published.get(call.path[0])
    _check_enabled(call, action)
    execution = await execute(call.world, action, _given(call), call.correlation_id)
    if execution.refusal is not None:
        raise execution.refusal
    final = flat_value(execution.final) if call.flag("flatten") else execution.final
    return Answer(200, final, effect=str(uuid.uuid4()))


async def test_published(call: Call) -> Answer:
    """Carry the action out and tell each step; 200 also when one failed."""
    return await _test(call, call.world.actions.published.get(call.path[0]))


async def test_draft(call: Call) -> Answer:
    """The same for a draft."""
    return await _test(call, call.world.actions.drafts.get(call.path[0]))


async def _test(call: Call, action: Document) -> Answer:
    _check_enabled(call, action)
    execution = await execute(call.world, action, _given(call), call.correlation_id)
    body: dict[str, Any] = {
        "operations": [_operation(i, step) for i, step in enumerate(execution.steps, start=1)],
        "success": execution.refusal is None,
    }
    if execution.refusal is None:
        body["finalResult"] = (
            flat_value(execution.final) if call.flag("flatten") else execution.final
        )
    else:
        body["error"] = execution.refusal.body("")
    return Answer(200, body, effect=str(uuid.uuid4()) if _was_called(execution) else None)


def _given(call: Call) -> Any:
    given = {} if call.body is None else call.body
    if not isinstance(given, dict):
        raise wire_errors.malformed("The request body must be a JSON object.")
    return given


def _check_enabled(call: Call, action: Document) -> None:
    integration = call.world.integrations.integrations.find(action["integrationId"])
    if integration is None or integration["intendedState"] != "ENABLED":
        raise errors.integration_disabled(action["integrationId"])


def _operation(number: int, step: Step) -> dict[str, Any]:
    body: dict[str, Any] = {
        "step": number,
        "name": step.name,
        "success": step.refusal is None,
    }
    if step.refusal is None:
        body["result"] = step.result
    else:
        body["error"] = step.refusal.body("")
    return body


def _was_called(execution: Execution) -> bool:
    return any(step.name == "Execute" for step in execution.steps)
