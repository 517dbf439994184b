"""Finding and reading `tieline.toml`; every complaint names file, line and field."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.config.fields import FIELD_NAMES
from tieline.config.setting import Setting
from tieline.errors import ConfigInvalid

FILE_NAME = "tieline.toml"
_TOP_LEVEL = ("default_profile", "profiles")
_TABLE = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(
    r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A parsed `tieline.toml`. `profiles` maps name → dotted field → setting with its line."""

    path: Path
    profiles: Mapping[str, Mapping[str, Setting]]
    default_profile: str | None = None


def find_file(start: Path) -> Path | None:
    """The nearest `tieline.toml` from `start` upwards, else the user's own, else None."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    own = user_file()
    return own if own.is_file() else None


def user_file() -> Path:
    """Where a user keeps the file that serves every folder: `~/.config/tieline/tieline.toml`."""
    import platformdirs  # noqa: PLC0415  # only where no project file was found

    return Path(platformdirs.user_config_dir("tieline", appauthor=False)) / FILE_NAME


def read_file(path: Path) -> ConfigFile:
    """Read and check a file's shape; the values themselves are read where they are used.

    Raises:
        ConfigInvalid: unreadable, no TOML, an unknown name (with the nearest known one), or a
            table where a value belongs.
    """
    try:
        source = path.read_bytes().decode("utf-8-sig")
        document = tomllib.loads(source)
    except OSError as exc:
        raise ConfigInvalid(f"{path}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigInvalid(f"{path}: is not UTF-8 text (byte {exc.start})") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigInvalid(f"{path}: {exc}", hint="the file is TOML; see toml.io") from exc
    lines = _lines(source)
    for name in document:
        if name not in _TOP_LEVEL:
            raise _unknown(path, lines, (name,), _TOP_LEVEL)
    default = document.get("default_profile")
    if default is not None and not isinstance(default, str):
        raise ConfigInvalid(f"{_at(path, lines, ('default_profile',))}: expected a text")
    return ConfigFile(path, dict(_profiles(path, lines, document)), default)


Lines = Mapping[tuple[str, ...], int]


def _profiles(
    path: Path, lines: Lines, document: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Setting]]]:
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict):
        raise ConfigInvalid(f"{_at(path, lines, ('profiles',))}: expected tables [profiles.NAME]")
    for name, table in profiles.items():
        place = ("profiles", name)
        if not isinstance(table, dict):
            raise ConfigInvalid(f"{_at(path, lines, place)}: expected a table [profiles.{name}]")
        yield name, dict(_settings(path, lines, place, table))


def _settings(
    path: Path, lines: Lines, place: tuple[str, ...], table: Mapping[str, Any]
) -> Iterator[tuple[str, Setting]]:
    for key, value in _flat(table):
        where = (*place, *key)
        if ".".join(key) not in FIELD_NAMES:
            raise _unknown(path, lines, where, FIELD_NAMES, prefix=len(place))
        yield ".".join(key), Setting(value, _at(path, lines, where))


def _flat(
    table: Mapping[str, Any], prefix: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, (*prefix, name))
        else:
            yield (*prefix, name), value


def _unknown(
    path: Path,
    lines: Lines,
    where: tuple[str, ...],
    known: tuple[str, ...],
    *,
    prefix: int = 0,
) -> ConfigInvalid:
    word = ".".join(where[prefix:])
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
    return ConfigInvalid(f"{_at(path, lines, where)}: there is no such field", hint=hint)


def _at(path: Path, lines: Lines, where: tuple[str, ...]) -> str:
    line = lines.get(where)
    return f"{path}:{line}: {where[-1]}" if line else f"{path}: {'.'.join(where)}"


def _lines(source: str) -> Lines:
    """Line of each key and table. tomllib tells none; keys inside inline tables have none."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(source.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = _parts(header[1])
            _note(found, table, number)
        elif key := _KEY.match(line):
            _note(found, (*table, *_parts(key[1])), number)
    return found


def _note(found: dict[tuple[str, ...], int], where: tuple[str, ...], number: int) -> None:
    for length in range(1, len(where) + 1):  # [a.b] also introduces a
        found.setdefault(where[:length], number)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(
        part.strip().strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted)
    )
