"""Calls a URL that somebody configured, without letting it reach inside.

The name is resolved once; its addresses are judged (`calls.destination`), and the connection goes
to one of those very addresses, whatever the name resolves to a moment later. TLS still checks the
name. No redirect is followed and no proxy used.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence

import aiohttp
import truststore
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tieline.calls.destination import Address, Destination, Policy, judge_addresses, judge_url
from tieline.errors import NetworkError
from tieline.http.transport import Incoming

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host name, as text."""

# A receiver has nothing to tell beyond its status; the rest is not read.
_ANSWER_BYTES = 4096
DEFAULT_TIMEOUT_SECONDS = 20.0


async def resolve_name(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver.

    Raises:
        OSError: the name is not known, or nobody answers.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class GuardedSender:
    """Sends single requests to configured URLs, each over a connection of its own."""

    def __init__(
        self,
        policy: Policy,
        *,
        resolve: Resolve = resolve_name,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """`timeout` is for the whole exchange, in seconds."""
        self._policy = policy
        self._resolve = resolve
        self._timeout = timeout
        self._ssl = ssl_context

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Incoming:
        """Make one request; any status is an answer, a redirect too.

        Raises:
            InvalidInput: the URL or an address of it is not allowed; nothing was sent.
            NetworkError: no answer in time. It may have arrived.
        """
        destination = judge_url(url, self._policy)
        try:
            async with asyncio.timeout(self._timeout):
                addresses = await self._addresses(destination)
                return await self._exchange(method, destination, addresses, headers, body)
        except TimeoutError as exc:
            raise NetworkError(
                f"{destination.host} gave no answer within {self._timeout:g} s"
            ) from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise NetworkError(f"{destination.host}: {type(exc).__name__}") from exc

    async def _addresses(self, destination: Destination) -> tuple[Address, ...]:
        if destination.address is not None:
            found: Sequence[str] = [str(destination.address)]
        else:
            found = await self._resolve(destination.host, destination.port)
        return judge_addresses(destination.host, found, self._policy)

    async def _exchange(
        self,
        method: str,
        destination: Destination,
        addresses: Sequence[Address],
        headers: Mapping[str, str],
        body: bytes,
    ) -> Incoming:
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(addresses),
            ssl=self._ssl or truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            force_close=True,
        )
        async with (
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            ) as session,
            session.request(
                method,
                URL(destination.origin + destination.target, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as response,
        ):
            content = await response.content.read(_ANSWER_BYTES)
            named = {name.lower(): value for name, value in response.headers.items()}
            return Incoming(response.status, named, content)


class _Pinned(AbstractResolver):
    """Resolves any name to the addresses that were judged."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """All of them; `family` is what the caller would prefer."""
        del family
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,  # noqa: PLR2004  # IP's
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""
