"""What a service that hosts actions needs beside a profile: keys, the outside service, secrets.

Environment and `.env` only, never a file that is committed:

    TIELINE_SERVE_API_KEYS       keys that callers present, separated by commas
    TIELINE_SERVE_SIGNING_KEYS   keys that callers sign with, separated by commas
    TIELINE_SERVE_URL            the address under which the platform reaches this service
    TIELINE_OUTSIDE_BASE_URL     the outside service that handlers call
    TIELINE_OUTSIDE_KEY          its bearer token
    TIELINE_CALLBACK_SECRET      what call-backs are signed with (standard webhooks, `whsec_…`)
    TIELINE_CALLBACK_NETWORKS    private networks that may be called back, separated by commas
    TIELINE_SECRET_<NAME>        a secret that handlers ask for by name, in lower case
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tieline.config.load import gather
from tieline.errors import ConfigInvalid
from tieline.secret import Secret

SECRET_PREFIX = "TIELINE_SECRET_"  # noqa: S105  # the name of a variable, not its value
# A key that can be guessed is none; 16 random characters cannot.
SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class HostingSettings:
    """Read by `load_hosting`; empty sequences and None where nothing is set."""

    api_keys: tuple[Secret, ...] = ()
    signing_keys: tuple[Secret, ...] = ()
    public_url: str | None = None
    outside_base_url: str | None = None
    outside_key: Secret = field(default_factory=lambda: Secret(""))
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    callback_secret: Secret | None = None
    callback_networks: tuple[str, ...] = ()


def load_hosting(
    *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> HostingSettings:
    """Read the settings; the environment wins over `.env`.

    Raises:
        ConfigInvalid: a key is too short to be one.
    """
    values: dict[str, str] = {}
    for variables in reversed(gather(environ=environ, cwd=cwd).variables):
        values.update(variables.values)
    return HostingSettings(
        api_keys=_keys("TIELINE_SERVE_API_KEYS", values),
        signing_keys=_keys("TIELINE_SERVE_SIGNING_KEYS", values),
        public_url=values.get("TIELINE_SERVE_URL") or None,
        outside_base_url=values.get("TIELINE_OUTSIDE_BASE_URL") or None,
        outside_key=Secret(values.get("TIELINE_OUTSIDE_KEY", "")),
        secrets={
            name.removeprefix(SECRET_PREFIX).lower(): Secret(value)
            for name, value in values.items()
            if name.startswith(SECRET_PREFIX) and value
        },
        callback_secret=_optional_secret(values.get("TIELINE_CALLBACK_SECRET")),
        callback_networks=_listed(values.get("TIELINE_CALLBACK_NETWORKS", "")),
    )


def _keys(name: str, values: Mapping[str, str]) -> tuple[Secret, ...]:
    keys = _listed(values.get(name, ""))
    for place, key in enumerate(keys, 1):
        if len(key) < SHORTEST_KEY:
            raise ConfigInvalid(
                f"{name}: key {place} has fewer than {SHORTEST_KEY} characters",
                hint="make one with `python -c 'import secrets; print(secrets.token_urlsafe())'`",
            )
    return tuple(Secret(key) for key in keys)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _optional_secret(text: str | None) -> Secret | None:
    return Secret(text) if text else None
