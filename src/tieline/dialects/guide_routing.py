"""Routing rules as guide 4 has them: a queue's rules by name, each with a version."""

from functools import partial

from tieline.calls.operation import Request
from tieline.calls.pagination import NumberedPages
from tieline.dialects import guide_catalogue as catalogue
from tieline.dialects.entries import RoutingRule, read_rule
from tieline.dialects.listing import Listing
from tieline.dialects.port import Ask
from tieline.dialects.reading import Fields
from tieline.types import JsonObject


class GuideRouting:
    """The four calls on `/api/v2/routing/rules`."""

    def create(self, rule: JsonObject) -> Ask[RoutingRule]:
        """Ask for a rule; the answer has its id and version."""
        return _rule(Request(catalogue.ROUTING_CREATE, body=dict(rule)))

    def catalogue(self, *, queue_id: str | None) -> Listing[RoutingRule]:
        """List rules by page number."""
        extra = {} if queue_id is None else {"queueId": queue_id}
        return Listing(catalogue.ROUTING_LIST, partial(NumberedPages, extra=extra), read_rule)

    def patch(self, rule_id: str, changes: JsonObject, *, version: int) -> Ask[RoutingRule]:
        """Send the changed fields with the version they were made from."""
        body = {**changes, "version": version}
        return _rule(Request(catalogue.ROUTING_PATCH, path={"id": rule_id}, body=body))

    def delete(self, rule_id: str) -> Request:
        """Ask for the rule to go."""
        return Request(catalogue.ROUTING_DELETE, path={"id": rule_id})


def _rule(request: Request) -> Ask[RoutingRule]:
    return Ask(request, lambda answer: read_rule(Fields.of(request.operation, answer)))
