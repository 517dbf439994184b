"""A scripted server on a real socket: it does with each request what the test tells it to."""

import asyncio
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson

from tieline.clock import Clock, JumpingClock
from tieline.http.aiohttp_transport import AiohttpTransport
from tieline.http.caller import Caller, CallOptions
from tieline.http.credentials import ClientCredentials, Endpoint
from tieline.http.transport import Timeouts
from tieline.secret import Secret
from tieline.types import DialectName


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Seen], Awaitable[bool]]
"""Answers a request; False where the connection ends with it."""


def answers(status: int = 200, body: object = None, **headers: str) -> Behaviour:
    """Answer with JSON (or with bytes as they are)."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    fields = {"Content-Type": "application/json", "Content-Length": str(len(raw))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: Seen) -> bool:
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + raw)
        await writer.drain()
        return True

    return behave


def grants(named: str = "t1", **more: object) -> Behaviour:
    return answers(200, {"access_token": named, "token_type": "bearer", "expires_in": 3600} | more)


def writes(raw: bytes, *, then: str = "close") -> Behaviour:
    """Write bytes that need not be HTTP; then close, reset, or hang."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Seen) -> bool:
        writer.write(raw)
        await writer.drain()
        if then == "hang":
            await reader.read()
        elif then == "reset":
            reset(writer)
        return False

    return behave


def reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side gets a RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def hangs() -> Behaviour:
    return writes(b"", then="hang")


def floods(chunk: bytes, head: bytes) -> Behaviour:
    """A body without an end."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: Seen) -> bool:
        writer.write(head)
        framed = b"%x\r\n%s\r\n" % (len(chunk), chunk)
        while not writer.is_closing():
            writer.write(framed)
            await writer.drain()
        return False

    return behave


def bomb(size: int) -> bytes:
    """So many zero bytes, gzipped, without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    packed = b"".join(packer.compress(block) for _ in range(size // len(block)))
    return packed + packer.flush()


@dataclass
class Server:
    """What was asked, and what to do next; the last behaviour goes on for ever."""

    script: list[Behaviour]
    token: list[Behaviour] = field(default_factory=lambda: [grants()])
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    reads_bodies: bool = True
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def calls(self) -> list[Seen]:
        return [seen for seen in self.seen if "/oauth/token" not in seen.target]

    @property
    def token_requests(self) -> list[Seen]:
        return [seen for seen in self.seen if "/oauth/token" in seen.target]

    async def all_closed(self) -> None:
        """Return when no client holds a connection any more."""
        while self.open:
            self.changed.clear()
            await self.changed.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the test is over, or the client went
        finally:
            self.open.discard(writer)
            self.changed.set()
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        method, target, _ = first.split(" ")
        body = b""
        if not self.reads_bodies:
            await self.closing.wait()
            return False
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        seen = Seen(method, target, headers, body)
        self.seen.append(seen)
        is_token = "/oauth/token" in target
        if not is_token:
            self.arrived.set()
        script = self.token if is_token else self.script
        behave = script.pop(0) if len(script) > 1 else script[0]
        return await behave(reader, writer, seen)


@asynccontextmanager
async def serving(*script: Behaviour) -> AsyncIterator[Server]:
    server = Server(list(script) or [answers(200, {"ok": True})])
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        server.closing.set()
        for writer in tuple(server.open):
            writer.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def calling(
    url: str,
    *,
    dialect: DialectName = "platform",
    clock: Clock | None = None,
    timeouts: Timeouts | None = None,
    options: CallOptions | None = None,
    connections: int = 10,
    answer_limit_bytes: int = 1_000_000,
    scopes: tuple[str, ...] = (),
) -> AsyncIterator[Caller]:
    """A caller with real sockets and a clock whose waits take no time."""
    caller = Caller(
        Endpoint(dialect, url, url),
        ClientCredentials("client-1", Secret("hush-hush"), scopes),
        transport=AiohttpTransport(
            timeouts=timeouts, connections=connections, answer_limit_bytes=answer_limit_bytes
        ),
        clock=clock or JumpingClock(),
        options=options or CallOptions(timeout=60.0),
    )
    try:
        yield caller
    finally:
        await caller.aclose()
