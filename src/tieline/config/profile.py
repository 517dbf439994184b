"""A profile: everything a client needs to know about one organisation, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tieline.calls.deadline import DEFAULT_TIMEOUT_SECONDS
from tieline.calls.order import DEFAULT_RETRIES
from tieline.http.transport import DEFAULT_ANSWER_LIMIT_BYTES, Timeouts
from tieline.secret import Secret
from tieline.types import AuditPolicy, DialectName


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
    audit: AuditPolicy = "required"  # what a changing call does when it cannot be recorded
    mask_names: tuple[str, ...] = ()  # masked as personal, beside the built-in names
    plain_names: tuple[str, ...] = ()  # not masked, though they are built in
    token_cache: bool = True  # share the token with other processes through a file in state_dir
    timeout: float = DEFAULT_TIMEOUT_SECONDS  # for a call with all its waits and retries
    timeouts: Timeouts = field(default_factory=Timeouts)  # for the phases of one request
    retries: int = DEFAULT_RETRIES
    max_connections: int = 100
    max_answer_bytes: int = DEFAULT_ANSWER_LIMIT_BYTES
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
