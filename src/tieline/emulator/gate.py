"""The one door: every request passes here, whatever its area.

route → whose token → fault? → may it? → rate limit → body → handler → journal → answer
"""

import logging
from inspect import isawaitable
from typing import Any
from urllib.parse import parse_qsl

import orjson

from tieline.emulator import rates, wire_errors
from tieline.emulator.asgi import Receive, Scope, Send
from tieline.emulator.call import Answer, Call
from tieline.emulator.exchange import Exchange, Head
from tieline.emulator.faults import Faults
from tieline.emulator.faults_played import play
from tieline.emulator.journal import Journal
from tieline.emulator.oauth.access import Access, dialect_of, judge
from tieline.emulator.recording import Recording
from tieline.emulator.routes import Found, Missing, Route, RouteTable
from tieline.emulator.sending import Reply, correlated, send_reply
from tieline.emulator.wire_errors import Refusal, TokenRefusal
from tieline.emulator.world import World

_log = logging.getLogger("tieline.emulator")

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


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
            raw = await exchange.read_body(route.most_bytes)
            body = raw if route.raw else _parsed(route, exchange.head.content_type, raw)
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
            scope=exchange.scope,
        )
        answer = route.handler(call)
        if isawaitable(answer):
            return await answer
        assert isinstance(answer, Answer)  # noqa: S101  # tells the type checker what is left
        return answer


def _written(answer: Answer) -> Reply:
    if answer.text is not None:
        return Reply(answer.status, answer.text.encode(), kind=answer.text_kind)
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
