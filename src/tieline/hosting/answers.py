"""The one structured form of every gateway answer, and the HTTP status that goes with it."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from tieline.errors import Error, InvalidInput
from tieline.types import Json

# What the caller did wrong is 4xx; what failed behind the gateway is 5xx, whatever its own status.
STATUS: Mapping[str, int] = {
    "VALIDATION_FAILED": 422,
    "LIMIT_EXCEEDED": 413,
    "UNSUPPORTED": 400,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "STALE_PLAN": 409,
    "PERMISSION_DENIED": 403,
    "RATE_LIMITED": 429,
    "AUTHENTICATION_FAILED": 502,
    "NETWORK_ERROR": 502,
    "MAX_RETRIES_EXCEEDED": 502,
    "OUTCOME_UNKNOWN": 502,
    "CIRCUIT_OPEN": 503,
    "STORE_UNAVAILABLE": 503,
    "CONFIG_INVALID": 500,
    "DEADLINE_EXCEEDED": 504,
}
BEHIND_US = 502


class UnreadableBody(InvalidInput):
    """The body is no JSON document at all: a bad request rather than an invalid payload."""


def document_response(document: Mapping[str, Any], *, status: int = 200) -> Response:
    """Answer a JSON document."""
    return Response(
        orjson.dumps(document, default=str), status_code=status, media_type="application/json"
    )


def status_of(document: Mapping[str, Any]) -> int:
    """The HTTP status of a finished invocation's document."""
    if document.get("status") != "error":
        return 200
    return STATUS.get(str(document.get("code")), BEHIND_US)


def error_status(error: Error) -> int:
    """The HTTP status of an error that was met before anything was passed on."""
    if isinstance(error, UnreadableBody):
        return 400
    return STATUS.get(error.error_code, BEHIND_US)


def success(data: Json, *, request_id: str) -> dict[str, Any]:
    """The document of an invocation that was carried out or accepted."""
    return {"status": "success", "data": data, "request_id": request_id}


def failure(error: Error, *, request_id: str) -> dict[str, Any]:
    """The document of an invocation that was refused or failed."""
    document = error.to_json()
    if error.error_code == "PERMISSION_DENIED":
        document["details"] = [*document["details"], {"request_id": request_id}]
    return {**document, "request_id": request_id}


def with_inputs(refused: InvalidInput, payload: Json) -> InvalidInput:
    """Repeat the caller's own values beside each finding; only done when the caller asks."""
    details = [
        {**detail, "input": _at(payload, detail.get("loc", ()))} for detail in refused.details
    ]
    return type(refused)(refused.message, hint=refused.hint, details=details)


def _at(value: Json, loc: Any) -> Json:
    for step in loc:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
