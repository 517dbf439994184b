"""A token shared by the processes of one user: a file only that user can read, and its lock."""

import hashlib
import hmac
import json
import logging
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tieline.clock import Clock
from tieline.errors import DeadlineExceeded
from tieline.http.credentials import ClientCredentials, Endpoint
from tieline.http.file_lock import FileLock, try_lock
from tieline.http.token_requests import Grant
from tieline.secret import Secret

# How often a process looks whether the one that refreshes has finished.
LOOK_SECONDS = 0.02

_log = logging.getLogger(__name__)


class TokenFile:
    """Where processes find the token that one of them fetched.

    It is a convenience: where it cannot be read or written, each process fetches its own token
    and a warning says so once.
    """

    def __init__(self, path: Path, clock: Clock, *, proof: str = "") -> None:
        """Use `token_path` for the name; its folder is made when it is first written.

        A token is for those who bring the `proof` it was written with, `secret_proof`.
        """
        self._path = path
        self._proof = proof
        self._clock = clock
        self._usable = True

    def read(self) -> Grant | None:
        """The grant with its age; None where there is none, or none that may still be used.

        A file that others can read, that is not ours, or that is from the future (the wall clock
        jumped back, so nobody knows what is left), or that was fetched with another secret, is not
        used.
        """
        if not self._usable:
            return None
        try:
            with self._path.open("rb") as file:
                if not _private(os.fstat(file.fileno())):
                    return None
                kept = json.load(file)
            token, lifetime = kept["access_token"], float(kept["lifetime"])
            age = self._clock.wall() - float(kept["obtained_at"])
            scopes, proof = kept["scopes"], str(kept["proof"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as exc:
            self._warn("read", exc)
            return None
        same = hmac.compare_digest(proof.encode(), self._proof.encode())
        if age < 0.0 or not isinstance(token, str) or not same:
            return None
        known = None if scopes is None else frozenset(map(str, scopes))
        grant = Grant(Secret(token), lifetime, known, age)
        return grant if grant.fresh_for > 0.0 else None

    def write(self, grant: Grant) -> None:
        """Replace the file, whole or not at all."""
        if not self._usable:
            return
        kept = {
            "access_token": grant.token.reveal(),
            "lifetime": grant.lifetime,
            "obtained_at": self._clock.wall(),
            "scopes": None if grant.scopes is None else sorted(grant.scopes),
            "proof": self._proof,
        }
        beside = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(kept, file)
            beside.replace(self._path)
        except OSError as exc:
            self._warn("written", exc)

    @asynccontextmanager
    async def alone(self, *, within: float) -> AsyncIterator[None]:
        """Keep other processes and threads from refreshing the same token meanwhile.

        Raises:
            DeadlineExceeded: another one held the lock that long.
        """
        lock = await self._wait_for_lock(within)
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    async def _wait_for_lock(self, within: float) -> FileLock | None:
        ends = self._clock.monotonic() + within
        while self._usable:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = try_lock(self._path.with_suffix(".lock"))
            except OSError as exc:
                self._warn("locked", exc)
                break
            if lock is not None:
                return lock
            if self._clock.monotonic() >= ends:
                raise DeadlineExceeded(
                    "another process is refreshing the same token and has not finished",
                    hint=f"if none is running, remove {self._path.with_suffix('.lock')}",
                )
            await self._clock.sleep(LOOK_SECONDS)
        return None

    def _warn(self, what: str, exc: Exception) -> None:
        # Never the content: a half-written file holds half a token.
        _log.warning("the token file %s cannot be %s: %s", self._path, what, type(exc).__name__)
        if isinstance(exc, OSError):
            self._usable = False


def token_path(folder: Path, endpoint: Endpoint, credentials: ClientCredentials) -> Path:
    """One file an organisation, dialect, client and set of scopes; the name tells none of them."""
    identity = json.dumps(
        [endpoint.dialect, endpoint.login_url, credentials.client_id, sorted(credentials.scopes)]
    )
    return folder / f"token-{hashlib.sha256(identity.encode()).hexdigest()[:32]}.json"


def secret_proof(credentials: ClientCredentials) -> str:
    """Prove knowledge of the client's secret without giving it: a wrong one gets no token."""
    secret = credentials.client_secret.reveal().encode()
    return hmac.new(secret, b"tieline token file", hashlib.sha256).hexdigest()


def _private(status: os.stat_result) -> bool:
    if os.name == "nt":  # the user's profile folder is what protects it there
        return True
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
