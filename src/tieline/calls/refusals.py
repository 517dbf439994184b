"""An error answer as the error to raise: what happened to what, and what to do next."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tieline.calls.operation import Operation, Request
from tieline.calls.retry import Attempt
from tieline.errors import (
    ApiError,
    AuthenticationFailed,
    Conflict,
    Detail,
    NotFound,
    PermissionDenied,
)
from tieline.types import Json

# A platform that echoes a whole document must not make an error of the same size.
LONGEST_MESSAGE = 500
MOST_DETAILS = 100

# The provider of the vendor's own Terraform plug-in recognises a stale version by this text,
# because the platform answers it with 400 as well as with 409.
_STALE = "does not match the current version"

_PERMISSIONS = re.compile(r"permissions?(?:\(s\))?[^:]*:\s*\[?([\w:*\-, ]+)", re.IGNORECASE)


def refusal(
    request: Request, attempt: Attempt, *, attempts: int, correlation_id: str | None
) -> ApiError:
    """Make the error of an answer with a status of 400 or more, 429 left out."""
    status = attempt.status or 0
    said = message_of(attempt.body)
    kind, message, hint = _explain(request, status, said, attempt.body)
    return kind(
        message,
        status=status,
        body=attempt.body,
        hint=hint,
        details=tuple(_details(attempt.body)),
        correlation_id=correlation_id,
        attempts=attempts,
    )


def message_of(body: Json) -> str:
    """What the platform said, in whichever of its error forms; empty where it said nothing.

    Reads the platform's ErrorBody (`message`), OAuth's (`error_description`, `description`,
    `error`), the guides' (`message`, or `error` as a text or an object with a message), and
    keeps one line of anything else.
    """
    if not isinstance(body, Mapping):
        return ""
    error = body.get("error")
    nested = error.get("message") if isinstance(error, Mapping) else error
    said = [body.get(name) for name in ("message", "error_description", "description")]
    texts = [text for text in (*said, nested) if isinstance(text, str)]
    found = next(filter(None, texts), "")
    if not found and isinstance(body.get("raw"), str):
        found = _title(body["raw"])
    return " ".join(found.split())[:LONGEST_MESSAGE]


def thing_of(request: Request) -> str:
    """Name what a request is about: the operation and its path parameters."""
    names = ", ".join(f"{name} {value[:80]}" for name, value in request.path.items())
    return f"{request.operation.name} ({names})" if names else request.operation.name


def _explain(
    request: Request, status: int, said: str, body: Json
) -> tuple[type[ApiError], str, str]:
    operation, thing = request.operation, thing_of(request)
    answered = f"{thing}: the platform answered {status}" + (f": {said}" if said else "")
    if status == 409 or (status == 400 and _STALE in said.lower()):  # noqa: PLR2004  # Conflict, Bad Request
        return Conflict, answered, "it was changed meanwhile, or exists: read it again, then decide"
    match status:
        case 400:
            return ApiError, answered + _shown(body), "mend the input as the details say"
        case 401:
            return AuthenticationFailed, answered, "`tieline doctor` checks the credentials"
        case 403:
            return PermissionDenied, *_denied(operation, thing, said)
        case 404:
            about = ", ".join(f"{n} {v[:80]}" for n, v in request.path.items())
            return (
                NotFound,
                f"{operation.name}: not found: {about or said or 'the resource'}",
                ("check the id, the region, and that the client's divisions include it"),
            )
        case _:
            return ApiError, answered, _HINTS.get(status, _OTHER_HINT)


_OTHER_HINT = "quote the correlation id to the platform's support"
_HINTS: Mapping[int, str] = {
    408: "the platform gave up waiting for the request; try again",
    413: "make the input smaller",
    415: "this is a fault of Tieline or of a proxy: report it with the correlation id",
    501: "this region or organisation has no such call",
    502: "try again later, or allow retries with retries=",
    503: "try again later, or allow retries with retries=",
    504: "try again later, or allow retries with retries=",
}


def _denied(operation: Operation, thing: str, said: str) -> tuple[str, str]:
    if operation.dialect == "guide":
        scopes = " ".join(operation.scopes) or "the scope it names"
        message = f"{thing}: not allowed; it needs the scope {scopes}"
        return message + (f" ({said})" if said else ""), f"add {scopes} to the profile's scopes"
    found = _PERMISSIONS.search(said)
    missing = found[1].strip(" ,") if found else ", ".join(operation.permissions)
    message = f"{thing}: permission denied; it needs {missing or 'a permission it did not name'}"
    return message + (f" ({said})" if said else ""), (
        f"give a role with {missing or 'that permission'} to the OAuth client, "
        "in the division of what it works on"
    )


def _shown(body: Json) -> str:
    lines = []
    for detail in _details(body):
        field, code = detail.get("fieldName") or detail.get("loc"), detail.get("errorCode")
        text = ": ".join(str(part) for part in (field, code or detail.get("message")) if part)
        lines.append(text[:120])
    return f" [{'; '.join(lines[:5])}]" if any(lines) else ""


def _details(body: Json) -> Iterator[Detail]:
    found: Any = body.get("details") if isinstance(body, Mapping) else None
    if isinstance(found, Mapping):
        found = [found]
    for detail in (found if isinstance(found, list) else [])[:MOST_DETAILS]:
        yield detail if isinstance(detail, Mapping) else {"message": str(detail)[:LONGEST_MESSAGE]}


def _title(page: str) -> str:
    found = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    return found[1] if found else page[:120]
