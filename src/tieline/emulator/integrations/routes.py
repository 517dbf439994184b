"""Integrations with their configuration, and credentials."""

import uuid
from typing import Any

from tieline.emulator import wire_errors
from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.integrations.errors import unknown_type
from tieline.emulator.integrations.state import TYPES
from tieline.emulator.paging import numbered_page
from tieline.emulator.routes import Route
from tieline.emulator.tables import PRIVATE, Document, on_wire

_PREFIX = "/api/v2/integrations"
_STATES = frozenset({"ENABLED", "DISABLED"})


def list_integrations(call: Call) -> Answer:
    """List integrations, by ids or type when given."""
    ids, kind = call.many("ids"), call.one("integrationType")
    found = [
        _view(each)
        for each in call.world.integrations.integrations
        if (not ids or each["id"] in ids) and kind in {None, each["integrationType"]["id"]}
    ]
    return Answer(200, numbered_page(call, found, uris=_PREFIX))


def create(call: Call) -> Answer:
    """Add an integration, disabled."""
    sent = call.require("name", "integrationType")
    kind = sent["integrationType"]
    type_id = kind.get("id") if isinstance(kind, dict) else None
    if type_id not in TYPES:
        raise unknown_type(str(type_id))
    name = call.text("name", longest=256) or ""
    integration = call.world.integrations.create(name, str(type_id))
    return Answer(200, _view(integration), effect=integration["id"])


def get(call: Call) -> Answer:
    """Tell about an integration."""
    return Answer(200, _view(call.world.integrations.integrations.get(call.path[0])))


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
    return Answer(200, _view(integration), effect=integration["id"])


def delete(call: Call) -> Answer:
    """Take an integration away, with its actions."""
    integration = call.world.integrations.integrations.get(call.path[0])
    call.world.integrations.integrations.remove(integration["id"])
    call.world.actions.remove_of(integration["id"])
    return Answer(200, _view(integration), effect=integration["id"])


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
    for name in ("properties", "advanced", "credentials"):
        value = sent.get(name) or {}
        if not isinstance(value, dict):
            raise wire_errors.invalid_value(name, value, kind="map", allowed="an object")
        kept[name] = value
    kept["config_version"] += 1
    return Answer(200, _config(integration), effect=integration["id"])


def list_credentials(call: Call) -> Answer:
    """List credentials, without their fields."""
    found = [_credential(each) for each in call.world.integrations.credentials]
    return Answer(200, numbered_page(call, found, uris=f"{_PREFIX}/credentials"))


def create_credential(call: Call) -> Answer:
    """Keep a credential; its fields are never told again."""
    sent = call.require("type", "credentialFields")
    fields = sent["credentialFields"]
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise wire_errors.invalid_value(
            "credentialFields", "…", kind="map<String>", allowed="texts by name"
        )
    credential = call.world.integrations.credentials.put(
        {
            "id": str(uuid.uuid4()),
            "name": call.text("name") or "",
            "type": sent["type"],
            "credentialFields": fields,
            "createdDate": iso(call.now),
            "modifiedDate": iso(call.now),
        }
    )
    return Answer(200, _credential(credential), effect=credential["id"])


def get_credential(call: Call) -> Answer:
    """Tell about a credential; its fields are redacted."""
    found = call.world.integrations.credentials.get(call.path[0])
    redacted = dict.fromkeys(found.get("credentialFields", {}), "")
    return Answer(200, {**_credential(found), "credentialFields": redacted})


def delete_credential(call: Call) -> Answer:
    """Forget a credential."""
    found = call.world.integrations.credentials.get(call.path[0])
    call.world.integrations.credentials.remove(found["id"])
    return Answer(204, effect=found["id"])


def _view(integration: Document) -> dict[str, Any]:
    enabled = integration["intendedState"] == "ENABLED"
    code = "ACTIVE" if enabled else "INACTIVE"
    return {
        **on_wire(integration),
        "reportedState": {"code": code, "effective": "Enabled" if enabled else "Disabled"},
        "selfUri": f"{_PREFIX}/{integration['id']}",
    }


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


def _credential(credential: Document) -> dict[str, Any]:
    fields = {k: v for k, v in credential.items() if k != "credentialFields"}
    return {**fields, "selfUri": f"{_PREFIX}/credentials/{credential['id']}"}


_VIEW = ("integrations:integration:view",)
_EDIT = ("integrations:integration:edit",)
ROUTES = (
    Route("GET", _PREFIX, "integrations.list", list_integrations, permissions=_VIEW),
    Route("POST", _PREFIX, "integrations.create", create,
          permissions=("integrations:integration:add",)),
    Route("GET", f"{_PREFIX}/credentials", "credentials.list", list_credentials,
          permissions=_VIEW),
    Route("GET", f"{_PREFIX}/credentials/listing", "credentials.list", list_credentials,
          permissions=_VIEW),
    Route("POST", f"{_PREFIX}/credentials", "credentials.create", create_credential,
          permissions=("integrations:integration:add",)),
    Route("GET", f"{_PREFIX}/credentials/{{id}}", "credentials.get", get_credential,
          permissions=_VIEW),
    Route("DELETE", f"{_PREFIX}/credentials/{{id}}", "credentials.delete", delete_credential,
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
