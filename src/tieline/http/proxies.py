"""The proxy on the way to a place, by the names every tool uses: HTTPS_PROXY, NO_PROXY."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import encode_basic_auth

from tieline.secret import Secret


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's URL without its credentials, and these apart."""

    url: str
    authorization: Secret | None

    def headers(self) -> Mapping[str, str]:
        """What the proxy is told and the platform never sees."""
        if self.authorization is None:
            return {}
        return {"Proxy-Authorization": self.authorization.reveal()}


def proxy_for(origin: str) -> Proxy | None:
    """The proxy that environment or operating system names for an origin; None for none.

    This machine itself is always reached directly: a proxy elsewhere would reach its own.
    """
    place = urlsplit(origin)
    if place.hostname is None or _is_loopback(place.hostname) or proxy_bypass(place.hostname):
        return None
    proxies = getproxies()
    named = proxies.get(place.scheme) or proxies.get("all")
    if not named:
        return None
    parts = urlsplit(named if "://" in named else f"http://{named}")
    authorization = None
    if parts.username is not None:
        user, password = unquote(parts.username), unquote(parts.password or "")
        authorization = Secret(encode_basic_auth(user, password))
    host = parts.netloc.rpartition("@")[2]
    return Proxy(url=f"{parts.scheme}://{host}", authorization=authorization)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
