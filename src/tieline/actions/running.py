"""Carrying one call out: validate, run within the budget, shape the answer.

The platform waits `timeout` seconds and then forgets the call. The handler gets a little less, so
that a well-formed answer still arrives; when its budget is gone it is cancelled where it stands.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Literal

import anyio
import anyio.to_thread
import orjson
from pydantic import BaseModel, ValidationError

from tieline.actions.context import Context
from tieline.actions.definition import Action
from tieline.contracts.strict_json import parse_json
from tieline.contracts.violations import pydantic_violations
from tieline.errors import InvalidInput

# 28 s of the platform's 30: answering, the network and the platform's own parsing take the rest.
MARGIN_SECONDS = 2.0
MARGIN_SHARE = 0.2

Ended = Literal["completed", "invalid", "failed", "timed_out", "wrong_shape"]


@dataclass(frozen=True, slots=True)
class Carried:
    """How a hosted call ended; `body` is what the platform gets, whatever happened."""

    ended: Ended
    status: int
    body: bytes
    error: str | None = None


def budget_seconds(timeout_s: float) -> float:
    """Seconds the handler itself may take."""
    return timeout_s - min(MARGIN_SECONDS, MARGIN_SHARE * timeout_s)


async def carry_out(
    action: Action, body: bytes, context: Context, *, threads: anyio.CapacityLimiter
) -> Carried:
    """Run one call to its end. Never raises for what the caller or the handler did wrong."""
    try:
        request = read_request(action, body)
    except InvalidInput as refused:
        return Carried("invalid", 400, orjson.dumps(refused.to_json()), refused.message)
    budget = asyncio.timeout(context.remaining)
    try:
        async with budget:
            answer = await _call(action, request, context, threads)
    except Exception as exc:  # the handler is somebody else's code; its message may hold secrets
        if budget.expired():
            said = f"the time budget of {budget_seconds(action.timeout_s):g} s ran out"
            return _unsuccessful(action, context, "timed_out", 504, said)
        context.log.exception("handler raised", error_type=type(exc).__name__)
        return _unsuccessful(action, context, "failed", 500, "the handler failed")
    return _shaped(action, answer, context)


def read_request(action: Action, body: bytes) -> BaseModel:
    """Validate the body strictly, after putting a flattened input together again.

    Raises:
        InvalidInput: no JSON, or one detail a violation; without the values.
    """
    try:
        value = parse_json(body, what="body")
        if action.registered_input.leaves:
            if not isinstance(value, dict):
                raise InvalidInput(f"{action.name}: the body is not an object")
            body = json.dumps(action.registered_input.nested(value)).encode()
        return action.input_model.model_validate_json(body, strict=True)
    except ValidationError as exc:
        found = pydantic_violations(exc)
        raise InvalidInput(
            f"{action.name}: {found[0].message}",
            details=[violation.to_json() for violation in found],
        ) from exc


async def _call(
    action: Action, request: BaseModel, context: Context, threads: anyio.CapacityLimiter
) -> Any:
    arguments = (request, context) if action.takes_context else (request,)
    if action.asynchronous:
        return await action.handler(*arguments)
    # A thread cannot be stopped: it is left behind when the budget ends, and its place in
    # `threads` stays taken until it returns, so that hanging handlers cannot pile up.
    return await anyio.to_thread.run_sync(
        action.handler, *arguments, abandon_on_cancel=True, limiter=threads
    )


def _shaped(action: Action, answer: Any, context: Context) -> Carried:
    if isinstance(answer, action.output_model):
        return Carried("completed", 200, answer.model_dump_json(by_alias=True).encode())
    try:
        shaped = action.output_model.model_validate(answer, strict=True)
    except ValidationError as exc:
        found = pydantic_violations(exc)
        context.log.exception("handler answered another shape", first=found[0].to_json())
        return _unsuccessful(
            action, context, "wrong_shape", 500, "the handler's answer breaks its contract"
        )
    return Carried("completed", 200, shaped.model_dump_json(by_alias=True).encode())


def _unsuccessful(
    action: Action, context: Context, ended: Ended, status: int, said: str
) -> Carried:
    """Answer `success: false` in the output's own form where it has one, else an error document."""
    document = {"success": False, "message": said, "trace_id": context.trace_id}
    fields = {k: v for k, v in document.items() if k in action.output_model.model_fields}
    if "success" in fields:
        try:
            shaped = action.output_model.model_validate(fields)
        except ValidationError:
            pass
        else:
            return Carried(ended, 200, shaped.model_dump_json(by_alias=True).encode(), said)
    code = "DEADLINE_EXCEEDED" if ended == "timed_out" else "HANDLER_FAILED"
    error = {"status": "error", "code": code, "message": said, "trace_id": context.trace_id}
    return Carried(ended, status, orjson.dumps(error), said)
