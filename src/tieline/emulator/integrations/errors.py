"""Refusals about integrations."""

from tieline.emulator.wire_errors import Refusal


def unknown_type(type_id: str) -> Refusal:
    """An integration type that does not exist here."""
    return Refusal(
        400,
        "bad.request",
        "There is no integration type {type}.",
        params={"type": type_id[:80]},
        details=[{"errorCode": "invalid.value", "fieldName": "integrationType.id"}],
    )
