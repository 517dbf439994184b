"""The gateway over HTTP: `POST` and `GET /v1/actions/{id}/invocations`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.requests import Request
from starlette.responses import Response

from tieline.contracts.strict_json import parse_json
from tieline.errors import ConfigInvalid, InvalidInput
from tieline.hosting.answers import document_response, status_of, success, with_inputs
from tieline.hosting.gateway import Gateway
from tieline.hosting.surroundings import Surroundings
from tieline.store.gateway import GatewayTable, Invocation

# What a caller may be kept waiting for the end; `Prefer: wait=0` answers at once (RFC 7240, 4.3).
LONGEST_WAIT_SECONDS = 60.0
DEFAULT_WAIT_SECONDS = 28.0
LARGEST_PAGE = 100
DEFAULT_PAGE = 25


class GatewayRoutes:
    """Turns requests into calls of the gateway, and its records into documents."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._gateway: Gateway | None = None

    @property
    def ready(self) -> bool:
        """True while the gateway takes requests, or where none is configured."""
        return self._around.backend is None or self._gateway is not None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the table, and let invocations under way end before closing it."""
        around = self._around
        if around.backend is None:
            yield
            return
        table = GatewayTable(around.state_dir / "gateway.sqlite3")
        await table.open()
        try:
            async with anyio.create_task_group() as tasks:
                self._gateway = Gateway(
                    backend=around.backend,
                    table=table,
                    tasks=tasks,
                    clock=around.clock,
                    new_id=around.new_id,
                    callbacks=around.callbacks,
                    local={action.name: action.input_model for action in around.actions},
                    log=around.log,
                )
                yield
                self._gateway = None
        finally:
            await table.aclose()

    async def accept(self, request: Request, body: bytes) -> Response:
        """Validate, pass on, and answer: 200 with the result, 202 while it is under way."""
        try:
            accepted = await self._running_gateway().accept(
                request.path_params["action_id"],
                body,
                key=request.headers.get("idempotency-key"),
                wait_s=_wait_seconds(request),
            )
        except InvalidInput as refused:
            if request.query_params.get("include_input") == "true" and refused.details:
                raise with_inputs(refused, parse_json(body)) from refused
            raise
        if accepted.document is None:
            running = {"invocation_id": accepted.invocation, "status": "running"}
            return document_response(success(running, request_id=accepted.invocation), status=202)
        return document_response(accepted.document, status=status_of(accepted.document))

    async def find(self, request: Request, _body: bytes) -> Response:
        """Show one invocation; 200 whatever became of it."""
        found = await self._running_gateway().find(
            request.path_params["action_id"], request.path_params["invocation"]
        )
        return document_response(_shown(found))

    async def page(self, request: Request, _body: bytes) -> Response:
        """List invocations, newest first."""
        found, following = await self._running_gateway().page(
            request.path_params["action_id"],
            after=request.query_params.get("nextPage") or None,
            size=_page_size(request),
        )
        return document_response(
            {"entities": [_shown(each) for each in found], "nextPage": following}
        )

    def _running_gateway(self) -> Gateway:
        if self._gateway is None:
            raise ConfigInvalid(
                "this service has no profile to invoke actions with",
                hint="start it with `--profile`, or set TIELINE_CLIENT_ID and _SECRET",
            )
        return self._gateway


def _shown(invocation: Invocation) -> dict[str, object]:
    if invocation.document is not None:
        return {**invocation.document, "invocation_id": invocation.id}
    running = {"invocation_id": invocation.id, "status": "running"}
    return {**success(running, request_id=invocation.id), "invocation_id": invocation.id}


def _wait_seconds(request: Request) -> float:
    for preference in request.headers.get("prefer", "").split(","):
        name, _, value = preference.strip().partition("=")
        if name.lower() == "wait" and value.isascii() and value.isdigit():
            return min(float(value), LONGEST_WAIT_SECONDS)
    return DEFAULT_WAIT_SECONDS


def _page_size(request: Request) -> int:
    given = request.query_params.get("pageSize", str(DEFAULT_PAGE))
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= LARGEST_PAGE):
        raise InvalidInput(f"pageSize: 1 to {LARGEST_PAGE}")
    return int(given)
