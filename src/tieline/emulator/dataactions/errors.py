"""Refusals of an invocation."""

from collections.abc import Mapping, Sequence
from typing import Any

from tieline.emulator.wire_errors import Refusal


def invalid_payload(violations: Sequence[Mapping[str, Any]]) -> Refusal:
    """The payload breaks the action's contract; nothing was invoked."""
    return Refusal(
        400, "bad.request", "The payload does not match the contract.", details=violations
    )
