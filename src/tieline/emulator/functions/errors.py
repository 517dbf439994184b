"""Refusals about functions."""

from tieline.emulator.wire_errors import Refusal


def no_function(action_id: str) -> Refusal:
    """The action has no function: it is of another integration type."""
    return Refusal(404, "not.found", "The action has no function.", entity_id=action_id)
