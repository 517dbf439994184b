"""The fields of an action as they are sent, checked one by one."""

import re
from typing import Any

from tieline.contracts.validation import Schema
from tieline.emulator import wire_errors
from tieline.emulator.actions import contracts
from tieline.emulator.actions.state import DEFAULT_TIMEOUT_SECONDS
from tieline.emulator.call import Call
from tieline.emulator.tables import Document
from tieline.errors import InvalidInput
from tieline.types import JsonObject

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_TEXTS = ("requestUrlTemplate", "requestTemplate", "successTemplate")
_TEXT_MAPS = ("headers", "translationMap", "translationMapDefaults")
_LONGEST_NAME = 256
_SLOWEST_SECONDS = 60
_JSON_TYPE = re.compile(r"application/(\S+\+)?json|\*/\*", re.IGNORECASE)


def created(call: Call) -> Document:
    """Read PostActionInput.

    Raises:
        Refusal: 400, naming the field.
    """
    sent = call.require("category", "name", "integrationId", "config", "contract")
    integration_id = call.text("integrationId") or ""
    if call.world.integrations.integrations.find(integration_id) is None:
        raise wire_errors.invalid_value(
            "integrationId", integration_id, kind="String", allowed="an integration's id"
        )
    inputs, success = _contract(sent["contract"])
    return {
        "name": call.text("name", longest=_LONGEST_NAME),
        "integrationId": integration_id,
        "category": call.text("category", longest=_LONGEST_NAME),
        "secure": _secure(sent.get("secure", False)),
        "inputSchema": inputs,
        "successSchema": success,
        "config": {"timeoutSeconds": DEFAULT_TIMEOUT_SECONDS, **_config(sent["config"])},
    }


def changed(call: Call) -> Document:
    """Read what an update changes.

    Raises:
        Refusal: 400, naming the field.
    """
    sent, changes = call.sent, dict[str, Any]()
    for name in ("name", "category"):
        value = call.text(name, longest=_LONGEST_NAME)
        if value is not None:
            changes[name] = value
    if sent.get("config") is not None:
        changes["config"] = _config(sent["config"])
    if sent.get("secure") is not None:
        changes["secure"] = _secure(sent["secure"])
    if sent.get("contract") is not None:
        changes["inputSchema"], changes["successSchema"] = _contract(sent["contract"])
    return changes


def contract_flaws(action: JsonObject) -> list[contracts.Flaw]:
    """What the platform refuses in the contract."""
    found = list(contracts.flaws(action["inputSchema"], action["successSchema"]))
    if found:
        return found
    for name in ("inputSchema", "successSchema"):
        try:
            Schema(action[name])
        except InvalidInput as exc:
            return [(name, exc.message)]
    return []


def _contract(sent: Any) -> tuple[JsonObject, JsonObject]:
    inputs = _inside(_inside(sent, "contract", "input"), "contract.input", "inputSchema")
    success = _inside(_inside(sent, "contract", "output"), "contract.output", "successSchema")
    return inputs, success


def _inside(node: Any, place: str, name: str) -> JsonObject:
    child = node.get(name) if isinstance(node, dict) else None
    if not isinstance(child, dict):
        raise wire_errors.missing_fields(f"{place}.{name}")
    return child


def _secure(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wire_errors.invalid_value("secure", value, kind="boolean", allowed="true, false")
    return value


def _config(sent: Any) -> Document:
    if not isinstance(sent, dict):
        raise wire_errors.invalid_value("config", sent, kind="map", allowed="an object")
    config = {name: value for name, value in sent.items() if value is not None}
    seconds = config.get("timeoutSeconds", DEFAULT_TIMEOUT_SECONDS)
    whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not whole or not 1 <= seconds <= _SLOWEST_SECONDS:
        raise wire_errors.invalid_value(
            "config.timeoutSeconds", seconds, kind="Integer", allowed=f"1 to {_SLOWEST_SECONDS}"
        )
    for part in ("request", "response"):
        if part in config:
            config[part] = _part(part, config[part])
    _check_request(config.get("request", {}))
    return config


def _part(name: str, sent: Any) -> Document:
    if not isinstance(sent, dict):
        raise wire_errors.invalid_value(f"config.{name}", sent, kind="map", allowed="an object")
    part = {key: value for key, value in sent.items() if value is not None}
    for key, value in part.items():
        if key in _TEXTS and not isinstance(value, str):
            raise wire_errors.invalid_value(
                f"config.{name}.{key}", value, kind="String", allowed="text"
            )
        if key in _TEXT_MAPS and not _is_text_map(value):
            raise wire_errors.invalid_value(
                f"config.{name}.{key}", value, kind="map<String>", allowed="texts by name"
            )
    return part


def _is_text_map(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _check_request(request: JsonObject) -> None:
    method = request.get("requestType", "GET")
    if method not in _METHODS:
        raise wire_errors.invalid_value(
            "config.request.requestType", method, kind="RequestType",
            allowed=", ".join(_METHODS),
        )  # fmt: skip
    for name, value in request.get("headers", {}).items():
        if name.lower() == "accept" and not _JSON_TYPE.search(value):
            raise wire_errors.invalid_value(
                "config.request.headers.Accept", value, kind="String", allowed="application/json"
            )
