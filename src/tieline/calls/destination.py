"""Where a call-back may go: decided on the URL and on the addresses its name resolves to.

A URL that somebody configured, or a caller sent, must not reach into the network this program runs
in (server-side request forgery). So the name is resolved once, every address is judged here, and
the connection is made to the very addresses that were judged.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tieline.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PORTS = {"https": 443, "http": 80}

# RFC 6052: an IPv4 address dressed as IPv6 by a translating gateway.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked URL. `address` is given where the host is an address already."""

    scheme: str
    host: str
    port: int
    origin: str
    target: str  # path and query
    address: Address | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed beyond public https: networks by name, and plain http."""

    networks: tuple[Network, ...] = ()
    plain_http: bool = False

    @classmethod
    def allowing(cls, *networks: str, plain_http: bool = False) -> "Policy":
        """Read networks such as `10.1.0.0/16` or single addresses.

        Raises:
            InvalidInput: one is no network.
        """
        try:
            read = tuple(ipaddress.ip_network(text) for text in networks)
        except ValueError as exc:
            raise InvalidInput(f"not a network: {exc}") from exc
        return cls(read, plain_http)


def judge_url(url: str, policy: Policy) -> Destination:
    """Refuse a URL that may not be called whatever it resolves to.

    Raises:
        InvalidInput: not http(s), plain http where it is not allowed, credentials in it, no host.
    """
    if any(c.isspace() or ord(c) < ord(" ") or c == "\\" for c in url):
        raise InvalidInput("a URL has no white space, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise InvalidInput(f"not a usable URL: {exc}") from exc
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidInput("a call-back URL is https://host/…")
    if parts.scheme == "http" and not policy.plain_http:
        raise InvalidInput("a call-back over plain http is refused", hint="use https")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("a call-back URL holds no credentials", hint="sign or use an API key")
    host = parts.hostname
    shown = f"[{host}]" if ":" in host else host
    number = port or _PORTS[parts.scheme]
    query = f"?{parts.query}" if parts.query else ""
    return Destination(
        scheme=parts.scheme,
        host=host,
        port=number,
        origin=f"{parts.scheme}://{shown}:{number}",
        target=(parts.path or "/") + query,
        address=_address(host),
    )


def judge_addresses(host: str, addresses: Sequence[str], policy: Policy) -> tuple[Address, ...]:
    """The addresses to connect to: all that the name has, and only if all are allowed.

    One private address among public ones is how a name is turned against its caller.

    Raises:
        InvalidInput: there is none, or one is not allowed; names the host, and the address.
    """
    if not addresses:
        raise InvalidInput(f"{host} has no address")
    read = []
    for text in addresses:
        address = _address(text.partition("%")[0])
        if address is None or not is_allowed(address, policy):
            raise InvalidInput(
                f"{host} resolves to {text}, which is not a public address",
                hint="allow its network for this endpoint if it is meant to be called",
            )
        read.append(address)
    return tuple(read)


def is_allowed(address: Address, policy: Policy) -> bool:
    """True for a public unicast address, and for what the policy names.

    An IPv4 address inside an IPv6 one counts as itself.
    """
    inner = _inner(address)
    if any(address in network or inner in network for network in policy.networks):
        return True
    return all(one.is_global and not one.is_multicast for one in (address, inner))


def _inner(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
