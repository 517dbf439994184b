"""A token that was made elsewhere."""

import hashlib

from tieline.calls.operation import Operation
from tieline.clock import rfc3339
from tieline.errors import AuthenticationFailed, ConfigInvalid
from tieline.http.credentials import SuppliedToken
from tieline.http.jwt import read_claims
from tieline.http.scopes import require_scopes
from tieline.secret import Secret


class SuppliedTokens:
    """A token handed in; sent until the platform refuses it, never renewed.

    `claims.expires_at` is for reporting: whether it has expired is the platform's to say, whose
    clock is right.
    """

    def __init__(self, supplied: SuppliedToken) -> None:
        """Drop white space around the token, such as the line break of a file it came from.

        Raises:
            ConfigInvalid: it cannot be written into a header.
        """
        token = supplied.token.reveal().strip()
        if not token or not token.isascii() or not token.isprintable():
            raise ConfigInvalid("access_token: it is empty, or no token at all")
        self.claims = read_claims(Secret(token))
        self.identity = f"supplied-{hashlib.sha256(token.encode()).hexdigest()[:16]}"
        self._header = Secret(f"Bearer {token}")

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> Secret:
        """See `TokenSource.authorization`."""
        del within
        if refused is not None:
            ended = self.claims.expires_at
            when = f"; it says that it expires at {rfc3339(ended)}" if ended is not None else ""
            raise AuthenticationFailed(
                f"the supplied access token was refused{when}",
                status=401,
                hint="supply a fresh one: it cannot be renewed from here",
            )
        require_scopes(operation, self.claims.scopes)
        return self._header
