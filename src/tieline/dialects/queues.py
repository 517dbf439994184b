"""Queues: found by exact name, read, and replaced as a whole.

The guides name queues by id and have no call of their own to find one: there too the platform's
is used. A queue has no version: a PUT is the last writer's, so `dateModified` is compared before.
"""

from functools import partial
from typing import Any

from tieline.calls.operation import Operation, Request
from tieline.calls.pagination import NumberedPages
from tieline.dialects.listing import Listing
from tieline.dialects.reading import Fields
from tieline.types import JsonObject

_QUEUES = "/api/v2/routing/queues"
_VIEW = ("routing:queue:view",)

QUEUES_LIST = Operation(
    "queues.list", "GET", _QUEUES, idempotent=True, dialect="platform", permissions=_VIEW
)
QUEUES_GET = Operation(
    "queues.get", "GET", f"{_QUEUES}/{{id}}", idempotent=True, dialect="platform", permissions=_VIEW
)
# The whole queue is sent: a repeat writes the same thing again, but over whatever came between.
QUEUES_PUT = Operation(
    "queues.put", "PUT", f"{_QUEUES}/{{id}}", idempotent=False, dialect="platform",
    permissions=("routing:queue:edit",),
)  # fmt: skip

OPERATIONS = (QUEUES_LIST, QUEUES_GET, QUEUES_PUT)

# Filled in by the server; what a PUT says of them is ignored.
SERVER_SET = frozenset(
    {"id", "dateCreated", "dateModified", "createdBy", "modifiedBy", "memberCount",
     "userMemberCount", "joinedMemberCount", "selfUri"}
)  # fmt: skip


def queues_named(name: str) -> Listing[JsonObject]:
    """List the queues of a name; the far side reads `*` at either end as anything."""
    pages = partial(NumberedPages, extra={"name": name})
    return Listing(QUEUES_LIST, pages, _whole)


def get_queue(queue_id: str) -> Request:
    """Read a queue with everything that a PUT must send back."""
    return Request(QUEUES_GET, {"id": queue_id})


def put_group_routing(queue: JsonObject, routing: JsonObject | None) -> Request:
    """Replace a queue by itself with other conditional group routing; None removes it."""
    kept: dict[str, Any] = {key: value for key, value in queue.items() if key not in SERVER_SET}
    kept["conditionalGroupRouting"] = {"rules": []} if routing is None else dict(routing)
    return Request(QUEUES_PUT, {"id": str(queue["id"])}, body=kept)


def _whole(fields: Fields) -> JsonObject:
    fields.text("id")
    return fields.values
