"""Tokens that are made elsewhere: handed in once, or printed by a command whenever needed."""

import hashlib
import subprocess

import anyio

from tieline.calls.operation import Operation
from tieline.clock import Clock, rfc3339
from tieline.errors import AuthenticationFailed, DeadlineExceeded
from tieline.http.credentials import SuppliedToken, TokenCommand
from tieline.http.jwt import Claims, read_claims
from tieline.http.scopes import require_scopes
from tieline.secret import Secret

# A JWT is a few KB; more than this is not a token.
LONGEST_TOKEN = 16 * 1024
REFRESH_EARLY_SECONDS = 30.0


class SuppliedTokens:
    """A token handed in; sent until the platform refuses it, never renewed.

    `claims.expires_at` is for reporting: whether it has expired is the platform's to say, whose
    clock is right.
    """

    def __init__(self, supplied: SuppliedToken) -> None:
        self.claims = read_claims(supplied.token)
        self.identity = _identity(supplied.token.reveal())
        self._header = Secret(f"Bearer {supplied.token.reveal()}")

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


class CommandTokens:
    """A command that prints a token; run when there is none, when it ends, or when refused."""

    def __init__(self, command: TokenCommand, clock: Clock) -> None:
        self.identity = _identity("\0".join(command.command))
        self._command = command.command
        self._clock = clock
        self._held: tuple[Secret, Claims] | None = None
        self._lock = anyio.Lock()

    async def authorization(
        self, operation: Operation, *, refused: Secret | None, within: float
    ) -> Secret:
        """See `TokenSource.authorization`."""
        try:
            with anyio.fail_after(within):
                async with self._lock:
                    held = self._held
                    if held is None or held[0] is refused or self._ends(held[1]):
                        held = self._held = await self._run()
        except TimeoutError:
            raise DeadlineExceeded("the token command did not finish in time") from None
        require_scopes(operation, held[1].scopes)
        return held[0]

    def _ends(self, claims: Claims) -> bool:
        if claims.expires_at is None:
            return False
        return self._clock.wall() >= claims.expires_at - REFRESH_EARLY_SECONDS

    async def _run(self) -> tuple[Secret, Claims]:
        try:
            done = await anyio.run_process(
                self._command, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        except OSError as exc:
            raise self._failed(f"cannot be started: {exc.strerror}") from None
        if done.returncode != 0:
            raise self._failed(f"ended with code {done.returncode}")
        token = done.stdout.decode("ascii", "replace").strip()
        if not token or len(token) > LONGEST_TOKEN or not token.isascii() or " " in token:
            raise self._failed("printed something that is no token")
        return Secret(f"Bearer {token}"), read_claims(Secret(token))

    def _failed(self, what: str) -> AuthenticationFailed:
        # What it printed is not shown: it may be the token, or a part of one.
        return AuthenticationFailed(
            f"the token command {self._command[0]!r} {what}",
            status=401,
            hint="run it by hand; it must print an access token and nothing else",
        )


def _identity(private: str) -> str:
    return f"supplied-{hashlib.sha256(private.encode()).hexdigest()[:16]}"
