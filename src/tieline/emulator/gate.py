"""The one door: every request passes here, whatever its area.

route → whose token → fault? → may it? → rate limit → body → handler → journal → answer
"""

import logging
import uuid
from inspect import isawaitable
from typing import Any
from urllib.parse import parse_qsl, quote

import orjson

from tieline.emulator import rates, wire_errors
from tieline.emulator.asgi import Receive, Scope, Send
from tieline.emulator.call import Answer, Call
from tieline.emulator.faults import Faults
from tieline.emulator.faults_played import play
from tieline.emulator.journal import Journal
from tieline.emulator.oauth.access import Access, dialect_of, judge
from tieline.emulator.recording import Recording
from tieline.emulator.routes import Found, Missing, Route, RouteTable
from tieline.emulator.sending import Reply, correlated, send_reply
from tieline.emulator.wire_errors import Refusal, TokenRefusal
from tieline.emulator.world import World
from tieline.types import DialectName

_log = logging.getLogger("tieline.emulator")

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


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


class Gate:
    """Carries requests out against the world and writes the journal."""

    def __init__(
        self,
        table: RouteTable,
        journal: Journal,
        faults: Faults,
        windows: rates.RateWindows,
    ) -> None:
        self.world: World
        self.recording: Recording
        self._table = table
        self._journal = journal
        self._faults = faults
        self._windows = windows

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or break it off as a fault says."""
        head = Head(scope)
        exchange = Exchange(
            scope, receive, send, head=head, target=self._table.find(head.method, head.path),
            now=self.world.clock.now(),
        )  # fmt: skip
        route = exchange.route
        if route is not None:
            exchange.access = judge(self.world.oauth, route, head.authorization, now=exchange.now)
            exchange.dialect = dialect_of(route, exchange.access.token)
        if self._faults.rules:
            strike = self._faults.strike(
                head.method, head.path, exchange.access.token, now=exchange.now
            )
            if strike is not None:
                await play(strike, exchange, self)
                return
        reply = await self.carry_out(exchange)
        self.record(exchange, reply)
        await send_reply(send, reply, correlated(exchange.correlation_id, exchange.dialect))

    async def carry_out(self, exchange: Exchange) -> Reply:
        """Do what is asked, unless it is refused; never raises."""
        try:
            answer = await self._answer(exchange, exchange.target)
            reply = _written(answer)
        except Refusal as refusal:
            if isinstance(refusal, TokenRefusal):
                exchange.access = Access(None, refusal)
            return exchange.reply_to(refusal)
        except Exception:  # noqa: BLE001  # a server answers 500 for its own mistakes
            _log.exception("the emulator failed on %s %s", exchange.head.method, exchange.head.path)
            return exchange.reply_to(wire_errors.unplanned(500))
        exchange.effect = answer.effect
        return reply

    def record(self, exchange: Exchange, reply: Reply | None, *, fault: str | None = None) -> None:
        """Write the journal's entry; before the answer leaves, so that a reader finds it there."""
        head, route = exchange.head, exchange.route
        content = None
        token = exchange.access.token
        if exchange.effect is not None and route is not None and route.may_duplicate:
            holder = token.client_id if token is not None else ""
            content = f"{holder}\n".encode() + exchange.body
        status = None if reply is None else reply.status
        entry = self._journal.record(
            moment=exchange.now,
            method=head.method,
            path=head.path,
            query=head.query.decode("latin-1"),
            operation=None if route is None else route.operation,
            dialect=exchange.dialect,
            status=status,
            fault=fault,
            effect=exchange.effect,
            authorized=exchange.authorized,
            content=content,
        )
        if route is None or not route.public:
            self.recording.add(
                entry,
                body=exchange.body,
                client=None if token is None else token.client_id,
                answer=b"" if reply is None else reply.body,
            )

    async def read_body(self, exchange: Exchange, most: int) -> bytes:
        """Read the whole body.

        Raises:
            Refusal: 413 as soon as it is known to be too large; 408 when it never came whole.
        """
        length = exchange.head.length
        if length is not None and length.isdigit() and int(length) > most:
            raise _too_large(length.decode(), most)
        chunks, size = list[bytes](), 0
        while True:
            message = await exchange.receive()
            if message["type"] != "http.request":
                raise wire_errors.unplanned(408)  # it left in the middle; nothing is carried out
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > most:
                raise _too_large(f"over {most}", most)
            chunks.append(bytes(chunk))
            if not message.get("more_body", False):
                break
        exchange.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return exchange.body

    async def _answer(self, exchange: Exchange, target: Found | Missing) -> Answer:
        if isinstance(target, Missing):
            raise _nowhere(target)
        route, access, now = target.route, exchange.access, exchange.now
        if access.refusal is not None:
            raise access.refusal
        if access.token is not None and self.world.settings.enforce_rate_limits:
            limits = self.world.organization.limits.get("platform.api", {})
            refusal = rates.platform_limits(self._windows, limits, access.token, now=now)
            if refusal is not None:
                raise refusal
        body: Any = None
        if route.method in _WITH_BODY:
            raw = await self.read_body(exchange, route.most_bytes)
            body = _parsed(route, exchange.head.content_type, raw)
        call = Call(
            self.world,
            target.arguments,
            raw_query=exchange.head.query,
            body=body,
            token=access.token,
            authorization=exchange.head.authorization,
            now=now,
            dialect=exchange.dialect,
            correlation_id=exchange.correlation_id,
        )
        answer = route.handler(call)
        if isawaitable(answer):
            return await answer
        assert isinstance(answer, Answer)  # noqa: S101  # tells the type checker what is left
        return answer


def _written(answer: Answer) -> Reply:
    if answer.text is not None:
        return Reply(answer.status, answer.text.encode(), kind=b"text/plain; charset=utf-8")
    body = b"" if answer.status == 204 else orjson.dumps(answer.body)  # noqa: PLR2004  # No Content
    return Reply(answer.status, body)


def _parsed(route: Route, content_type: bytes, raw: bytes) -> Any:
    kind = content_type.split(b";", 1)[0].strip().lower()
    if route.form:
        if kind != b"application/x-www-form-urlencoded":
            raise _wrong_type(kind)
        return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    if not raw:
        return None
    if kind != b"application/json":
        raise _wrong_type(kind)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise wire_errors.malformed() from None


def _nowhere(target: Missing) -> Refusal:
    if target.allowed:
        text = "HTTP method not allowed here; allowed are {methods}."
        return Refusal(
            405, "not.allowed", text, params={"methods": ", ".join(sorted(target.allowed))}
        )
    return wire_errors.not_found()


def _wrong_type(kind: bytes) -> Refusal:
    shown = kind.decode("latin-1")[:80] or "no content type"
    return Refusal(
        415,
        "unsupported.media.type",
        "Unsupported Media Type - {type}",
        params={"type": shown},
    )


def _too_large(length: str, most: int) -> Refusal:
    return Refusal(
        413,
        "request.entity.too.large",
        "The request is over the size limit. Content-Length: {length}, Maximum bytes: {most}",
        params={"length": length, "most": str(most)},
    )
