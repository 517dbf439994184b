"""Where a call goes and who makes it, as plain values."""

from dataclasses import dataclass

from tieline.errors import ConfigInvalid
from tieline.secret import Secret
from tieline.types import DialectName


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One organisation's API: which surface, where the calls go, where the tokens come from."""

    dialect: DialectName
    base_url: str  # "https://api.mypurecloud.com"
    login_url: str  # "https://login.mypurecloud.com"; the same as base_url on an emulator


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An OAuth client. `scopes` are asked for in the guide dialect; the platform has none."""

    client_id: str
    client_secret: Secret
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuppliedToken:
    """A token that was made elsewhere. Its expiry is read from a JWT's `exp`; never refreshed."""

    token: Secret


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody: calls are made without an Authorization header."""


Credentials = ClientCredentials | SuppliedToken | Anonymous


def origin_and_prefix(url: str, *, field: str) -> tuple[str, str]:
    """Split an address into scheme and host, and the path that stands before every call's.

    Raises:
        ConfigInvalid: it is no http or https address; `field` names it.
    """
    scheme, separator, rest = url.partition("://")
    host, _, prefix = rest.partition("/")
    if not separator or scheme not in {"http", "https"} or not host:
        raise ConfigInvalid(f"{field}: {url!r} is not an http or https address")
    prefix = prefix.strip("/")
    return f"{scheme}://{host}", f"/{prefix}" if prefix else ""
