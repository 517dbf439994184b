"""Routing rules of the guide dialect: list, create, change, delete, and a minimal upsert.

A rule is known by queue and name. A creation whose answer was lost is settled by looking that name
up: the queue refuses a second rule of one name, so looking tells what became of the first request.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tieline.dialects.entries import RoutingRule
from tieline.dialects.port import RoutingWire
from tieline.errors import Conflict, OutcomeUnknown, Unsupported
from tieline.services.looking_up import listed
from tieline.services.recording.recorded import Subject, recorded_call
from tieline.services.session import Session
from tieline.types import JsonObject

Change = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it should be. `expression` is the guides' tree of conditions."""

    name: str
    queue_id: str
    expression: JsonObject
    priority: int = 0
    enabled: bool = True
    description: str = ""

    def to_wire(self) -> dict[str, Any]:
        """The body that creates it."""
        return {
            "name": self.name,
            "description": self.description,
            "queue": {"id": self.queue_id},
            "expression": dict(self.expression),
            "priority": self.priority,
            "enabled": self.enabled,
        }

    def differences(self, rule: RoutingRule) -> dict[str, Any]:
        """The fields in which an existing rule is not as it should be, with their wanted values."""
        standing = {
            "description": rule.description or "",
            "expression": rule.expression,
            "priority": rule.priority,
            "enabled": rule.enabled,
        }
        wanted = self.to_wire()
        return {key: wanted[key] for key, value in standing.items() if wanted[key] != value}


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did, and the rule as it stands. `settled` tells of a lost answer."""

    change: Change
    rule: RoutingRule
    settled: bool = False


class AsyncRouting:
    """`client.routing`; every method raises `Unsupported` in the platform dialect."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self, *, queue_id: str | None = None) -> AsyncIterator[RoutingRule]:
        """Walk the rules of one queue, or all; pages are fetched as they are needed."""
        return listed(self._session, self._wire.catalogue(queue_id=queue_id))

    async def create(self, draft: RuleDraft) -> RoutingRule:
        """Create a rule.

        Raises:
            Conflict: the queue has a rule of this name.
            OutcomeUnknown: it may have been created; `upsert` settles that by itself.
        """
        ask = self._wire.create(draft.to_wire())
        subject = Subject("rule", draft.name)
        return await recorded_call(self._session, ask.request, subject, ask.read)

    async def patch(self, rule: RoutingRule, changes: Mapping[str, Any]) -> RoutingRule:
        """Change fields of the rule as it was read.

        Raises:
            Conflict: it was changed since it was read.
        """
        ask = self._wire.patch(rule.id, changes, version=rule.version or 0)
        return await recorded_call(self._session, ask.request, _subject(rule), ask.read)

    async def delete(self, rule: RoutingRule) -> None:
        """Delete a rule.

        Raises:
            NotFound: it is gone already.
        """
        request = self._wire.delete(rule.id)
        await recorded_call(self._session, request, _subject(rule), lambda _: None)

    async def upsert(self, draft: RuleDraft) -> Upserted:
        """Make the queue have this rule: create it, change what differs, or leave it alone.

        Raises:
            Conflict: somebody changes the same rule at this moment.
            OutcomeUnknown: a change was sent twice at most and neither answer came.
        """
        found = await self._named(draft)
        if found is not None:
            return await self._aligned(found, draft)
        try:
            return Upserted("created", await self.create(draft))
        except OutcomeUnknown:
            return await self._settled(draft)

    async def _settled(self, draft: RuleDraft) -> Upserted:
        """Look what became of a creation; where nothing did, a second one is safe."""
        found = await self._named(draft)
        if found is None:
            try:
                return Upserted("created", await self.create(draft), settled=True)
            except Conflict:  # the first one was carried out after we looked
                found = await self._named(draft)
                if found is None:
                    raise
        aligned = await self._aligned(found, draft)
        return Upserted("created", aligned.rule, settled=True)

    async def _aligned(self, rule: RoutingRule, draft: RuleDraft) -> Upserted:
        changes = draft.differences(rule)
        if not changes:
            return Upserted("unchanged", rule)
        return Upserted("updated", await self.patch(rule, changes))

    async def _named(self, draft: RuleDraft) -> RoutingRule | None:
        async for rule in self.list(queue_id=draft.queue_id):
            if rule.name == draft.name:
                return rule
        return None

    @property
    def _wire(self) -> RoutingWire:
        if self._session.dialect.routing is None:
            raise Unsupported(
                "routing rules of their own exist in the guide dialect only",
                hint="on the platform, rules are applied to queues: `tieline rules plan FILE`",
            )
        return self._session.dialect.routing


def _subject(rule: RoutingRule) -> Subject:
    return Subject("rule", rule.id, None if rule.version is None else str(rule.version))
