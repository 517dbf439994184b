"""Integrations with their configuration."""

from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.integrations import credentials
from tieline.emulator.integrations.credentials import CREDENTIALS
from tieline.emulator.integrations.errors import unknown_type
from tieline.emulator.integrations.state import TYPES
from tieline.emulator.paging import numbered_page
from tieline.emulator.routes import Route
from tieline.emulator.tables import PRIVATE, Document, on_wire
from tieline.types import JsonObject

_PREFIX = "/api/v2/integrations"
_STATES = frozenset({"ENABLED", "DISABLED"})


def list_integrations(call: Call) -> Answer:
    """List integrations, by ids, type or reported state when given."""
    ids, kind, state = call.many("ids"), call.one("integrationType"), call.one("reportedState")
    found = [
        _view(call, each)
        for each in call.world.integrations.integrations
        if (not ids or each["id"] in ids)
        and kind in {None, each["integrationType"]["id"]}
        and (state is None or state.upper() == _reported(each)["code"])
    ]
    return Answer(200, numbered_page(call, found, uris=_PREFIX))


def create(call: Call) -> Answer:
    """Add an integration, disabled."""
    sent = call.require("name", "integrationType")
    kind = sent["integrationType"]
    type_id = kind.get("id") if isinstance(kind, dict) else None
    if not isinstance(type_id, str) or type_id not in TYPES:
        raise unknown_type(str(type_id))
    name = call.text("name", longest=256) or ""
    integration = call.world.integrations.create(name, type_id)
    return Answer(200, _view(call, integration), effect=integration["id"])


def get(call: Call) -> Answer:
    """Tell about an integration."""
    return Answer(200, _view(call, call.world.integrations.integrations.get(call.path[0])))


def patch(call: Call) -> Answer:
    """Rename, enable or disable."""
    integration = call.world.integrations.integrations.get(call.path[0])
    state = call.text("intendedState")
    if state is not None and state.upper() not in _STATES:
        raise wire_errors.invalid_value(
            "intendedState", state, kind="IntendedState", allowed="ENABLED, DISABLED"
        )
    for name in ("name", "notes"):
        value = call.text(name)
        if value is not None:
            integration[name] = value
    if state is not None:
        integration["intendedState"] = state.upper()
    return Answer(200, _view(call, integration), effect=integration["id"])


def delete(call: Call) -> Answer:
    """Take an integration away, with its actions."""
    integration = call.world.integrations.integrations.get(call.path[0])
    call.world.integrations.integrations.remove(integration["id"])
    call.world.actions.remove_of(integration["id"])
    return Answer(200, _view(call, integration), effect=integration["id"])


def get_config(call: Call) -> Answer:
    """Tell the configuration."""
    return Answer(200, _config(call.world.integrations.integrations.get(call.path[0])))


def put_config(call: Call) -> Answer:
    """Replace the configuration of the version that the caller has read."""
    integration = call.world.integrations.integrations.get(call.path[0])
    kept = integration[PRIVATE]
    sent = call.require("version")
    if sent["version"] != kept["config_version"]:
        raise wire_errors.version_mismatch(sent["version"], kept["config_version"])
    maps = {name: _map(sent, name) for name in ("properties", "advanced", "credentials")}
    slots = maps["credentials"].values()
    if not all(isinstance(slot, dict) and isinstance(slot.get("id"), str) for slot in slots):
        raise wire_errors.invalid_value("credentials", "…", kind="map", allowed="{id} by slot")
    integration["notes"] = call.text("notes") or ""
    kept.update(maps, config_version=kept["config_version"] + 1)
    return Answer(200, _config(integration), effect=integration["id"])


def _map(sent: JsonObject, name: str) -> Document:
    value = {} if sent.get(name) is None else sent[name]
    if not isinstance(value, dict):
        raise wire_errors.invalid_value(name, value, kind="map", allowed="an object")
    return value


def _view(call: Call, integration: Document) -> dict[str, Any]:
    config = _config(integration)
    if "config.current" not in call.many("expand"):
        config = {name: config[name] for name in ("id", "name", "version", "selfUri")}
    return {
        **on_wire(integration),
        "config": {"current": config},
        "reportedState": _reported(integration),
        "selfUri": f"{_PREFIX}/{integration['id']}",
    }


def _reported(integration: Document) -> dict[str, str]:
    if integration["intendedState"] == "ENABLED":
        return {"code": "ACTIVE", "effective": "Enabled"}
    return {"code": "INACTIVE", "effective": "Disabled"}


def _config(integration: Document) -> dict[str, Any]:
    kept = integration[PRIVATE]
    return {
        "id": integration["id"],
        "name": integration["name"],
        "version": kept["config_version"],
        "properties": kept["properties"],
        "advanced": kept["advanced"],
        "notes": integration["notes"],
        "credentials": kept["credentials"],
        "selfUri": f"{_PREFIX}/{integration['id']}/config/current",
    }


_VIEW = ("integrations:integration:view",)
_EDIT = ("integrations:integration:edit",)
ROUTES = (
    Route("GET", _PREFIX, "integrations.list", list_integrations, permissions=_VIEW),
    Route("POST", _PREFIX, "integrations.create", create,
          permissions=("integrations:integration:add",)),
    Route("GET", CREDENTIALS, "credentials.list", credentials.list_credentials,
          permissions=_VIEW),
    Route("GET", f"{CREDENTIALS}/listing", "credentials.list", credentials.list_by_cursor,
          permissions=_VIEW),
    Route("GET", f"{CREDENTIALS}/types", "credentials.types", credentials.list_types,
          permissions=_VIEW),
    Route("POST", CREDENTIALS, "credentials.create", credentials.create,
          permissions=("integrations:integration:add",)),
    Route("GET", f"{CREDENTIALS}/{{id}}", "credentials.get", credentials.get, permissions=_VIEW),
    Route("PUT", f"{CREDENTIALS}/{{id}}", "credentials.put", credentials.put, permissions=_EDIT),
    Route("DELETE", f"{CREDENTIALS}/{{id}}", "credentials.delete", credentials.delete,
          permissions=("integrations:integration:delete",)),
    Route("GET", f"{_PREFIX}/{{id}}", "integrations.get", get, permissions=_VIEW),
    Route("PATCH", f"{_PREFIX}/{{id}}", "integrations.patch", patch, permissions=_EDIT),
    Route("DELETE", f"{_PREFIX}/{{id}}", "integrations.delete", delete,
          permissions=("integrations:integration:delete",)),
    Route("GET", f"{_PREFIX}/{{id}}/config/current", "integrations.config", get_config,
          permissions=_VIEW),
    Route("PUT", f"{_PREFIX}/{{id}}/config/current", "integrations.configure", put_config,
          permissions=_EDIT),
)  # fmt: skip
