"""The transport over real sockets, on aiohttp."""

import asyncio
import io
import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import truststore
from yarl import URL

from tieline.errors import Unsupported
from tieline.http.proxies import Proxy, proxy_for
from tieline.http.transport import (
    DEFAULT_ANSWER_LIMIT_BYTES,
    Exchange,
    Incoming,
    Outgoing,
    Timeouts,
    TransportFault,
)

# One connection a task up to this many; the limiter, not the pool, is meant to hold calls back.
DEFAULT_CONNECTIONS = 100
# Shorter than the idle time-outs of common gateways (60 s): a request is not written into a
# connection that the other side is just closing.
KEEPALIVE_SECONDS = 30.0
# aiohttp rounds longer time-outs up to whole seconds; a deadline is meant as it is given.
_NEVER_ROUND = 1e9
# A body this small always fits into the buffers, so writing it cannot block.
_SMALL_BODY_BYTES = 32 * 1024


class AiohttpTransport:
    """Pooled connections of one event loop; opened by the first `send`."""

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        answer_limit_bytes: int = DEFAULT_ANSWER_LIMIT_BYTES,
        connections: int = DEFAULT_CONNECTIONS,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """TLS trusts what the operating system trusts, unless a context is given."""
        self._timeouts = timeouts or Timeouts()
        self._limit = answer_limit_bytes
        self._connections = connections
        self._ssl = ssl_context
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._proxies: dict[str, Proxy | None] = {}

    async def send(self, outgoing: Outgoing, exchange: Exchange) -> Incoming:
        """Perform one exchange; see `Transport.send`."""
        session = self._session or self._open()
        if self._loop is not asyncio.get_running_loop():
            raise Unsupported(
                "this client belongs to another event loop",
                hint="open a client in each event loop; tieline.Client works in any thread",
            )
        # The reason is kept and the foreign error dropped: it may refer to the token's header.
        try:
            return await self._exchange(session, outgoing, exchange)
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            fault = _fault(exc, outgoing, exchange)
        raise fault

    async def aclose(self) -> None:
        """Close the pooled connections; nothing can be sent afterwards."""
        self._closed = True
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise Unsupported("this client is closed", hint="open another one")
        self._loop = asyncio.get_running_loop()
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_note_written)
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            keepalive_timeout=KEEPALIVE_SECONDS,
            ssl=self._ssl or truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout_ceil_threshold=_NEVER_ROUND,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
        )
        return self._session

    async def _exchange(
        self, session: aiohttp.ClientSession, outgoing: Outgoing, exchange: Exchange
    ) -> Incoming:
        headers = dict(outgoing.headers)
        if outgoing.authorization is not None:
            headers["Authorization"] = outgoing.authorization.reveal()
        proxy = self._proxy(outgoing.origin)
        if proxy is not None and outgoing.origin.startswith("http://"):
            # Without TLS there is no tunnel whose opening could carry it.
            headers.update(proxy.headers())
        async with session.request(
            outgoing.method,
            URL(outgoing.origin + outgoing.target, encoded=True),
            data=self._body(outgoing.body),
            headers=headers,
            allow_redirects=False,
            timeout=self._client_timeout(outgoing.timeout),
            proxy=proxy.url if proxy else None,
            proxy_headers=proxy.headers() if proxy else None,
            trace_request_ctx=exchange,
        ) as response:
            exchange.status = response.status
            exchange.headers = {name.lower(): value for name, value in response.headers.items()}
            body = await self._read(response)
            return Incoming(response.status, exchange.headers, body)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        length = response.content_length
        if length is not None and length <= self._limit and not _compressed(response):
            return await response.read()
        chunks, size = [], 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > self._limit:
                response.close()
                raise _TooLargeError(self._limit)
            chunks.append(chunk)
        return b"".join(chunks)

    def _client_timeout(self, total: float) -> aiohttp.ClientTimeout:
        limits = self._timeouts
        return aiohttp.ClientTimeout(
            total=total,
            connect=limits.pool + limits.connect,
            sock_connect=limits.connect,
            sock_read=limits.read,
            ceil_threshold=_NEVER_ROUND,
        )

    def _body(self, body: bytes | None) -> Any:
        if body is None or len(body) <= _SMALL_BODY_BYTES:
            return body
        return _LargeBody(body, self._timeouts.write)

    def _proxy(self, origin: str) -> Proxy | None:
        try:
            return self._proxies[origin]
        except KeyError:
            found = self._proxies[origin] = proxy_for(origin)
            return found


class _TooLargeError(ValueError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer is larger than the limit of {limit} bytes")


class _WriteTimeoutError(aiohttp.ServerTimeoutError):
    pass


class _SentTwiceError(aiohttp.ClientError):
    pass


class _LargeBody(aiohttp.BytesIOPayload):
    def __init__(self, body: bytes, write_timeout: float) -> None:
        super().__init__(io.BytesIO(body))
        self._write_timeout = write_timeout

    async def write_with_length(self, writer: Any, content_length: int | None) -> None:
        try:
            async with asyncio.timeout(self._write_timeout):
                await super().write_with_length(writer, content_length)
        except TimeoutError:
            raise _WriteTimeoutError from None


async def _note_written(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    exchange: Exchange = context.trace_request_ctx
    if exchange.written:
        # aiohttp repeats idempotent methods by itself when a connection breaks. Whether to
        # repeat is decided, counted and budgeted in one place only: tieline.calls.
        raise _SentTwiceError
    exchange.written = True


def _compressed(response: aiohttp.ClientResponse) -> bool:
    return "Content-Encoding" in response.headers


def _fault(exc: Exception, outgoing: Outgoing, exchange: Exchange) -> TransportFault:
    if isinstance(exc, _TooLargeError):
        return TransportFault(str(exc), oversized=True)
    if isinstance(exc, TimeoutError) and not isinstance(exc, aiohttp.ServerTimeoutError):
        return TransportFault("the deadline came first", cut_off=True)
    host = outgoing.origin.partition("://")[2]
    reason = next((text for kind, text in _REASONS if isinstance(exc, kind)), _BROKE)
    what = "answer" if exchange.status is None else "go on with its answer"
    return TransportFault(reason.format(host=host, what=what))


_BROKE = "the connection to {host} broke before the answer was complete"

# The first that fits, so the narrower class stands before the wider.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the name of {host} cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, "the certificate of {host} is not trusted"),
    (aiohttp.ClientConnectorSSLError, "no TLS connection to {host}"),
    (aiohttp.ClientProxyConnectionError, "the proxy on the way to {host} cannot be reached"),
    (aiohttp.ClientHttpProxyError, "the proxy on the way to {host} refused"),
    (aiohttp.ConnectionTimeoutError, "{host} took too long to connect"),
    (aiohttp.ClientConnectorError, "{host} cannot be reached"),
    (_WriteTimeoutError, "{host} stopped reading the request"),
    (aiohttp.ServerTimeoutError, "{host} took too long to {what}"),
    (aiohttp.ClientPayloadError, "the answer broke off"),
    (aiohttp.ClientResponseError, "{host} answered something that is not HTTP"),
)
