"""The ASGI application: hosted actions under `/actions`, the strict gateway under `/v1/actions`.

/actions/{name}                            what the platform's data action calls
/v1/actions/{id}/invocations               validate strictly, invoke, account for it
/health /ready /metrics /openapi.json      for operators; no key, no personal data
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tieline.errors import Error, LimitExceeded
from tieline.hosting.answers import document_response, error_status, failure
from tieline.hosting.authentication import Keys, Refusal, refusal
from tieline.hosting.gateway_routes import GatewayRoutes
from tieline.hosting.handlers import HostedActions
from tieline.hosting.local_callers import is_local_program
from tieline.hosting.openapi import openapi_document
from tieline.hosting.surroundings import Surroundings

# The platform's own limit on what a data action is sent.
LARGEST_BODY = 512_000
SAID: dict[Refusal, str] = {
    "missing": "this service needs a key: X-API-Key, a bearer token or a signature",
    "wrong": "the key or signature is not one of this service's",
    "stale": "the signature is older than five minutes",
    "malformed": "the signature header is not `t=<unix seconds>,v1=<hex>`",
}

Endpoint = Callable[[Request], Awaitable[Response]]
Answering = Callable[[Request, bytes], Awaitable[Response]]


def create_app(surroundings: Surroundings) -> Starlette:
    """Make the application; `surroundings` hold the actions, the keys and what they work with."""
    door = _Door(surroundings)
    hosted = HostedActions(surroundings)
    gateway = GatewayRoutes(surroundings)
    document = openapi_document(surroundings.actions)

    async def health(_request: Request) -> Response:
        return document_response({"status": "ok"})

    async def ready(_request: Request) -> Response:
        ready_now = hosted.ready and gateway.ready
        status = 200 if ready_now else 503
        return document_response({"status": "ok" if ready_now else "stopping"}, status=status)

    async def metrics(_request: Request) -> Response:
        text = surroundings.metrics.openmetrics()
        kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        return PlainTextResponse(text, media_type=kind)

    async def openapi(_request: Request) -> Response:
        return document_response(document)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with gateway.running():
            try:
                yield
            finally:
                await hosted.drain()

    invocations = "/v1/actions/{action_id}/invocations"
    return Starlette(
        routes=[
            Route("/actions/{name}", door(hosted.invoke), methods=["POST"]),
            Route(invocations, door(gateway.accept), methods=["POST"]),
            Route(invocations, door(gateway.page), methods=["GET"]),
            Route(invocations + "/{invocation}", door(gateway.find), methods=["GET"]),
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", metrics),
            Route("/openapi.json", openapi),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: door.nowhere},
    )


class _Door:
    """What every call passes before it is answered: size, key, and a form for every error."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._keys: Keys = surroundings.keys
        self._clock = surroundings.clock
        self._new_id = surroundings.new_id

    def __call__(self, answering: Answering) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                body = await read_body(request)
                refused = self._refusal(request, body)
                if refused is None:
                    return await answering(request, body)
            except Error as error:
                return self._failed(error)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is left to read it
            return self._closed(refused)

        return endpoint

    def _refusal(self, request: Request, body: bytes) -> str | None:
        if not self._keys:
            if is_local_program(request):
                return None
            return "this service has no key configured and answers this machine only"
        why = refusal(self._keys, request.headers, body, now=self._clock.wall())
        return None if why is None else SAID[why]

    def _closed(self, said: str) -> Response:
        document: dict[str, Any] = {
            "status": "error", "code": "AUTHENTICATION_FAILED", "message": said, "details": [],
            "hint": "", "correlation_id": None, "request_id": self._new_id(),
        }  # fmt: skip
        return document_response(document, status=401)

    async def nowhere(self, request: Request, error: Exception) -> Response:
        """Answer 404 and 405 in the form of every other error."""
        assert isinstance(error, HTTPException)  # noqa: S101  # what it is registered for
        code = "NOT_FOUND" if error.status_code == HTTPStatus.NOT_FOUND else "UNSUPPORTED"
        said = f"{request.method} {request.url.path}: {error.detail.lower()}"
        document: dict[str, Any] = {"status": "error", "code": code, "message": said, "details": [],
                    "hint": "/openapi.json tells what there is", "correlation_id": None,
                    "request_id": self._new_id()}  # fmt: skip
        response = document_response(document, status=error.status_code)
        response.headers.update(error.headers or {})
        return response

    def _failed(self, error: Error) -> Response:
        document = failure(error, request_id=self._new_id())
        return document_response(document, status=error_status(error))


async def read_body(request: Request) -> bytes:
    """Read the whole body, never more than the limit whatever the client announces.

    Raises:
        LimitExceeded: it is larger than `LARGEST_BODY`.
    """
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            raise LimitExceeded(f"the body is larger than {LARGEST_BODY} bytes")
        parts.append(part)
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)
