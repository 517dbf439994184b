"""Listing, reading, creating, replacing and deleting queues."""

import uuid
from fnmatch import fnmatchcase

from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.paging import numbered_page
from tieline.emulator.queues.errors import invalid_routing
from tieline.emulator.queues.group_routing import flaws
from tieline.emulator.routes import Route
from tieline.emulator.tables import Document, on_wire
from tieline.types import JsonObject

_PREFIX = "/api/v2/routing/queues"


def list_queues(call: Call) -> Answer:
    """List queues by name; `*` at either end of a name matches anything."""
    ids, divisions, name = call.many("id"), call.many("divisionId"), call.one("name")
    found = [
        queue
        for queue in call.world.queues.queues
        if (not ids or queue["id"] in ids)
        and (not divisions or queue.get("division", {}).get("id") in divisions)
        and (not name or fnmatchcase(queue["name"].lower(), name.lower().replace("[", "[[]")))
    ]
    found.sort(key=lambda queue: str(queue["name"]))
    if (call.one("sortOrder") or "asc").lower() == "desc":
        found.reverse()
    return Answer(200, numbered_page(call, [_view(queue) for queue in found], uris=_PREFIX))


def get_queue(call: Call) -> Answer:
    """Tell about a queue."""
    return Answer(200, _view(call.world.queues.queues.get(call.path[0])))


def put_queue(call: Call) -> Answer:
    """Replace a queue as a whole; there is no version, the last writer wins."""
    queue = call.world.queues.queues.get(call.path[0])
    sent = _sent(call)
    replaced = call.world.queues.replace(queue, sent, now=call.now)
    return Answer(200, _view(replaced), effect=queue["id"])


def create_queue(call: Call) -> Answer:
    """Add a queue."""
    sent = _sent(call)
    born: Document = {
        "id": str(uuid.uuid4()),
        "dateCreated": iso(call.now),
        "division": call.world.organization.home_division(),
        "memberCount": 0,
        "userMemberCount": 0,
        "joinedMemberCount": 0,
    }
    queue = call.world.queues.replace(born, sent, now=call.now)
    return Answer(200, _view(queue), effect=queue["id"])


def delete_queue(call: Call) -> Answer:
    """Delete a queue."""
    queue = call.world.queues.queues.get(call.path[0])
    call.world.queues.queues.remove(queue["id"])
    return Answer(204, effect=queue["id"])


def _sent(call: Call) -> JsonObject:
    sent = call.require("name")
    call.text("name", shortest=1)
    routing = sent.get("conditionalGroupRouting")
    if routing is not None:
        found = list(flaws(routing, call.world.queues.queues))
        if found:
            raise invalid_routing(found)
    return sent


def _view(queue: Document) -> Document:
    return {**on_wire(queue), "selfUri": f"{_PREFIX}/{queue['id']}"}


ROUTES = (
    Route("GET", _PREFIX, "queues.list", list_queues, permissions=("routing:queue:view",)),
    Route("POST", _PREFIX, "queues.create", create_queue, permissions=("routing:queue:add",)),
    Route("GET", f"{_PREFIX}/{{queueId}}", "queues.get", get_queue,
          permissions=("routing:queue:view",)),
    Route("PUT", f"{_PREFIX}/{{queueId}}", "queues.put", put_queue,
          permissions=("routing:queue:edit",)),
    Route("DELETE", f"{_PREFIX}/{{queueId}}", "queues.delete", delete_queue,
          permissions=("routing:queue:delete",)),
)  # fmt: skip
