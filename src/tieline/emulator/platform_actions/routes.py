"""Registering an action and reading what was registered."""

import re

from tieline.contracts.validation import Schema
from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.paging import numbered_page
from tieline.emulator.platform_actions.errors import exists, not_custom, unusable_schema
from tieline.emulator.platform_actions.state import latest
from tieline.emulator.routes import Route
from tieline.emulator.tables import Document
from tieline.errors import InvalidInput
from tieline.types import JsonObject

_PREFIX = "/api/v2/platform/actions"
PREFIX = "custom_"
_MOST_MILLISECONDS = 30_000
_VERSION = re.compile(r"\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?\Z")


def register(call: Call) -> Answer:
    """Add a revision of an action."""
    definition = call.require("actionDefinition")["actionDefinition"]
    if not isinstance(definition, dict):
        raise wire_errors.invalid_value(
            "actionDefinition", definition, kind="map", allowed="an object"
        )
    revision = _revision(definition)
    name = revision.pop("name")
    known = call.world.registered_actions.named(name)
    if known and any(each["version"] == revision["version"] for each in known["versions"]):
        raise exists(name, revision["version"])
    action = call.world.registered_actions.register(name, revision)
    return Answer(201, _summary(action), effect=action["id"])


def list_registered(call: Call) -> Answer:
    """List actions, or the one of a name."""
    name = call.one("name")
    found = [a for a in call.world.registered_actions.actions if name in {None, a["name"]}]
    return Answer(200, numbered_page(call, [_whole(action) for action in found]))


def get_registered(call: Call) -> Answer:
    """Tell an action's latest revision."""
    return Answer(200, _whole(call.world.registered_actions.actions.get(call.path[0])))


def list_versions(call: Call) -> Answer:
    """List all revisions, oldest first."""
    action = call.world.registered_actions.actions.get(call.path[0])
    entities = [
        {"id": action["id"], "version": each["version"],
         "actionDefinition": {"name": action["name"], **each}}
        for each in action["versions"]
    ]  # fmt: skip
    return Answer(200, numbered_page(call, entities))


def _revision(definition: JsonObject) -> Document:
    needed = ("name", "version", "inputSchema", "outputSchema")
    missing = [f"actionDefinition.{name}" for name in needed if definition.get(name) is None]
    if missing:
        raise wire_errors.missing_fields(*missing)
    name, version = str(definition["name"]), str(definition["version"])
    if not name.startswith(PREFIX):
        raise not_custom(name)
    if name == PREFIX:
        allowed = f"{PREFIX} and a name after it"
        raise wire_errors.invalid_value("name", name, kind="String", allowed=allowed)
    if not _VERSION.match(version):
        raise wire_errors.invalid_value("version", version, kind="String", allowed="1.0.0")
    timeout = definition.get("timeout", _MOST_MILLISECONDS)
    if (
        isinstance(timeout, bool)
        or not isinstance(timeout, int)
        or not (1 <= timeout <= _MOST_MILLISECONDS)
    ):
        allowed = f"1 to {_MOST_MILLISECONDS}"
        raise wire_errors.invalid_value("timeout", timeout, kind="Integer", allowed=allowed)
    for field in ("inputSchema", "outputSchema"):
        _check_schema(field, definition[field])
    return {
        "name": name,
        "version": version,
        "description": str(definition.get("description", "")),
        "timeout": timeout,
        "inputSchema": definition["inputSchema"],
        "outputSchema": definition["outputSchema"],
    }


def _check_schema(field: str, schema: object) -> None:
    if not isinstance(schema, dict):
        raise unusable_schema(field, "not an object")
    try:
        Schema(schema)
    except InvalidInput as exc:
        raise unusable_schema(field, exc.message) from None


def _summary(action: Document) -> Document:
    return {name: action[name] for name in ("id", "version", "state", "name")}


def _whole(action: Document) -> Document:
    return {**_summary(action), "actionDefinition": {"name": action["name"], **latest(action)}}


_READ = ("platform:action:read", "integration:action:read")
ROUTES = (
    Route("POST", _PREFIX, "actions.register", register, surface="guide",
          scopes=("platform:action:write",)),
    Route("GET", _PREFIX, "actions.list", list_registered, surface="guide", scopes=_READ),
    Route("GET", f"{_PREFIX}/{{id}}", "actions.get", get_registered, surface="guide",
          scopes=_READ),
    Route("GET", f"{_PREFIX}/{{id}}/versions", "actions.versions", list_versions, surface="guide",
          scopes=_READ),
)  # fmt: skip
