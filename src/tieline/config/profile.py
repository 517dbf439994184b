"""A profile: everything a client needs to know about one organisation, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tieline.errors import ConfigInvalid
from tieline.secret import Secret
from tieline.types import DialectName


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase of one HTTP call, and for the call as a whole with its retries."""

    connect: float = 10.0
    write: float = 30.0
    read: float = 60.0
    pool: float = 10.0  # waiting for a free connection
    total: float = 120.0


@dataclass(frozen=True, slots=True)
class Profile:
    """One organisation as configured. Made by `load_profile`; complete and checked.

    Credentials are a client id with its secret, a supplied `access_token`, or a `token_command`
    that prints one; a supplied token wins over a command, a command over a client's secret.
    `sources` maps each field's name to where its value came from, for `tieline doctor`:
    `argument`, `environment TIELINE_REGION`, `.env:3 …`, `tieline.toml:7 …`, `default`.
    """

    name: str
    api: DialectName
    base_url: str  # no trailing slash
    login_url: str  # where the token request goes: platform https://login.<domain>
    state_dir: Path  # absolute, `~` expanded; made when first written to
    region: str | None = None  # the domain; None when base_url was given
    client_id: str | None = None
    client_secret: Secret | None = None
    access_token: Secret | None = None
    token_command: tuple[str, ...] = ()  # argument vector, run without a shell
    scopes: tuple[str, ...] = ()  # guide dialect only
    token_cache: bool = True  # share the token with other processes through a file in state_dir
    timeouts: Timeouts = field(default_factory=Timeouts)
    retries: int = 3
    max_connections: int = 100
    max_answer_bytes: int = 16 * 1024 * 1024
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def check_credentials(self) -> None:
        """Refuse a profile that cannot log in; called where a client is made.

        Raises:
            ConfigInvalid: no token, no token command, and no client id with its secret.
        """
        if self.access_token or self.token_command or (self.client_id and self.client_secret):
            return
        missing = "client_secret" if self.client_id else "client_id"
        raise ConfigInvalid(
            f"profile {self.name!r} has no {missing}",
            hint=f"set TIELINE_{missing.upper()}, or put it into .env beside tieline.toml",
        )
