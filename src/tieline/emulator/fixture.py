"""Fixtures: what exists when the emulator starts, as a JSON or YAML document.

A fixture is laid over the default one: an entry with a known id replaces that entry, any other is
added. `extends: null` makes it stand for itself; the dumped state does.
"""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from tieline.contracts.validation import Schema
from tieline.errors import ConfigInvalid, InvalidInput
from tieline.types import Json, JsonObject


@cache
def _resource(name: str) -> bytes:
    return (files("tieline.emulator") / name).read_bytes()


def default_fixture() -> dict[str, Any]:
    """The fixture that is always present, as a document of its own."""
    document: dict[str, Any] = orjson.loads(_resource("default_fixture.json"))
    return document


def load_fixture(path: Path) -> JsonObject:
    """Read a fixture file: JSON, or YAML by its suffix.

    Raises:
        ConfigInvalid: it cannot be read, or is no fixture; names file, line or field.
    """
    try:
        text = path.read_bytes()
    except OSError as exc:
        raise ConfigInvalid(
            f"fixture: {path} cannot be read: {exc.strerror}", hint="name a JSON or a YAML file"
        ) from exc
    document = _yaml(path, text) if path.suffix in {".yaml", ".yml"} else _json(path, text)
    try:
        check(document)
    except InvalidInput as exc:
        raise ConfigInvalid(f"{path}: {exc.message}", hint=exc.hint, details=exc.details) from exc
    return document


def check(document: Json) -> None:
    """Refuse what is no fixture.

    Raises:
        InvalidInput: one detail for each place that is wrong.
    """
    _form().check(document, what="fixture")


def whole(document: JsonObject) -> JsonObject:
    """The state document that a checked fixture stands for."""
    if document.get("extends", "default") is None:
        return document
    return _laid_over(default_fixture(), document)


@cache
def _form() -> Schema:
    return Schema(orjson.loads(_resource("fixture.schema.json")))


def _json(path: Path, text: bytes) -> JsonObject:
    from tieline.contracts.strict_json import parse_json  # noqa: PLC0415  # only files need it

    try:
        found: JsonObject = parse_json(text, what=str(path))
    except InvalidInput as exc:
        raise ConfigInvalid(exc.message, hint=exc.hint, details=exc.details) from exc
    return found


def _yaml(path: Path, text: bytes) -> JsonObject:
    import yaml  # noqa: PLC0415  # the default fixture is JSON: most starts need no YAML reader

    try:
        found: JsonObject = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        place = "" if mark is None else f", line {mark.line + 1} column {mark.column + 1}"
        reason = getattr(exc, "problem", None) or "no YAML"
        raise ConfigInvalid(f"{path}{place}: {reason}") from exc
    return found


def _laid_over(base: dict[str, Any], document: JsonObject) -> dict[str, Any]:
    result = dict(base)
    for name, value in document.items():
        if name == "extends":
            continue
        below = result.get(name)
        if isinstance(value, list) and isinstance(below, list):
            by_id = {entry["id"]: entry for entry in (*below, *value)}
            result[name] = list(by_id.values())
        elif isinstance(value, Mapping) and isinstance(below, dict):
            result[name] = _merged(below, value)
        else:
            result[name] = value
    return result


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = deepcopy(dict(below))
    for name, value in above.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), dict)
        merged[name] = _merged(merged[name], value) if both else value
    return merged
