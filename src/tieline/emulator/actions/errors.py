"""Refusals about actions, drafts and executions."""

from collections.abc import Mapping, Sequence
from typing import Any

from tieline.emulator.wire_errors import MALFORMED, Refusal, conflict

PROCESSING = "ACTION.PROCESSING"
REMOTE_ENDPOINT = "ACTION.REMOTE_ENDPOINT"


def processing(message: str = MALFORMED, violations: Sequence[Mapping[str, Any]] = ()) -> Refusal:
    """The input, a template or the output does not fit; nothing (more) was called."""
    details = [{"errorCode": PROCESSING}, *violations]
    return Refusal(400, "bad.request", message, details=details)


def remote_failed(message: str, *, status: int | None, is_function: bool) -> Refusal:
    """The action's service answered badly, or the function threw.

    A function's failure is 500; a service's 4xx or 5xx keeps its class, anything else is 400.
    """
    if is_function:
        message = (
            "Invoked function failed. Response from function: Function execution failed with "
            f"error Type: Unhandled; Message: {message}"
        )
        outer, inner = ("internal.server.error", "INTERNAL_SERVER_ERROR"), "500"
        answered = 500
    else:
        answered = 500 if status is not None and status >= 500 else 400  # noqa: PLR2004  # server errors
        outer = ("internal.server.error" if answered == 500 else "bad.request", "REMOTE_ERROR")  # noqa: PLR2004  # as above
        inner = str(status or answered)
    text = f"REST call for action execute failed. Message: {message}"
    cause = {
        "message": text,
        "code": outer[1],
        "status": int(inner),
        "messageParams": {},
        "contextId": "",
        "details": [],
        "errors": [],
    }
    details = [{"errorCode": REMOTE_ENDPOINT}]
    return Refusal(answered, outer[0], text, details=details, causes=[cause])


def over_time(seconds: float, *, is_function: bool) -> Refusal:
    """Nothing came within `timeoutSeconds`."""
    text = f"timed out after {seconds:g} seconds"
    if is_function:
        return remote_failed(f"Task {text}", status=None, is_function=True)
    return Refusal(
        504,
        "gateway.timeout",
        "The request timed out: {reason}.",
        params={"reason": text},
        details=[{"errorCode": REMOTE_ENDPOINT}],
    )


def integration_disabled(integration_id: str) -> Refusal:
    """Actions of a disabled integration are not executed."""
    return Refusal(400, "bad.request", "The integration is not enabled.", entity_id=integration_id)


def invalid_contract(flaws: Sequence[tuple[str, str]]) -> Refusal:
    """The contract breaks a restriction of the platform; a detail a property."""
    return Refusal(
        400,
        "invalid.schema",
        "The contract is not valid: {reason}",
        params={"reason": f"{flaws[0][0]}: {flaws[0][1]}"},
        details=[{"errorCode": "invalid.schema", "fieldName": field} for field, _ in flaws[:50]],
    )


def frozen(field: str) -> Refusal:
    """Contract and `secure` stay as they were published."""
    return Refusal(
        400,
        "bad.request",
        "{field} cannot be changed once the action is published.",
        params={"field": field},
        details=[{"errorCode": "invalid.value", "fieldName": field}],
    )


def draft_exists(action_id: str) -> Refusal:
    """There is one draft at a time."""
    return conflict("The action has a draft already.", code="draft.exists", entity_id=action_id)


def not_changeable(action_id: str) -> Refusal:
    """Built-in actions are the platform's own."""
    return Refusal(400, "bad.request", "Static actions cannot be changed.", entity_id=action_id)


def drafts_only(integration_id: str) -> Refusal:
    """Function integrations get their actions by way of a draft."""
    return Refusal(
        400,
        "bad.request",
        "Actions of a function integration are created as drafts.",
        entity_id=integration_id,
    )


def invalid_draft(causes: Sequence[Refusal]) -> Refusal:
    """What `validation` lists stands in the way of publication."""
    return Refusal(
        400,
        "bad.request",
        "The draft is not valid: {reason}",
        params={"reason": causes[0].message},
        details=[detail for cause in causes for detail in cause.details],
        causes=[cause.body("") for cause in causes],
    )
