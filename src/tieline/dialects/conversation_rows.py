"""A conversation's details as one flat row, as rules see it.

Skills, languages and queues are ids. Participants' attributes become columns under their own names;
where participants disagree, the last one wins, and the customer's side wins over all others.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tieline.types import Json, JsonObject

# Column → type, in the order of the file. Attributes follow.
COLUMNS: Mapping[str, str] = {
    "conversation_id": "string",
    "conversation_start": "date-time",
    "conversation_end": "date-time",
    "direction": "string",
    "media_type": "string",
    "message_type": "string",
    "ani": "string",
    "dnis": "string",
    "queue_id": "string",
    "language_id": "string",
    "skill_ids": "array",
    "division_ids": "array",
    "flow_id": "string",
    "wrap_up_code": "string",
    "wait_ms": "integer",
}
_CUSTOMER = ("customer", "external")
_NO_NAME = re.compile(r"[^A-Za-z0-9_]")


def conversation_row(conversation: JsonObject) -> dict[str, Json]:
    """Flatten a conversation; what it lacks is None, an attribute's value is its text."""
    sessions = list(_each(_each([conversation], "participants"), "sessions"))
    segments = list(_each(sessions, "segments"))
    waits = [
        metric["value"]
        for metric in _each(sessions, "metrics")
        if metric.get("name") == "tWait" and isinstance(metric.get("value"), int)
    ]
    row: dict[str, Json] = {
        "conversation_id": conversation.get("conversationId"),
        "conversation_start": conversation.get("conversationStart"),
        "conversation_end": conversation.get("conversationEnd"),
        "direction": conversation.get("originatingDirection"),
        "media_type": _first(sessions, "mediaType"),
        "message_type": _first(sessions, "messageType"),
        "ani": _first(sessions, "ani"),
        "dnis": _first(sessions, "dnis"),
        "queue_id": _first(segments, "queueId"),
        "language_id": _first(segments, "requestedLanguageId"),
        "skill_ids": _first(segments, "requestedRoutingSkillIds"),
        "division_ids": conversation.get("divisionIds"),
        "flow_id": _first(
            [s["flow"] for s in sessions if isinstance(s.get("flow"), Mapping)], "flowId"
        ),
        "wrap_up_code": _last(segments, "wrapUpCode"),
        "wait_ms": sum(waits) if waits else None,
    }
    for name, value in _attributes(conversation).items():
        row[attribute_column(name)] = value
    return row


def attribute_column(name: str) -> str:
    """The column of an attribute: its name, `_` for what rules cannot name.

    `attribute_` is put before a name that begins with a digit or is a column of its own.
    """
    column = _NO_NAME.sub("_", name)
    return f"attribute_{column}" if column in COLUMNS or not column[:1].isalpha() else column


def _attributes(conversation: JsonObject) -> dict[str, str]:
    participants = list(_each([conversation], "participants"))
    others = [p for p in participants if p.get("purpose") not in _CUSTOMER]
    customers = [p for p in participants if p.get("purpose") in _CUSTOMER]
    found: dict[str, str] = {}
    for participant in (*others, *customers):
        attributes = participant.get("attributes")
        if isinstance(attributes, Mapping):
            found.update({name: str(value) for name, value in attributes.items()})
    return found


def _each(parents: Any, name: str) -> Iterator[JsonObject]:
    for parent in parents:
        children = parent.get(name)
        if isinstance(children, list):
            yield from (child for child in children if isinstance(child, Mapping))


def _first(places: list[JsonObject], name: str) -> Json:
    return next((place[name] for place in places if place.get(name) is not None), None)


def _last(places: list[JsonObject], name: str) -> Json:
    return _first(places[::-1], name)
