"""Handing portal documents to an address: with retries, since a document replaces itself."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from tieline.calls.operation import Operation, Request
from tieline.errors import InvalidInput
from tieline.http.caller import Caller
from tieline.http.credentials import Anonymous, Endpoint, SuppliedToken
from tieline.secret import Secret

PUSH_SECONDS = 60.0


async def push_documents(
    url: str, documents: Sequence[dict[str, Any]], *, token: Secret | None = None
) -> None:
    """Post each document; its `portal_sync_id` makes a repeated one the same one.

    Without a token no Authorization header is sent.

    Raises:
        InvalidInput: no http address.
        Error: the portal refused a document, or could not be reached.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(f"--push: {url!r} is not an http address")
    origin = f"{parts.scheme}://{parts.netloc}"
    target = _literal(parts.path or "/") + (f"?{_literal(parts.query)}" if parts.query else "")
    operation = Operation("portal.push", "POST", target, idempotent=True, dialect="guide")
    credentials = Anonymous() if token is None else SuppliedToken(token)
    caller = Caller(Endpoint("guide", origin, origin), credentials)
    try:
        for document in documents:
            await caller.call(Request(operation, body=document), timeout=PUSH_SECONDS)
    finally:
        await caller.aclose()


def _literal(text: str) -> str:
    """Keep braces of an address from being read as places of a path template."""
    return text.replace("{", "%7B").replace("}", "%7D")
