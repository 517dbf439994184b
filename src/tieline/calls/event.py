"""An event that others are told of, and who wants to hear of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """`type` has dots (`flows.launch.completed`). `id` is the same in every delivery.

    `payload` is the JSON document that is sent, masked. `at` is wall seconds.
    """

    id: str
    type: str
    payload: Mapping[str, Any]
    at: float


def wants(patterns: Iterable[str], event_type: str) -> bool:
    """True where a pattern fits; `*` stands for any text, dots included."""
    return any(fnmatchcase(event_type, pattern) for pattern in patterns)
