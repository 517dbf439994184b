"""Refusals about functions."""

from tieline.emulator.wire_errors import Refusal


def no_function(action_id: str) -> Refusal:
    """The action has no function: it is of another integration type."""
    return Refusal(404, "not.found", "The action has no function.", entity_id=action_id)


def presigned(status: int, code: str, message: str) -> Refusal:
    """What the place of uploads refuses; it knows no tokens and no permissions."""
    return Refusal(status, code, message)


def no_usable_zip(status: str) -> Refusal:
    """The draft's zip is not Available, so it cannot be published."""
    return Refusal(
        400,
        "bad.request",
        "The function's zip is {status}; it must be Available.",
        params={"status": status},
        details=[{"errorCode": "invalid.value", "fieldName": "function.zip"}],
    )


def no_such_handler(handler: str) -> Refusal:
    """The zip does not hold the file that the handler names."""
    return Refusal(
        400,
        "bad.request",
        "The function's zip has no file for the handler {handler}.",
        params={"handler": handler[:120]},
        details=[{"errorCode": "invalid.value", "fieldName": "function.handler"}],
    )
