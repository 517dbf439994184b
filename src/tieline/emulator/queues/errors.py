"""Refusals of a queue."""

from collections.abc import Sequence

from tieline.emulator.wire_errors import Refusal


def invalid_routing(flaws: Sequence[tuple[str, str]]) -> Refusal:
    """Conditional group routing that the platform does not take."""
    field, allowed = flaws[0]
    return Refusal(
        400,
        "invalid.value",
        "{field} is not valid. Allowable values are: {allowed}",
        params={"field": field, "allowed": allowed},
        details=[{"errorCode": "invalid.value", "fieldName": name} for name, _ in flaws],
    )
