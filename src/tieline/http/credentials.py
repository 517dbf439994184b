"""Where a call goes and who makes it, as plain values."""

from dataclasses import dataclass

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


Credentials = ClientCredentials | SuppliedToken
