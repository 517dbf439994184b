"""OAuth clients and the tokens they hold."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tieline.types import DialectName, JsonObject

TOKEN_SECONDS = 86_400


@dataclass(slots=True)
class Client:
    """An OAuth client: its secret, and what its tokens may do. `*` is a wildcard in both lists."""

    id: str
    secret: str
    name: str = ""
    permissions: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    token_seconds: int = TOKEN_SECONDS
    grant: str = "CLIENT-CREDENTIALS"
    _known: dict[str, bool] = field(default_factory=dict, repr=False)

    def may(self, permission: str) -> bool:
        """Whether a role of this client grants the permission."""
        known = self._known.get(permission)
        if known is None:
            known = any(fnmatchcase(permission, pattern) for pattern in self.permissions)
            self._known[permission] = known
        return known

    def dump(self) -> dict[str, Any]:
        """The fixture form."""
        return {name: value for name, value in asdict(self).items() if name != "_known"}


@dataclass(slots=True)
class Token:
    """A token under way. `scopes` is None for a platform token, which has none."""

    id: str
    client_id: str
    granted: float
    expires: float
    dialect: DialectName
    scopes: list[str] | None = None


class OAuthState:
    """Clients by id, tokens by value."""

    def __init__(self, document: JsonObject) -> None:
        self.clients = {c["id"]: Client(**c) for c in document.get("clients", ())}
        self.tokens = {t["id"]: Token(**t) for t in document.get("tokens", ())}

    def dump(self) -> dict[str, Any]:
        """The fixture form of both."""
        return {
            "clients": [client.dump() for client in self.clients.values()],
            "tokens": [asdict(token) for token in self.tokens.values()],
        }

    def grant(
        self, client: Client, dialect: DialectName, scopes: list[str] | None, *, now: float
    ) -> Token:
        """Give out a token, good from now for as long as the client's tokens are."""
        value = secrets.token_urlsafe(32)
        token = Token(value, client.id, now, now + client.token_seconds, dialect, scopes)
        self.tokens[value] = token
        return token

    def revoke(self, token: Token) -> None:
        """Make a token unknown."""
        self.tokens.pop(token.id, None)

    def client_of(self, token: Token) -> Client:
        """The client a token was given to; a deleted client has no permissions left."""
        return self.clients.get(token.client_id) or Client(token.client_id, "")


def covers(granted: Iterable[str], scope: str) -> bool:
    """Whether one of the granted scopes is the scope, a wildcard for it, or its parent.

    `routing:rule` covers `routing:rule:write`.
    """
    return any(fnmatchcase(scope, given) or scope.startswith(f"{given}:") for given in granted)
