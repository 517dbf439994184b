"""OAuth: where the token of a call comes from, how long it is kept, when it is fetched again."""

import hashlib
from collections.abc import Callable
from typing import Protocol

import anyio

from tieline.calls.operation import Operation
from tieline.clock import Clock
from tieline.errors import AuthenticationFailed, PermissionDenied
from tieline.http.credentials import ClientCredentials, Credentials, Endpoint, SuppliedToken
from tieline.http.token_requests import Grant, TokenRequests
from tieline.http.transport import Transport
from tieline.secret import Secret

# Longer than a request travels, so that a token does not expire on its way.
REFRESH_EARLY_SECONDS = 30.0


class TokenSource(Protocol):
    """Knows a valid token whenever it is asked."""

    @property
    def identity(self) -> str:
        """Whose token it is, in a form that may be shown and stored."""
        ...

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> Secret:
        """The Authorization header's value for a call, within so many seconds.

        `refused` is the value that the platform answered with 401; a newer one is fetched then,
        unless somebody else did meanwhile.

        Raises:
            AuthenticationFailed: the credentials were refused, or the token cannot be renewed.
            PermissionDenied: the token lacks a scope that the operation needs (guide dialect).
        """
        ...


class HeldToken:
    """A token as this process holds it; its end is on the monotonic clock."""

    __slots__ = ("ends", "header", "scopes")

    def __init__(self, grant: Grant, *, now: float) -> None:
        self.header = Secret(f"Bearer {grant.token.reveal()}")
        early = min(REFRESH_EARLY_SECONDS, grant.lifetime / 2)
        self.ends = now + grant.lifetime - early
        self.scopes = grant.scopes


class ClientCredentialsTokens:
    """Fetches a token for an OAuth client, keeps it, and fetches one at a time."""

    def __init__(
        self, credentials: ClientCredentials, requests: TokenRequests, clock: Clock
    ) -> None:
        self.identity = credentials.client_id
        self._requests = requests
        self._clock = clock
        self._held: HeldToken | None = None
        self._lock = anyio.Lock()

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> Secret:
        """See `TokenSource.authorization`."""
        held = self._held
        if held is None or refused is held.header or self._clock.monotonic() >= held.ends:
            held = await self._renew(refused, within)
        if operation.scopes and held.scopes is not None:
            require_scopes(operation, held.scopes)
        return held.header

    async def _renew(self, refused: Secret | None, within: float) -> HeldToken:
        asked = self._clock.monotonic()
        async with self._lock:
            now, held = self._clock.monotonic(), self._held
            if held is not None and held.header is not refused and now < held.ends:
                return held
            grant = await self._requests.fetch(within=within - (now - asked))
            self._held = HeldToken(grant, now=now)
            return self._held


class SuppliedTokens:
    """A token made elsewhere; used until the platform refuses it."""

    def __init__(self, supplied: SuppliedToken) -> None:
        self._header = Secret(f"Bearer {supplied.token.reveal()}")
        digest = hashlib.sha256(supplied.token.reveal().encode()).hexdigest()
        self.identity = f"supplied-{digest[:16]}"

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> Secret:
        """See `TokenSource.authorization`."""
        del operation, within
        if refused is not None:
            raise AuthenticationFailed(
                "the supplied access token was refused",
                status=401,
                hint="supply a fresh one; it cannot be renewed from here",
            )
        return self._header


def token_source(
    endpoint: Endpoint,
    credentials: Credentials,
    *,
    transport: Transport,
    clock: Clock,
    chance: Callable[[], float],
) -> TokenSource:
    """Make the source that fits the credentials."""
    if isinstance(credentials, SuppliedToken):
        return SuppliedTokens(credentials)
    requests = TokenRequests(endpoint, credentials, transport=transport, clock=clock, chance=chance)
    return ClientCredentialsTokens(credentials, requests, clock)


def require_scopes(operation: Operation, granted: frozenset[str]) -> None:
    """Refuse before the first call what the platform would refuse after it.

    Raises:
        PermissionDenied: names the missing scopes.
    """
    missing = [scope for scope in operation.scopes if scope not in granted]
    if missing:
        names = " ".join(missing)
        raise PermissionDenied(
            f"{operation.name}: the token lacks the scope {names}; nothing was sent",
            status=403,
            hint=f"add {names} to the profile's scopes, and to the OAuth client",
        )
