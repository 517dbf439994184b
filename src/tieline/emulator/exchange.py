"""One request on its way through the gate."""

import uuid
from urllib.parse import quote

import orjson

from tieline.emulator import wire_errors
from tieline.emulator.asgi import Receive, Scope, Send
from tieline.emulator.oauth.access import Access
from tieline.emulator.routes import Found, Missing, Route
from tieline.emulator.sending import Reply
from tieline.emulator.wire_errors import Refusal
from tieline.types import DialectName


class Head:
    """What the first lines of a request say."""

    __slots__ = ("authorization", "content_type", "correlation_id", "length", "method", "path",
                 "query")  # fmt: skip

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        raw: bytes | None = scope.get("raw_path")
        self.path: str = raw.decode("latin-1") if raw else quote(scope["path"])
        self.query: bytes = scope["query_string"]
        self.authorization: bytes | None = None
        self.content_type = b""
        self.length: bytes | None = None
        self.correlation_id: str | None = None
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.authorization = value
            elif name == b"content-type":
                self.content_type = value
            elif name == b"content-length":
                self.length = value
            elif name in {b"inin-correlation-id", b"request-id"}:
                self.correlation_id = value.decode("latin-1")[:128]


class Exchange:
    """One request under way through the gate: what is known of it, and what came of it."""

    __slots__ = ("access", "body", "correlation_id", "dialect", "effect", "head", "now", "receive",
                 "route", "scope", "send", "target")  # fmt: skip

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, *, head: Head, target: Found | Missing,
        now: float,
    ) -> None:  # fmt: skip
        self.scope = scope
        self.target = target
        self.route: Route | None = target.route if isinstance(target, Found) else None
        self.receive = receive
        self.send = send
        self.head = head
        self.now = now
        self.correlation_id = head.correlation_id or str(uuid.uuid4())
        self.access = Access(None, None)
        self.dialect: DialectName = "platform"
        self.body = b""
        self.effect: str | None = None

    @property
    def authorized(self) -> bool:
        """Whether the request may be made, as far as credentials go."""
        return self.access.refusal is None and (
            self.access.token is not None or (self.route is not None and self.route.public)
        )

    def reply_to(self, refusal: Refusal) -> Reply:
        """The refusal as bytes."""
        return Reply(
            refusal.status,
            orjson.dumps(refusal.body(self.correlation_id)),
            retry_after=refusal.retry_after,
        )

    async def read_body(self, most: int) -> bytes:
        """Read the whole body.

        Raises:
            Refusal: 413 as soon as it is known to be too large; 408 when it never came whole.
        """
        length = self.head.length
        if length is not None and length.isdigit() and int(length) > most:
            raise _too_large(length.decode(), most)
        chunks, size = list[bytes](), 0
        while True:
            message = await self.receive()
            if message["type"] != "http.request":
                raise wire_errors.unplanned(408)  # it left in the middle; nothing is carried out
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > most:
                raise _too_large(f"over {most}", most)
            chunks.append(bytes(chunk))
            if not message.get("more_body", False):
                break
        self.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return self.body


def _too_large(length: str, most: int) -> Refusal:
    return Refusal(
        413,
        "request.entity.too.large",
        "The request is over the size limit. Content-Length: {length}, Maximum bytes: {most}",
        params={"length": length, "most": str(most)},
    )
