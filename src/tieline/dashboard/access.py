"""Who may look: the names under which the pages are reached, and a token. Pure.

A page of another site can have its own name resolved to this machine and would then read what it
likes: hence only requests for known names, or for bare addresses, are answered.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

from tieline.secret import Secret

COOKIE = "tieline_dashboard"
# A working day; then the token is asked for again.
SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Access:
    """`token` None lets everybody in who reaches the socket: for loopback only.

    `names` are host names that are answered beside addresses. `key` signs sessions; it is of this
    process, so a restart ends them all.
    """

    key: bytes
    token: Secret | None = None
    names: Collection[str] = ()
    loopback: bool = True


def is_known_host(access: Access, header: str) -> bool:
    """Tell from a Host header whether the request was meant for this dashboard."""
    host = _without_port(header).lower().rstrip(".")
    if host == "localhost" or host in {name.lower() for name in access.names}:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # An address cannot be rebound, a name can. On loopback nobody needs any other address.
    return address.is_loopback or not access.loopback


def is_loopback_host(host: str) -> bool:
    """Tell whether listening there is out of reach of other machines."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_token(access: Access, presented: str) -> bool:
    """Compare in constant time; where there is no token nothing is one."""
    if access.token is None:
        return False
    given = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).digest()
    known = hashlib.sha256(access.token.reveal().encode()).digest()
    return hmac.compare_digest(given, known)


def new_session(access: Access, *, now: float) -> str:
    """What the cookie holds: until when it is good, signed. The token is not in it."""
    until = str(int(now) + SESSION_SECONDS)
    return f"{until}.{_signature(access, until)}"


def is_session(access: Access, cookie: str, *, now: float) -> bool:
    """Tell whether a cookie is one of this process's and still good."""
    until, _, signature = cookie.partition(".")
    if not (until.isascii() and until.isdigit() and signature.isascii()):
        return False
    return hmac.compare_digest(signature, _signature(access, until)) and now < int(until)


def may_look(access: Access, *, authorization: str, cookie: str, now: float) -> bool:
    """Decide by the bearer token (scrapers) or the session cookie (people)."""
    if access.token is None:
        return True
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return is_token(access, value.strip())
    return is_session(access, cookie, now=now)


def _signature(access: Access, until: str) -> str:
    return hmac.new(access.key, until.encode(), hashlib.sha256).hexdigest()


def _without_port(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.rpartition(":")[0] if header.count(":") == 1 else header
