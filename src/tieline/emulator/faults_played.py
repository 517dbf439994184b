"""What each kind of fault does to an exchange."""

import asyncio
import random
from typing import Any, Protocol, assert_never

import orjson

from tieline.emulator import wire_errors
from tieline.emulator.exchange import Exchange
from tieline.emulator.faults import Strike
from tieline.emulator.routes import MOST_BODY_BYTES
from tieline.emulator.sending import Reply, correlated, drop, head_of, send_reply
from tieline.emulator.wire_errors import Refusal
from tieline.types import JsonObject

_HTML = (
    b"<html>\r\n<head><title>%d Error</title></head>\r\n"
    b"<body><center><h1>%d</h1></center><hr><center>gateway</center></body>\r\n</html>\r\n"
)
_GARBAGE = b'{"entities": [{"id": "'
# Below this a slow answer would be a thousand tiny writes a second.
_SHORTEST_PAUSE_SECONDS = 0.05


class Door(Protocol):
    """What a fault leaves to the gate: doing what is asked, and noting what was done."""

    async def carry_out(self, exchange: Exchange) -> Reply:
        """Do what is asked, unless it is refused; never raises."""
        ...

    def record(self, exchange: Exchange, reply: Reply | None, *, fault: str | None = None) -> None:
        """Write the journal's entry."""
        ...


async def play(strike: Strike, exchange: Exchange, gate: Door) -> None:
    """Do to the exchange what the rule says; delays pass in real time, whatever the clock."""
    kind = strike.rule.kind
    match kind:
        case "drop_before_read":
            gate.record(exchange, None, fault=kind)
            await drop(exchange.scope, exchange.receive)
        case "drop_after_read":
            await _read(exchange)
            gate.record(exchange, None, fault=kind)
            await drop(exchange.scope, exchange.receive)
        case "drop_after_commit":
            await gate.carry_out(exchange)
            gate.record(exchange, None, fault=kind)
            await drop(exchange.scope, exchange.receive)
        case "status" | "html" | "rate_limit":
            await _read(exchange)
            await _send(_instead(strike, exchange), exchange, gate, kind)
        case "delay" | "truncate" | "garbage" | "slow_body":
            reply = await gate.carry_out(exchange)
            if kind == "garbage":
                reply = Reply(reply.status, _GARBAGE)
            gate.record(exchange, reply, fault=kind)
            await _spoil(kind, strike.rule.do, reply, exchange)
        case _:
            assert_never(kind)


def _instead(strike: Strike, exchange: Exchange) -> Reply:
    do = strike.rule.do
    if strike.refusal is not None:
        return exchange.reply_to(strike.refusal)
    if strike.rule.kind == "html":
        status = do.get("status", 502)
        return Reply(status, _HTML % (status, status), kind=b"text/html")
    retry_after = do.get("retry_after")
    if "body" not in do:
        seconds = retry_after if isinstance(retry_after, int) else None
        reply = exchange.reply_to(wire_errors.unplanned(do["status"], retry_after=seconds))
        return reply._replace(retry_after=retry_after)
    body = do["body"]
    raw = body.encode() if isinstance(body, str) else orjson.dumps(body)
    return Reply(do["status"], raw, retry_after=retry_after)


async def _read(exchange: Exchange) -> None:
    try:
        await exchange.read_body(MOST_BODY_BYTES)
    except Refusal:
        return  # the fault answers; how large the request was does not matter


async def _send(reply: Reply, exchange: Exchange, gate: Door, fault: str) -> None:
    gate.record(exchange, reply, fault=fault)
    correlation = correlated(exchange.correlation_id, exchange.dialect)
    await send_reply(exchange.send, reply, correlation)


async def _spoil(kind: str, do: JsonObject, reply: Reply, exchange: Exchange) -> None:
    correlation = correlated(exchange.correlation_id, exchange.dialect)
    if kind == "truncate":
        await exchange.send(head_of(reply, correlation))
        part = reply.body[: do["bytes"]]
        await exchange.send({"type": "http.response.body", "body": part, "more_body": True})
        await drop(exchange.scope, exchange.receive, after_writing=True)
        return
    if kind == "slow_body":
        await exchange.send(head_of(reply, correlation))
        await _drip(reply.body, do["bytes_per_second"], exchange)
        return
    if kind == "delay":
        jitter: float = do.get("jitter", 0.0)
        await asyncio.sleep(do["seconds"] + random.uniform(0.0, jitter))  # noqa: S311  # no secret
    await send_reply(exchange.send, reply, correlation)


async def _drip(body: bytes, bytes_per_second: int, exchange: Exchange) -> None:
    size = max(1, int(bytes_per_second * _SHORTEST_PAUSE_SECONDS))
    for start in range(0, len(body), size):
        await asyncio.sleep(size / bytes_per_second)
        message: dict[str, Any] = {
            "type": "http.response.body",
            "body": body[start : start + size],
            "more_body": True,
        }
        await exchange.send(message)
    await exchange.send({"type": "http.response.body", "body": b""})
