"""OpenAPI 3.1 of the hosted service: one path an action, and the gateway's three."""

from collections.abc import Mapping, Sequence
from typing import Any

from tieline.actions.definition import Action
from tieline.contracts.derive import DRAFT_4

ERROR = {
    "type": "object",
    "required": ["status", "code", "message", "details"],
    "properties": {
        "status": {"enum": ["error"]},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "array", "items": {"type": "object"}},
        "hint": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
SUCCESS = {
    "type": "object",
    "required": ["status", "data", "request_id"],
    "properties": {
        "status": {"enum": ["success"]},
        "data": {"type": "object"},
        "request_id": {"type": "string"},
    },
}
SHOWN = {"anyOf": [SUCCESS, ERROR]}
PAGE = {
    "type": "object",
    "required": ["entities", "nextPage"],
    "properties": {
        "entities": {"type": "array", "items": SHOWN},
        "nextPage": {"type": ["string", "null"]},
    },
}
REFUSED = (400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504)


def openapi_document(actions: Sequence[Action], *, url: str = "/") -> dict[str, Any]:
    """Describe the service that hosts these actions at `url`."""
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DRAFT_4,
        "info": {"title": "Tieline actions", "version": "1"},
        "servers": [{"url": url}],
        "security": [{"key": []}, {"signature": []}, {}],
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "signature": {"type": "apiKey", "in": "header", "name": "X-Tieline-Signature"},
            }
        },
        "paths": {
            **{f"/actions/{action.name}": {"post": hosted_operation(action)} for action in actions},
            **_gateway_paths(),
        },
    }


def hosted_operation(action: Action) -> dict[str, Any]:
    """Describe the call of one hosted action."""
    return {
        "operationId": action.name,
        "summary": action.description.splitlines()[0],
        "x-version": action.version,
        "requestBody": _body(action.registered_input.schema),
        "responses": {"200": _answer("The action's reply", action.output_schema), **_refusals()},
    }


def _gateway_paths() -> dict[str, Any]:
    path = "/v1/actions/{action_id}/invocations"
    action_id = _parameter("action_id", "path", {"type": "string"})
    key = _parameter("Idempotency-Key", "header", {"type": "string", "maxLength": 255})
    size = _parameter("pageSize", "query", {"type": "integer", "minimum": 1, "maximum": 100})
    token = _parameter("nextPage", "query", {"type": "string"})
    invocation = _parameter("invocation", "path", {"type": "string"})
    accepted = {"202": _answer("Accepted, still running", SUCCESS)}
    return {
        path: {
            "post": {
                "operationId": "invoke",
                "summary": "Validate strictly, then invoke the action",
                "parameters": [action_id, key],
                "requestBody": _body({"type": "object"}),
                "responses": {"200": _answer("Carried out", SUCCESS), **accepted, **_refusals()},
            },
            "get": {
                "operationId": "history",
                "summary": "Invocations of an action, newest first",
                "parameters": [action_id, size, token],
                "responses": {"200": _answer("One page", PAGE), **_refusals()},
            },
        },
        path + "/{invocation}": {
            "get": {
                "operationId": "invocation",
                "summary": "One invocation",
                "parameters": [action_id, invocation],
                "responses": {"200": _answer("What is known of it", SHOWN), **_refusals()},
            }
        },
    }


def _parameter(name: str, place: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": _inner(schema)}}}


def _answer(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _inner(schema)}}}


def _refusals() -> dict[str, Any]:
    return {str(status): _answer("Refused or failed", ERROR) for status in REFUSED}


def _inner(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "$schema"}
