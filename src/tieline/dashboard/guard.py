"""What every request passes before a page is made, and what every answer carries."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tieline.clock import Clock
from tieline.dashboard.access import COOKIE, Access, is_known_host, may_look

# Nothing from elsewhere, no script or style inside a page, and no page inside another's frame.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
# Open to whoever reaches the socket under a right name: nothing in them is anybody's.
OPEN_PATHS = ("/login", "/health")
OPEN_PREFIX = "/static/"


class Guard:
    """Wraps the application: right name, right method, may look; then the headers."""

    def __init__(self, app: ASGIApp, access: Access, clock: Clock) -> None:
        self._app = app
        self._access = access
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is refused; hand on the rest."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refused = self._refusal(scope)
        await (refused or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not is_known_host(self._access, headers.get("host", "")):
            return PlainTextResponse(
                "This dashboard is not reached under this name.\n"
                "Use its address, or start it with --allow-host NAME.\n",
                status_code=421,
            )
        path: str = scope["path"]
        if path in OPEN_PATHS or path.startswith(OPEN_PREFIX):
            return None
        allowed = may_look(
            self._access,
            authorization=headers.get("authorization", ""),
            cookie=_cookie(headers),
            now=self._clock.wall(),
        )
        return None if allowed else _closed(scope, headers)


def _closed(scope: Scope, headers: Headers) -> Response:
    """Send a person to the form; say 401 to a program, and to a page that looks for news."""
    if "text/html" in headers.get("accept", "") and "hx-request" not in headers:
        path = scope["path"]
        query = scope["query_string"].decode("ascii", "replace")
        asked = f"{path}?{query}" if query else path
        return RedirectResponse(f"/login?then={quote(asked, safe='')}", status_code=303)
    return PlainTextResponse(
        "This dashboard needs its token: Authorization: Bearer TOKEN\n",
        status_code=401,
        headers={"www-authenticate": "Bearer"},
    )


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
