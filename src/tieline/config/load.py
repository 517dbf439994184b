"""From arguments, environment, `.env` and `tieline.toml` to one checked profile."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.config.addresses import resolve_addresses
from tieline.config.environment import Variables, read_dotenv
from tieline.config.fields import FIELD_NAMES, FIELDS
from tieline.config.files import ConfigFile, find_file, read_file
from tieline.config.keychain import secret_from_keyring
from tieline.config.profile import Profile
from tieline.config.setting import Setting
from tieline.errors import ConfigInvalid
from tieline.http.transport import Timeouts

DEFAULT_PROFILE = "default"
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything configuration can come from, gathered once, in order of precedence."""

    overrides: Mapping[str, Setting]
    variables: tuple[Variables, ...]  # environment, then .env
    file: ConfigFile | None
    cwd: Path

    def profile_name(self, chosen: str | None) -> Setting:
        """The profile to use: argument, TIELINE_PROFILE, default_profile, the only one there is."""
        if chosen is not None:
            return Setting(chosen, "argument")
        for variables in self.variables:
            if (named := variables.profile()) is not None:
                return named
        if self.file is None:
            return Setting(DEFAULT_PROFILE, _DEFAULT)
        if self.file.default_profile is not None:
            return Setting(self.file.default_profile, f"{self.file.path}: default_profile")
        names = tuple(self.file.profiles)
        return Setting(names[0] if len(names) == 1 else DEFAULT_PROFILE, _DEFAULT)

    def settings(self, profile: Setting) -> dict[str, Setting]:
        """For each field that is set anywhere, its winning setting."""
        table = self._table(profile)
        found: dict[str, Setting] = {}
        for field in FIELDS:
            candidates = (
                self.overrides.get(field.name),
                *(variables.setting(field) for variables in self.variables),
                table.get(field.name),
            )
            for candidate in candidates:
                if candidate is not None:
                    found[field.name] = candidate
                    break
        return found

    def rank(self, setting: Setting | None) -> int:
        """How strong a setting's source is: 0 an argument; larger is weaker."""
        if setting is None:
            return 9
        if setting in self.overrides.values():
            return 0
        for rank, variables in enumerate(self.variables, start=1):
            if setting.source.startswith(f"{variables.place} "):
                return rank
        return 8

    def _table(self, profile: Setting) -> Mapping[str, Setting]:
        tables = self.file.profiles if self.file is not None else {}
        if profile.value in tables:
            return tables[profile.value]
        if profile.source == _DEFAULT:
            return {}
        if self.file is None:
            raise ConfigInvalid(
                f"{profile.source}: profile {profile.value!r} is asked for, "
                "and there is no tieline.toml here or above",
                hint="`tieline init` writes one",
            )
        near = difflib.get_close_matches(profile.value, tables, n=1)
        offer = f"did you mean {near[0]}?" if near else f"it has {', '.join(tables) or 'none'}"
        raise ConfigInvalid(f"{self.file.path}: no profile {profile.value!r}", hint=offer)


def gather(
    *,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Sources:
    """Read every source; `environ` and `cwd` default to this process's.

    Raises:
        ConfigInvalid: a file is unreadable or has unknown names; an override is no field.
    """
    here = (Path.cwd() if cwd is None else cwd).absolute()
    path = find_file(here)
    dotenv = read_dotenv((path.parent if path is not None else here) / ".env")
    environment = Variables("environment", os.environ if environ is None else environ)
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    for name in given:
        if name not in FIELD_NAMES:
            raise ConfigInvalid(f"argument {name}: there is no such field")
    return Sources(
        overrides={name: Setting(value, f"argument {name}") for name, value in given.items()},
        variables=(environment,) if dotenv is None else (environment, dotenv),
        file=None if path is None else read_file(path),
        cwd=here,
    )


def load_profile(
    name: str | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Profile:
    """Read the configuration into a profile. `overrides` are field names with values.

    Credentials may be missing; `connection.credentials_of` is for those who need them.

    Raises:
        ConfigInvalid: a value is wrong or neither region nor base_url is set; the message names
            the file and line, variable or argument.
    """
    sources = gather(overrides=overrides, environ=environ, cwd=cwd)
    profile = sources.profile_name(name)
    return assemble(sources, profile)


def load_state_dir(
    name: str | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Path:
    """The state directory alone, for commands that call nobody and need no region.

    Raises:
        ConfigInvalid: as `load_profile`, but a missing region is fine.
    """
    sources = gather(overrides=overrides, environ=environ, cwd=cwd)
    return _state_dir(sources, sources.settings(sources.profile_name(name)))


def assemble(sources: Sources, profile: Setting) -> Profile:
    """One checked profile from gathered sources; `profile` is its name with its source."""
    settings = sources.settings(profile)
    values = {
        field.name: field.read(settings[field.name]) for field in FIELDS if field.name in settings
    }
    addresses = resolve_addresses(settings, values, rank=sources.rank)
    timeouts = {
        name.removeprefix("timeouts."): value
        for name, value in values.items()
        if name.startswith("timeouts.")
    }
    plain = {name: values[name] for name in _PLAIN if name in values}
    origins = {name: setting.source for name, setting in settings.items()}
    if values.get("keyring") and "client_secret" not in plain and "client_id" in plain:
        stored = secret_from_keyring(plain["client_id"])
        if stored is not None:
            plain["client_secret"], origins["client_secret"] = stored, "keyring"
    return Profile(
        name=str(profile.value),
        api=values.get("api", "platform"),
        base_url=addresses.base_url,
        login_url=addresses.login_url,
        region=addresses.region,
        state_dir=_state_dir(sources, settings),
        timeouts=Timeouts(**timeouts),
        sources={"profile": profile.source, **origins},
        **plain,
    )


# Fields that go into the profile under their own name, as they were read.
_PLAIN = (
    "client_id", "client_secret", "access_token", "token_command", "scopes", "audit",
    "mask_names", "plain_names",
    "token_cache",
    "timeout", "retries", "max_connections", "max_answer_bytes",
)  # fmt: skip


def _state_dir(sources: Sources, settings: Mapping[str, Setting]) -> Path:
    """Beside the project's `tieline.toml`; without one, the user's state folder."""
    setting = settings.get("state_dir")
    if setting is None:
        if sources.file is not None:
            return sources.file.path.parent / ".tieline"
        import platformdirs  # noqa: PLC0415  # only where nothing else names a place

        return Path(platformdirs.user_state_dir("tieline", appauthor=False))
    from_file = sources.file is not None and sources.rank(setting) > len(sources.variables)
    base = sources.file.path.parent if from_file and sources.file is not None else sources.cwd
    return base / Path(str(setting.value)).expanduser()
