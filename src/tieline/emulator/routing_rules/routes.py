"""Creating, listing, changing and deleting a queue's rules."""

from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.paging import numbered_page
from tieline.emulator.routes import Route
from tieline.emulator.routing_rules.errors import invalid_expression, name_taken, unknown_queue
from tieline.emulator.routing_rules.expression import flaws
from tieline.emulator.tables import Document
from tieline.types import JsonObject

_PREFIX = "/api/v2/routing/rules"
_FIELDS = frozenset({"name", "description", "queue", "expression", "priority", "enabled"})


def create(call: Call) -> Answer:
    """Add a rule to its queue."""
    sent = call.require("name", "queue", "expression")
    rule = {"description": "", "priority": 0, "enabled": True, **_fields(call, sent)}
    if call.world.routing_rules.named(rule["queue"]["id"], rule["name"]):
        raise name_taken(rule["name"])
    created = call.world.routing_rules.create(rule)
    return Answer(201, created, effect=created["id"])


def list_rules(call: Call) -> Answer:
    """List rules page by page."""
    return Answer(200, numbered_page(call, call.world.routing_rules.of(call.one("queueId"))))


def get_rule(call: Call) -> Answer:
    """Tell about one rule."""
    return Answer(200, call.world.routing_rules.rules.get(call.path[0]))


def patch(call: Call) -> Answer:
    """Change fields of the version that the caller has read."""
    rule = call.world.routing_rules.rules.get(call.path[0])
    sent = call.require("version")
    if sent["version"] != rule["version"]:
        raise wire_errors.version_mismatch(sent["version"], rule["version"])
    changes = _fields(call, sent)
    after = {**rule, **changes}
    other = call.world.routing_rules.named(after["queue"]["id"], after["name"])
    if other is not None and other["id"] != rule["id"]:
        raise name_taken(after["name"])
    return Answer(200, call.world.routing_rules.change(rule, changes), effect=rule["id"])


def delete(call: Call) -> Answer:
    """Take a rule away."""
    rule = call.world.routing_rules.rules.get(call.path[0])
    call.world.routing_rules.rules.remove(rule["id"])
    return Answer(204, effect=rule["id"])


def _fields(call: Call, sent: JsonObject) -> Document:
    fields: dict[str, Any] = {name: sent[name] for name in _FIELDS if sent.get(name) is not None}
    call.text("name", shortest=1, longest=256)
    call.text("description", longest=2000)
    priority, enabled = fields.get("priority", 0), fields.get("enabled", True)
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise wire_errors.invalid_value("priority", priority, kind="Integer", allowed="integers")
    if not isinstance(enabled, bool):
        raise wire_errors.invalid_value("enabled", enabled, kind="boolean", allowed="true, false")
    if "queue" in fields:
        queue = fields["queue"]
        queue_id = queue.get("id") if isinstance(queue, dict) else None
        if not isinstance(queue_id, str) or call.world.queues.queues.find(queue_id) is None:
            raise unknown_queue(str(queue_id))
        fields["queue"] = {"id": queue_id}
    if "expression" in fields:
        found = list(flaws(fields["expression"]))
        if found:
            raise invalid_expression(found)
    return fields


ROUTES = (
    Route("POST", _PREFIX, "routing.create", create, surface="guide",
          scopes=("routing:rule:write",)),
    Route("GET", _PREFIX, "routing.list", list_rules, surface="guide",
          scopes=("routing:rule:read",)),
    Route("GET", f"{_PREFIX}/{{id}}", "routing.get", get_rule, surface="guide",
          scopes=("routing:rule:read",)),
    Route("PATCH", f"{_PREFIX}/{{id}}", "routing.patch", patch, surface="guide",
          scopes=("routing:rule:write",)),
    Route("DELETE", f"{_PREFIX}/{{id}}", "routing.delete", delete, surface="guide",
          scopes=("routing:rule:write",)),
)  # fmt: skip
