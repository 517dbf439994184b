"""Who is on this machine, and who only seems to be.

A page in a browser on this machine reaches 127.0.0.1 as well. By a name of its own that it makes
resolve to 127.0.0.1 (DNS rebinding) it may even read the answers; that name is then in Host.
"""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from tieline.emulator.asgi import Scope


def is_local(scope: Scope) -> bool:
    """True for a caller on this machine: by address, by a Unix socket, or in this process."""
    client = scope.get("client")
    return client is None or _is_loopback(client[0])


def is_addressed_locally(scope: Scope) -> bool:
    """True when every Host that the request names is this machine; no browser leaves Host out."""
    if scope.get("client") is None:
        return True
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return all(_is_this_machine(host) for host in hosts)


@lru_cache(maxsize=256)
def _is_this_machine(host: bytes) -> bool:
    try:
        name = urlsplit(f"//{host.decode('ascii')}").hostname or ""
    except ValueError:
        return False
    name = name.removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
