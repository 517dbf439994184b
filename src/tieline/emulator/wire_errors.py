"""What the platform answers when it refuses: codes, texts and the shape of the body.

Sources: `ErrorBody` and `Limit` of the official SDK's models; texts of the published API
description.
"""

from collections.abc import Mapping, Sequence
from typing import Any

MALFORMED = "The request could not be understood by the server due to malformed syntax."


class Refusal(Exception):
    """The request is answered with an error. Raised by any part of the emulator."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        params: Mapping[str, str] | None = None,
        details: Sequence[Mapping[str, Any]] = (),
        causes: Sequence[Mapping[str, Any]] = (),
        limit: Mapping[str, Any] | None = None,
        entity_id: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        """`message` has `{name}` where `params` are filled in; both forms go on the wire."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.template = message
        self.params = dict(params or {})
        self.details = [dict(detail) for detail in details]
        self.causes = [dict(cause) for cause in causes]
        self.limit = limit
        self.entity_id = entity_id
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        """The text for people, parameters filled in."""
        text = self.template
        for name, value in self.params.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def body(self, context_id: str) -> dict[str, Any]:
        """The ErrorBody; absent fields are left out, never null (the SDK's models demand it)."""
        body: dict[str, Any] = {
            "message": self.message,
            "code": self.code,
            "status": self.status,
            "messageParams": self.params,
            "contextId": context_id,
            "details": self.details,
            "errors": self.causes,
        }
        if self.params:
            body["messageWithParams"] = self.template
        if self.entity_id is not None:
            body["entityId"] = self.entity_id
        if self.limit is not None:
            body["limit"] = dict(self.limit)
        return body


class TokenRefusal(Refusal):
    """A refusal of the token call, whose body is OAuth's and no ErrorBody."""

    def body(self, context_id: str) -> dict[str, Any]:
        """`error` with the text twice, as the platform sends it."""
        del context_id
        return {
            "error": self.code,
            "description": self.message,
            "error_description": self.message,
        }


def malformed(message: str = MALFORMED, *, field: str | None = None, code: str = "bad.request",
              ) -> Refusal:  # fmt: skip
    """A body or query that cannot be read; `field` is the offending one."""
    details = [] if field is None else [{"errorCode": code, "fieldName": field}]
    return Refusal(400, code, message, details=details)


def missing_fields(*names: str) -> Refusal:
    """Required fields that were not sent."""
    return Refusal(
        400,
        "required.fields.missing",
        "The following required field(s) are missing: {fields}",
        params={"fields": ", ".join(names)},
        details=[{"errorCode": "required.fields.missing", "fieldName": name} for name in names],
    )


def invalid_value(field: str, value: object, *, kind: str, allowed: str) -> Refusal:
    """A value of a known field that is out of range or of another type."""
    return Refusal(
        400,
        "invalid.value",
        "Value [{value}] is not valid for field type [{type}]. Allowable values are: {allowed}",
        params={"value": str(value)[:80], "type": kind, "allowed": allowed},
        details=[{"errorCode": "invalid.value", "fieldName": field}],
    )


def not_found(entity_id: str | None = None) -> Refusal:
    """Nothing is there, or the path does not exist."""
    return Refusal(404, "not.found", "The requested resource was not found.", entity_id=entity_id)


def conflict(
    message: str = "The request conflicts with the current state of the target resource.",
    *,
    code: str = "general.conflict",
    entity_id: str | None = None,
) -> Refusal:
    """The target is in a state, or of a version, that does not allow it."""
    return Refusal(409, code, message, entity_id=entity_id)


def version_mismatch(given: object, current: object) -> Refusal:
    """An optimistic lock that does not fit."""
    return Refusal(
        409,
        "version.mismatch",
        "Version {given} does not match the current version {current}.",
        params={"given": str(given), "current": str(current)},
    )


def too_many_requests(seconds: int, *, key: str, value: int) -> Refusal:
    """A rate limit holds for so many more seconds; nothing was carried out."""
    return Refusal(
        429,
        "too.many.requests.retry.after",
        "Rate limit exceeded the maximum. Retry the request in [{retryAfter}] seconds",
        params={"retryAfter": str(seconds)},
        limit={"key": key, "namespace": "platform.api", "value": value},
        retry_after=seconds,
    )


UNPLANNED: Mapping[int, tuple[str, str]] = {
    400: ("bad.request", MALFORMED),
    401: ("bad.credentials", "Invalid login credentials."),
    403: ("not.authorized", "You are not authorized to perform the requested action."),
    404: ("not.found", "The requested resource was not found."),
    408: (
        "client.timeout",
        "The client did not produce a request within the server timeout limit.",
    ),
    409: (
        "general.conflict",
        "The request conflicts with the current state of the target resource.",
    ),
    413: ("request.entity.too.large", "The request is over the size limit."),
    415: ("unsupported.media.type", "Unsupported Media Type"),
    429: ("too.many.requests", "Rate limit exceeded the maximum."),
    500: (
        "internal.server.error",
        (
            "The server encountered an unexpected condition which prevented it from fulfilling the "
            "request."
        ),
    ),
    503: (
        "service.unavailable",
        (
            "Service Unavailable - The server is currently unavailable (because it is overloaded "
            "or down for maintenance)."
        ),
    ),
    504: ("request.timeout", "The request timed out."),
}
"""Code and text by status, for answers that no rule of the emulator's own asked for."""


def unplanned(status: int, *, retry_after: int | None = None) -> Refusal:
    """An error of the given status as the platform words it: for faults, and for our own bugs."""
    if status == 429 and retry_after is not None:  # noqa: PLR2004  # Too Many Requests
        key = "client.credentials.token.rate.per.minute"
        return too_many_requests(retry_after, key=key, value=300)
    code, message = UNPLANNED.get(status, (f"status.{status}", f"Answered with status {status}."))
    return Refusal(status, code, message, retry_after=retry_after)
