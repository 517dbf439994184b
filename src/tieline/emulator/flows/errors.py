"""Refusals of a launch; in each case nothing starts."""

from collections.abc import Mapping, Sequence
from typing import Any

from tieline.emulator.wire_errors import Refusal


def cannot_launch(flow_id: str, reason: str) -> Refusal:
    """The flow is there and cannot be launched."""
    return Refusal(
        400,
        "bad.request",
        "Flow {flowId} cannot be launched: {reason}.",
        params={"flowId": flow_id, "reason": reason},
        entity_id=flow_id,
    )


def invalid_input(violations: Sequence[Mapping[str, Any]]) -> Refusal:
    """`inputData` breaks the flow's input schema."""
    return Refusal(
        400, "bad.request", "The input data does not match the flow's inputs.", details=violations
    )


def unknown_person(kind: str) -> Refusal:
    """The user or external contact of a guide's launch does not exist."""
    return Refusal(
        400,
        "invalid.value",
        "The {kind} does not exist.",
        params={"kind": kind},
        details=[{"errorCode": "invalid.value", "fieldName": f"{kind}.id"}],
    )
