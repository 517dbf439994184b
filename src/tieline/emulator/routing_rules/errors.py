"""Refusals of a rule."""

from collections.abc import Sequence

from tieline.emulator.routing_rules.expression import Flaw
from tieline.emulator.wire_errors import Refusal, conflict


def invalid_expression(flaws: Sequence[Flaw]) -> Refusal:
    """The expression cannot be evaluated; a detail a place."""
    return Refusal(
        400,
        "invalid.expression",
        "The expression is not valid: {reason}",
        params={"reason": f"{flaws[0].path}: {flaws[0].message}"},
        details=[
            {"errorCode": "invalid.expression", "fieldName": f.path, "message": f.message}
            for f in flaws[:50]
        ],
    )


def name_taken(name: str) -> Refusal:
    """The queue has a rule of this name."""
    return conflict(f"The queue already has a rule named {name[:80]}.", code="rule.name.exists")


def unknown_queue(queue_id: str) -> Refusal:
    """The queue of the rule does not exist."""
    return Refusal(
        400,
        "invalid.value",
        "There is no queue {queue}.",
        params={"queue": queue_id[:80]},
        details=[{"errorCode": "invalid.value", "fieldName": "queue.id"}],
    )
