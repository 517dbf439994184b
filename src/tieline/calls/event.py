"""An event that others are told of, and who wants to hear of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tieline.types import Json


@dataclass(frozen=True, slots=True)
class Event:
    """`type` has dots (`flows.launch.completed`). `id` is the same in every delivery.

    `payload` is the JSON document that is sent, masked. `at` is wall seconds.
    """

    id: str
    type: str
    payload: Mapping[str, Any]
    at: float


def standard_payload(event_type: str, timestamp: str, data: Json) -> dict[str, Any]:
    """The document standardwebhooks.com recommends: `type`, `timestamp` (RFC 3339), `data`."""
    return {"type": event_type, "timestamp": timestamp, "data": data}


def rule_verified_payload(
    *,
    timestamp: str,
    rule_id: str,
    passed: bool,
    condition_count: int,
    evaluation_latency_ms: float | None,
    match_rate: Json,
    audit: Json,
) -> dict[str, Any]:
    """Guide 4's document of a deployed rule. `match_rate` is measured over history.

    It is `{"value", "records", "interval95"}`, or `{"value": null, "reason"}` without history.
    """
    return {
        "event": "routing.rule.verified",
        "timestamp": timestamp,
        "rule_id": rule_id,
        "metrics": {
            "evaluation_latency_ms": evaluation_latency_ms,
            "condition_count": condition_count,
            "estimated_match_rate": match_rate,
        },
        "audit": audit,
        "validation_status": "passed" if passed else "failed",
    }


def wants(patterns: Iterable[str], event_type: str) -> bool:
    """True where a pattern fits; `*` stands for any text, dots included."""
    return any(fnmatchcase(event_type, pattern) for pattern in patterns)
