"""The ASGI application: pages that read, and what every other service has beside them.

/ /runs /audit /rules /webhooks /activity   pages; /live/… is what they ask for news
/audit/{record}/proof.json                  the document of `tieline audit prove`
/metrics                                    OpenMetrics
/health                                     answers without a token
/login /logout                              where a token is configured
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route
from starlette.types import ASGIApp

from tieline.dashboard.access import COOKIE, Access, is_token, new_session
from tieline.dashboard.assets import assets
from tieline.dashboard.commands import Commands
from tieline.dashboard.guard import Guard
from tieline.dashboard.numbers import openmetrics
from tieline.dashboard.page import Frame, Page, full, news, plain
from tieline.dashboard.pages import Pages, record_number
from tieline.dashboard.panels import Panels
from tieline.errors import Error, NotFound
from tieline.services.state_reading.reader import StateReader

Make = Callable[[Request], Awaitable[Page]]
LARGEST_FORM_BYTES = 4_096
_OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def create_app(state: StateReader, access: Access, commands: Commands) -> ASGIApp:
    """Make the application over a state folder."""
    frame = Frame(place=str(state.state_dir), has_token=access.token is not None)
    pages = Pages(Panels(state, commands))
    routes = [Route("/audit/{seq}/proof.json", _proof(state))]
    for path, make in (
        ("/", pages.overview),
        ("/runs", pages.runs),
        ("/runs/{run}", pages.run),
        ("/audit", pages.audit),
        ("/audit/{seq}", pages.record),
        ("/rules", pages.rules),
        ("/rules/{name}", pages.ruleset),
        ("/webhooks", pages.webhooks),
        ("/webhooks/{name:path}", pages.endpoint),
        ("/activity", pages.activity),
    ):
        routes += [Route(path, _page(make, frame)), Route(f"/live{path}", _news(make))]

    async def metrics(_request: Request) -> Response:
        return PlainTextResponse(await openmetrics(state), media_type=_OPENMETRICS)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with state.running():
            yield

    door = _Door(access, frame, state)
    app = Starlette(
        routes=[
            *routes,
            Route("/metrics", metrics),
            Route("/health", health),
            Route("/static/{name:path}", _static),
            Route("/login", door.form, methods=["GET"]),
            Route("/login", door.enter, methods=["POST"]),
            Route("/logout", door.leave, methods=["POST"]),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: _nowhere(frame), Error: _unavailable},
    )
    return Guard(app, access, state.clock)


def _page(make: Make, frame: Frame) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            page = await make(request)
        except Error as error:
            status = 404 if isinstance(error, NotFound) else 503
            return HTMLResponse(plain("error.html", frame, error=error), status_code=status)
        return HTMLResponse(await full(page, frame, live_address=_live_address(request)))

    return endpoint


def _news(make: Make) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        seen = request.query_params.get("seen", "")
        try:
            page = await make(request)
        except Error as error:
            status = 404 if isinstance(error, NotFound) else 503
            return PlainTextResponse(f"{error.message}\n", status_code=status)
        html = await news(page, seen=seen, live_address=_live_address(request))
        return Response(status_code=204) if html is None else HTMLResponse(html)

    return endpoint


def _live_address(request: Request) -> str:
    """Where a page asks for news: its own address and query behind `/live`, without `seen`."""
    path = request.url.path.removeprefix("/live") or "/"
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "seen"]
    return f"/live{path}?{urlencode([*query, ('seen', '')])}"


def _proof(state: StateReader) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            seq = record_number(request)
            proven = await state.audit.prove(seq)
        except Error as error:
            return JSONResponse(error.to_json(), status_code=404)
        name = f'attachment; filename="proof-{seq}.json"'
        return JSONResponse(proven.proof.to_json(), headers={"content-disposition": name})

    return endpoint


async def _static(request: Request) -> Response:
    asset = assets().get(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    # A name with the right version never has another content.
    kept = request.query_params.get("v") == asset.version
    caching = "public, max-age=31536000, immutable" if kept else "no-cache"
    return Response(asset.content, media_type=asset.kind, headers={"cache-control": caching})


def _nowhere(frame: Frame) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # what it is registered for
        said = NotFound(f"{request.method} {request.url.path}: {error.detail.lower()}", status=404)
        html = plain("error.html", frame, error=said)
        return HTMLResponse(html, status_code=error.status_code, headers=error.headers)

    return handler


async def _unavailable(_request: Request, error: Exception) -> Response:
    """Say why a program that asks gets nothing; pages say it in the panel that is concerned."""
    assert isinstance(error, Error)  # noqa: S101  # what it is registered for
    return JSONResponse(error.to_json(), status_code=503)


class _Door:
    """The form for the token, and the session it begins."""

    def __init__(self, access: Access, frame: Frame, state: StateReader) -> None:
        self._access = access
        self._frame = frame
        self._clock = state.clock

    async def form(self, request: Request) -> Response:
        """Ask for the token."""
        then = _own_path(request.query_params.get("then", "/"))
        return HTMLResponse(plain("login.html", self._frame, then=then, refused=False))

    async def enter(self, request: Request) -> Response:
        """Begin a session where the token is right."""
        form = await _read_form(request)
        then = _own_path(form.get("then", "/"))
        if not is_token(self._access, form.get("token", "")):
            html = plain("login.html", self._frame, then=then, refused=True)
            return HTMLResponse(html, status_code=403)
        response = RedirectResponse(then, status_code=303)
        session = new_session(self._access, now=self._clock.wall())
        response.set_cookie(COOKIE, session, httponly=True, samesite="strict", path="/")
        return response

    async def leave(self, _request: Request) -> Response:
        """End the session in this browser."""
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")
        return response


async def _read_form(request: Request) -> dict[str, str]:
    """A small form, read without trusting its length; nothing of one that is larger or is none."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_FORM_BYTES:
            return {}
    try:
        fields = parse_qs(content.decode("utf-8", "replace"), max_num_fields=8)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _own_path(path: str) -> str:
    """A path of this dashboard; `//host` and whatever else leads elsewhere becomes `/`."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"
