"""The handler that a worker runs once before its job, so that its job is not the first."""

from typing import Any


def handler(event: Any) -> Any:
    """Give back the event."""
    return event
