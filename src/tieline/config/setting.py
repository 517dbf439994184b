"""One configured value with its source, and how each kind of value is read."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tieline.errors import ConfigInvalid
from tieline.secret import Secret


@dataclass(frozen=True, slots=True)
class Setting:
    """A raw value as a source gave it, and the words that name the source to a person."""

    value: Any = field(repr=False)  # it may be a secret
    source: str


Reader = Callable[[Setting], Any]
"""Turns a raw setting into its value or raises ConfigInvalid naming the source, not a secret."""


def text(setting: Setting) -> str:
    """A string that is not blank; surrounding white space is dropped."""
    if not isinstance(setting.value, str) or not setting.value.strip():
        raise _wrong(setting, "a text that is not empty")
    return setting.value.strip()


def secret(setting: Setting) -> Secret:
    """A secret string, hidden from here on."""
    return Secret(text(setting))


def positive(setting: Setting) -> float:
    """A number of seconds greater than 0."""
    try:
        number = float(setting.value) if not isinstance(setting.value, bool) else 0.0
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < float("inf"):
        raise _wrong(setting, "a number greater than 0")
    return number


def count(setting: Setting) -> int:
    """A whole number, 0 or more."""
    raw = setting.value
    if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit():
        return int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
        return raw
    raise _wrong(setting, "a whole number, 0 or more")


def switch(setting: Setting) -> bool:
    """True or false; in the environment also 1, 0, yes, no, on, off."""
    if isinstance(setting.value, bool):
        return setting.value
    word = str(setting.value).strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise _wrong(setting, "true or false")


def words(setting: Setting) -> tuple[str, ...]:
    """A list of texts; a single text is split at white space and commas."""
    if isinstance(setting.value, str):
        return tuple(setting.value.replace(",", " ").split())
    return _texts(setting, setting.value)


def command(setting: Setting) -> tuple[str, ...]:
    """A command as a list, or as one text split the way a POSIX shell splits words."""
    if not isinstance(setting.value, str):
        return _texts(setting, setting.value)
    try:
        vector = tuple(shlex.split(setting.value))
    except ValueError as exc:
        raise _wrong(setting, "a command with balanced quotes") from exc
    if not vector:
        raise _wrong(setting, "a command")
    return vector


def one_of(choices: Sequence[str]) -> Reader:
    """A reader for one word of a closed set, compared without case."""

    def read(setting: Setting) -> str:
        word = text(setting).lower()
        if word not in choices:
            raise _wrong(setting, f"one of {', '.join(choices)}")
        return word

    return read


def _texts(setting: Setting, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v for v in value):
        raise _wrong(setting, "a list of texts")
    return tuple(value)


def _wrong(setting: Setting, wanted: str) -> ConfigInvalid:
    return ConfigInvalid(f"{setting.source}: expected {wanted}")
