"""OAuth: where the token of a call comes from, how long it is kept, when it is fetched again."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Protocol

import anyio

from tieline.calls.operation import Operation
from tieline.clock import Clock
from tieline.errors import AuthenticationFailed, DeadlineExceeded
from tieline.http.credentials import Anonymous, Credentials, Endpoint, SuppliedToken
from tieline.http.scopes import require_scopes
from tieline.http.supplied_tokens import SuppliedTokens
from tieline.http.token_file import TokenFile, secret_proof, token_path
from tieline.http.token_requests import Grant, TokenRequests
from tieline.http.transport import Transport
from tieline.secret import Secret


class TokenSource(Protocol):
    """Knows a valid token whenever it is asked."""

    @property
    def identity(self) -> str:
        """Whose token it is, in a form that may be shown and stored."""
        ...

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> Secret | None:
        """The Authorization header's value for a call, within so many seconds; None: no header.

        `refused` is the value that the platform answered with 401; a newer one is fetched then,
        unless somebody else did meanwhile.

        Raises:
            AuthenticationFailed: the credentials were refused, or the token cannot be renewed.
            PermissionDenied: the token lacks a scope that the operation needs (guide dialect).
        """
        ...


def token_source(
    endpoint: Endpoint,
    credentials: Credentials,
    *,
    transport: Transport,
    clock: Clock,
    chance: Callable[[], float],
    folder: Path | None,
) -> TokenSource:
    """Make the source that fits the credentials; `folder` is where processes share tokens."""
    if isinstance(credentials, SuppliedToken):
        return SuppliedTokens(credentials)
    if isinstance(credentials, Anonymous):
        return NoToken()
    requests = TokenRequests(endpoint, credentials, transport=transport, clock=clock, chance=chance)
    file = None
    if folder is not None:
        path = token_path(folder, endpoint, credentials)
        file = TokenFile(path, clock, proof=secret_proof(credentials))
    return ClientCredentialsTokens(requests, clock=clock, file=file)


class NoToken:
    """What a caller has who has no credentials."""

    identity = "anonymous"

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> None:
        """See `TokenSource.authorization`."""
        del operation, refused, within


class _Held:
    """A token as this process holds it; its end is on the clock that does not jump."""

    __slots__ = ("header", "scopes", "stale_at", "token")

    def __init__(self, grant: Grant, *, now: float) -> None:
        self.token = grant.token
        self.header = Secret(f"Bearer {grant.token.reveal()}")
        self.scopes = grant.scopes
        self.stale_at = now + grant.fresh_for


class ClientCredentialsTokens:
    """Fetches a token for an OAuth client and keeps it until 30 s before it expires.

    One refresh at a time: tasks wait for one another here, threads and processes at the file.
    """

    def __init__(
        self, requests: TokenRequests, *, clock: Clock, file: TokenFile | None = None
    ) -> None:
        self.identity = requests.client_id
        self._requests = requests
        self._clock = clock
        self._file = file
        self._held: _Held | None = None
        self._lock = anyio.Lock()
        self._fetches = 0
        self._failure: tuple[int, AuthenticationFailed] | None = None

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> Secret:
        """See `TokenSource.authorization`."""
        held = self._held
        if held is None or refused is held.header or self._clock.monotonic() >= held.stale_at:
            held = await self._renew(refused, within)
        if operation.scopes:
            require_scopes(operation, held.scopes)
        return held.header

    async def _renew(self, refused: Secret | None, within: float) -> _Held:
        asked, fetches = self._clock.monotonic(), self._fetches
        try:
            with anyio.fail_after(within):
                async with self._lock:
                    held = self._fresh(refused, fetches)
                    return held or await self._renew_alone(within - self._since(asked))
        except TimeoutError:
            raise DeadlineExceeded(
                "no token came before the deadline",
                hint="allow more time: --timeout, or timeout= in Python; `tieline doctor` checks "
                "the login address",
            ) from None

    def _fresh(self, refused: Secret | None, fetches: int) -> _Held | None:
        # What others achieved while this task waited for the lock counts for it too, their
        # failure included: a thousand tasks must not try a wrong secret a thousand times.
        held, now = self._held, self._clock.monotonic()
        if held is not None and held.header is not refused and now < held.stale_at:
            return held
        if self._failure is not None and self._failure[0] > fetches:
            raise self._failure[1].with_traceback(None)
        return None

    async def _renew_alone(self, within: float) -> _Held:
        before = self._held
        started = self._clock.monotonic()
        async with self._alone(within):
            grant = self._file.read() if self._file is not None else None
            if grant is None or (before is not None and grant.token == before.token):
                self._held = await self._fetch(within - self._since(started))
            else:
                self._held = _Held(grant, now=self._clock.monotonic())
            return self._held

    async def _fetch(self, within: float) -> _Held:
        asked = self._clock.monotonic()
        try:
            grant = await self._requests.fetch(within=within)
        except AuthenticationFailed as failure:
            self._failure = (self._fetches + 1, failure)
            raise
        finally:
            self._fetches += 1
        if self._file is not None:
            self._file.write(grant)
        # Its life began when the platform made it, at the latest when it was asked for.
        return _Held(grant, now=asked)

    def _alone(self, within: float) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._file is None else self._file.alone(within=within)

    def _since(self, moment: float) -> float:
        return self._clock.monotonic() - moment
