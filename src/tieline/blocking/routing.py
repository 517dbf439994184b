"""Generated from `src/tieline/services/routing.py` by `make generate`: do not edit."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from tieline.blocking.portal import Portal
from tieline.dialects.entries import RoutingRule
from tieline.services.routing import AsyncRouting, RuleDraft, Upserted


class Routing:
    """`client.routing`; every method raises `Unsupported` in the platform dialect."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncRouting, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def list(self, *, queue_id: str | None = None) -> Iterator[RoutingRule]:
        """Walk the rules of one queue, or all; pages are fetched as they are needed."""
        return self._portal.iterate(self._async.list(queue_id=queue_id))

    def create(self, draft: RuleDraft) -> RoutingRule:
        """Create a rule.

        Raises:
            Conflict: the queue has a rule of this name.
            OutcomeUnknown: it may have been created; `upsert` settles that by itself.
        """
        return self._portal.call(partial(self._async.create, draft))

    def patch(self, rule: RoutingRule, changes: Mapping[str, Any]) -> RoutingRule:
        """Change fields of the rule as it was read.

        Raises:
            Conflict: it was changed since it was read.
        """
        return self._portal.call(partial(self._async.patch, rule, changes))

    def delete(self, rule: RoutingRule) -> None:
        """Delete a rule.

        Raises:
            NotFound: it is gone already.
        """
        return self._portal.call(partial(self._async.delete, rule))

    def upsert(self, draft: RuleDraft) -> Upserted:
        """Make the queue have this rule: create it, change what differs, or leave it alone.

        Raises:
            Conflict: somebody changes the same rule at this moment.
            OutcomeUnknown: a change was sent twice at most and neither answer came.
        """
        return self._portal.call(partial(self._async.upsert, draft))
