"""The transport into an ASGI application of this process: the emulator under pytest, no socket."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from tieline.http.transport import (
    DEFAULT_ANSWER_LIMIT_BYTES,
    Exchange,
    Incoming,
    Outgoing,
    TransportFault,
)

Message = MutableMapping[str, Any]
App = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]


class AsgiTransport:
    """Hands requests to `app` directly. The application may end one without an answer.

    An exception of the application, or its return before a response is complete, is what a
    dropped connection is on a socket: a fault after the request was written.
    """

    def __init__(self, app: App, *, answer_limit_bytes: int = DEFAULT_ANSWER_LIMIT_BYTES) -> None:
        """Lifespan events are not sent: the application must work without them."""
        self._app = app
        self._limit = answer_limit_bytes

    async def send(self, outgoing: Outgoing, exchange: Exchange) -> Incoming:
        """Perform one exchange; see `Transport.send`."""
        exchange.written = True
        conversation = _Conversation(outgoing.body or b"", exchange, self._limit)
        try:
            async with asyncio.timeout(outgoing.timeout):
                await self._app(_scope(outgoing), conversation.receive, conversation.send)
        except TimeoutError:
            raise TransportFault("the deadline came first", cut_off=True) from None
        except TransportFault:
            raise
        except Exception as exc:
            raise TransportFault(f"the application broke off: {type(exc).__name__}") from exc
        if not conversation.complete or exchange.status is None:
            raise TransportFault("the application ended without a complete answer")
        return Incoming(exchange.status, exchange.headers, b"".join(conversation.chunks))

    async def aclose(self) -> None:
        """Nothing is held open."""


class _Conversation:
    __slots__ = ("_body", "_exchange", "_limit", "_size", "chunks", "complete")

    def __init__(self, body: bytes, exchange: Exchange, limit: int) -> None:
        self._body: bytes | None = body
        self._exchange = exchange
        self._limit = limit
        self._size = 0
        self.chunks: list[bytes] = []
        self.complete = False

    async def receive(self) -> Message:
        if self._body is None:
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._exchange.status = message["status"]
            self._exchange.headers = {
                bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1")
                for name, value in message.get("headers", ())
            }
        elif message["type"] == "http.response.body":
            chunk = message.get("body", b"")
            self._size += len(chunk)
            if self._size > self._limit:
                raise TransportFault(
                    f"the answer is larger than the limit of {self._limit} bytes", oversized=True
                )
            self.chunks.append(chunk)
            self.complete = not message.get("more_body", False)


def _scope(outgoing: Outgoing) -> MutableMapping[str, Any]:
    place = urlsplit(outgoing.origin)
    path, _, query = outgoing.target.partition("?")
    port = place.port or (443 if place.scheme == "https" else 80)
    headers = [(b"host", place.netloc.encode("latin-1"))]
    headers += [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in outgoing.headers.items()
    ]
    if outgoing.authorization is not None:
        headers.append((b"authorization", outgoing.authorization.reveal().encode("latin-1")))
    if outgoing.body is not None:
        headers.append((b"content-length", b"%d" % len(outgoing.body)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": outgoing.method,
        "scheme": place.scheme,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": (place.hostname, port),
        "state": {},
    }
