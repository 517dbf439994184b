"""What lists are made of: actions, past invocations, routing rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tieline.dialects.reading import Fields
from tieline.types import Json, JsonObject


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """An action as a list shows it; `document` is the entry as it came."""

    id: str
    name: str | None
    version: str | None
    category: str | None
    integration_id: str | None
    document: JsonObject = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The record of `actions list`."""
        return {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "category": self.category,
            "integration_id": self.integration_id,
        }


@dataclass(frozen=True, slots=True)
class PastInvocation:
    """One line of an action's history.

    `source` is `platform` where the far side keeps the list, `audit` where it is read from
    Tieline's own log and holds only what was invoked from here. `input` is None where the list does
    not tell it.
    """

    execution_id: str | None
    status: str
    at: str | None
    source: str
    correlation_id: str | None = None
    error: Json = None
    input: JsonObject | None = field(default=None, repr=False)
    document: JsonObject = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The record of `actions history`."""
        return {
            "execution_id": self.execution_id,
            "status": self.status,
            "at": self.at,
            "source": self.source,
            "correlation_id": self.correlation_id,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """A routing rule of the guides' API as it stands. `version` is what a change must name."""

    id: str
    name: str
    version: int | None
    queue_id: str | None
    priority: int | None
    enabled: bool | None
    description: str | None
    expression: Json
    document: JsonObject = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The rule as this project writes it."""
        return {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "queue_id": self.queue_id,
            "priority": self.priority,
            "enabled": self.enabled,
            "description": self.description,
            "expression": self.expression,
        }


def read_action(fields: Fields) -> ActionEntry:
    """Read an entry of either surface's list of actions."""
    return ActionEntry(
        id=fields.text("id"),
        name=fields.maybe_text("name"),
        version=fields.maybe_version("version"),
        category=fields.maybe_text("category"),
        integration_id=fields.maybe_text("integrationId"),
        document=fields.values,
    )


def read_invocation(fields: Fields) -> PastInvocation:
    """Read an entry of the guides' history; its status keeps the far side's word, in lower case.

    The guides do not say whether an entry tells its payload, or under which name.
    """
    told = fields.value("payload")
    if told is None:
        told = fields.value("input")
    return PastInvocation(
        execution_id=fields.text("invocationId", "id"),
        status=fields.text("status").lower(),
        at=fields.maybe_text("createdTime") or fields.maybe_text("timestamp"),
        source="platform",
        error=fields.value("error"),
        input=told if isinstance(told, Mapping) else None,
        document=fields.values,
    )


def read_rule(fields: Fields) -> RoutingRule:
    """Read a rule; without an id it could not be changed again."""
    queue = fields.maybe_object("queue")
    return RoutingRule(
        id=fields.text("id"),
        name=fields.text("name"),
        version=_whole(fields.maybe_number("version")),
        queue_id=queue.maybe_text("id") if queue else None,
        priority=_whole(fields.maybe_number("priority")),
        enabled=fields.maybe_flag("enabled"),
        description=fields.maybe_text("description"),
        expression=fields.value("expression"),
        document=fields.values,
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
