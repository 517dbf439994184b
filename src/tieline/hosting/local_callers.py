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
    if request.client is None:
        return True
    if "origin" in request.headers or not _is_loopback_address(request.client.host):
        return False
    return all(_is_this_machine(host) for host in request.headers.getlist("host"))


@lru_cache(maxsize=1024)
def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=256)
def _is_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name.removesuffix("."))
