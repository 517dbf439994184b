"""Reads a function from disk: its definition and its files, as `function.yaml` says."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from tieline.contracts.function_archive import MOST_ENTRIES, MOST_UNPACKED_BYTES, MOST_ZIP_BYTES
from tieline.contracts.strict_json import parse_json
from tieline.deployments.function_definition import FunctionDefinition, read_definition
from tieline.deployments.function_package import (
    Package,
    build_package,
    find_entry,
    is_left_out,
    read_dependencies,
    ready_made_package,
)
from tieline.deployments.function_plan import DesiredFunction
from tieline.errors import InvalidInput, LimitExceeded
from tieline.types import Json

DEFINITIONS = ("function.yaml", "function.yml", "function.json")
_INSTALL = "run `npm ci --omit=dev` in {folder}, then deploy again; Tieline never runs npm"


def load_function(path: Path) -> DesiredFunction:
    """Read a function and package it.

    Args:
        path: the folder that holds `function.yaml` (or `.json`), that file itself, or a zip that
            was made before, with `function.yaml` beside it.

    Raises:
        InvalidInput: there is no definition, or what it names cannot be packaged.
        LimitExceeded: too many files, or too large.
    """
    if not path.exists():
        raise InvalidInput(f"{path} does not exist")
    folder = path if path.is_dir() else path.parent
    file = path if path.name in DEFINITIONS else _definition_file(folder)
    definition = read_definition(_document(file), what=str(file))
    if path.suffix == ".zip":
        return _ready_made(path, definition)
    files = read_files(folder, definition.exclude)
    handler = definition.handler or find_entry(tuple(files))
    if handler is None:
        raise InvalidInput(
            f"{folder} holds no src/index.js; the platform runs Node.js",
            hint="name it in function.yaml: `handler: src/index.handler`",
        )
    return DesiredFunction(definition, build_package(files, handler=handler), handler)


def read_files(folder: Path, exclude: Sequence[str] = ()) -> dict[str, bytes]:
    """Read every file that belongs in the package, by its path with slashes.

    Raises:
        InvalidInput: a dependency is not installed, or something is neither file nor folder.
        LimitExceeded: too many files, or too large.
    """
    dependencies = read_dependencies(
        _optional(folder / "package.json"), _optional(folder / "package-lock.json")
    )
    missing = [path for path in dependencies.needed if not (folder / path).is_dir()]
    if missing:
        names = ", ".join(path.rpartition("node_modules/")[2] for path in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""  # noqa: PLR2004  # as above
        raise InvalidInput(
            f"{folder}: not installed: {names}{more}", hint=_INSTALL.format(folder=folder)
        )
    files, size = dict[str, bytes](), 0
    for name, place, bytes_there in _walk(folder, "", (*exclude, *dependencies.development)):
        size += bytes_there
        if len(files) >= MOST_ENTRIES or size > MOST_UNPACKED_BYTES:
            raise LimitExceeded(
                f"{folder}: more than {MOST_ENTRIES:,} files or {MOST_UNPACKED_BYTES:,} bytes",
                hint="leave out what it does not need: `exclude:` in function.yaml",
            )
        files[name] = _content(place)
    return files


def _walk(folder: Path, below: str, exclude: Sequence[str]) -> Iterator[tuple[str, Path, int]]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = below + entry.name
        if is_left_out(name, exclude):
            continue
        facts = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(facts.st_mode):
            raise InvalidInput(
                f"{name} is a symbolic link, which a function's zip cannot hold",
                hint="put the file itself there, or leave it out with `exclude:` in function.yaml",
            )
        if stat.S_ISDIR(facts.st_mode):
            yield from _walk(Path(entry.path), f"{name}/", exclude)
        elif stat.S_ISREG(facts.st_mode):
            yield name, Path(entry.path), facts.st_size
        else:
            raise InvalidInput(f"{name} is neither a file nor a folder")


def _ready_made(path: Path, definition: FunctionDefinition) -> DesiredFunction:
    if path.stat().st_size > MOST_ZIP_BYTES:
        raise LimitExceeded(f"{path} is larger than {MOST_ZIP_BYTES:,} bytes")
    handler = definition.handler or "src/index.handler"
    package: Package = ready_made_package(_content(path), handler=handler)
    return DesiredFunction(definition, package, handler)


def _definition_file(folder: Path) -> Path:
    for name in DEFINITIONS:
        if (folder / name).is_file():
            return folder / name
    raise InvalidInput(
        f"{folder} has no function.yaml",
        hint="it says name, description, handler, input and output: docs, `Deploy a function`",
    )


def _document(file: Path) -> Json:
    text = _content(file)
    if file.suffix == ".json":
        return parse_json(text, what=str(file))
    import yaml  # noqa: PLC0415  # slow to load, and a definition may be JSON

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise InvalidInput(f"{file}: {exc}") from exc


def _optional(file: Path) -> bytes | None:
    return _content(file) if file.is_file() else None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise InvalidInput(f"{file} cannot be read: {exc.strerror}") from exc
