"""Invoking a data action, looking at an invocation, listing them."""

from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.compiled import violations
from tieline.emulator.computing import compute, compute_or_ask
from tieline.emulator.dataactions.errors import invalid_payload
from tieline.emulator.paging import token_page
from tieline.emulator.platform_actions.state import latest
from tieline.emulator.routes import MOST_ACTION_BODY_BYTES, Route
from tieline.emulator.tables import Document
from tieline.emulator.world import World
from tieline.types import JsonObject

_PREFIX = "/api/v2/processes/data-actions/{dataActionId}/invocations"


def invoke(call: Call) -> Answer:
    """Accept an invocation; it is followed by its id."""
    action = _action(call)
    if not isinstance(call.body, dict):
        raise wire_errors.malformed("The request body must be a JSON object.")
    found = violations(_contract(action), call.body)
    if found:
        raise invalid_payload(found)
    world, given = call.world, call.body
    invocation = world.invocations.accept(action["id"], given, now=call.now)
    handler = world.handlers.get(action["name"])
    if handler is None:
        world.invocations.settle(invocation, compute(action, given))
    else:
        world.background.start(_ask(world, invocation, action, given, handler))
    body = {"invocationId": invocation["id"], "status": "QUEUED"}
    return Answer(202, body, effect=invocation["id"])


def show(call: Call) -> Answer:
    """Tell where an invocation stands."""
    action = _action(call)
    invocation = call.world.invocations.invocations.get(call.path[1])
    if invocation["action_id"] != action["id"]:
        raise wire_errors.not_found(invocation["id"])
    return Answer(200, _view(call, invocation))


def history(call: Call) -> Answer:
    """List an action's invocations, newest first."""
    found = call.world.invocations.of(_action(call)["id"])
    page = token_page(call, found)
    page["entities"] = [_view(call, invocation) for invocation in page["entities"]]
    return Answer(200, page)


async def _ask(
    world: World, invocation: Document, action: Document, given: JsonObject, handler: str
) -> None:
    computed = await compute_or_ask(action, given, handler)
    world.invocations.settle(invocation, computed)


def _action(call: Call) -> Document:
    action_id = call.path[0]
    registered = call.world.registered_actions.actions.find(action_id)
    return registered or call.world.actions.published.get(action_id)


def _contract(action: Document) -> JsonObject:
    schema: JsonObject = (
        latest(action)["inputSchema"] if "versions" in action else (action["inputSchema"])
    )
    return schema


def _view(call: Call, invocation: Document) -> dict[str, Any]:
    standing = call.world.invocations.standing(invocation, now=call.now)
    ended = standing.ended is not None
    return {
        "invocationId": invocation["id"],
        "status": standing.status,
        "result": invocation["result"] if ended else None,
        "error": invocation["error"] if ended else None,
        "createdTime": iso(invocation["started"]),
        "payload": invocation.get("payload"),
    }


_SCOPES = ("dataaction:execute",)
ROUTES = (
    Route("POST", _PREFIX, "actions.invoke", invoke, surface="guide", scopes=_SCOPES,
          most_bytes=MOST_ACTION_BODY_BYTES),
    Route("GET", _PREFIX, "actions.history", history, surface="guide", scopes=_SCOPES),
    Route("GET", f"{_PREFIX}/{{invocationId}}", "actions.invocation", show, surface="guide",
          scopes=_SCOPES),
)  # fmt: skip
