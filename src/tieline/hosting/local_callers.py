"""Who may call a service that has no key: programs on this machine, and no page in its browser.

A page reaches 127.0.0.1 as well, and by a name of its own that resolves to it (DNS rebinding) it
may read the answers. A browser gives it away: by Origin, and by the name in Host.
"""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import Request

from tieline.config.addresses import is_loopback


def is_local_program(request: Request) -> bool:
    """True for a program on this machine; a Unix socket has no address and counts as one."""
    caller = request.scope.get("client")
    if caller is None:
        return True
    return _is_loopback_address(caller[0]) and not any(
        name == b"origin" or (name == b"host" and not _is_this_machine(value))
        for name, value in request.scope["headers"]
    )


@lru_cache(maxsize=1024)
def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=256)
def _is_this_machine(host: bytes) -> bool:
    try:
        name = urlsplit(f"//{host.decode('latin-1')}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name.removesuffix("."))
