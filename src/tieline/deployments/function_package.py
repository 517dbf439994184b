"""A function's zip: which files go in, under which names, and the same bytes for the same input.

The walk over a folder happens elsewhere; here are its decisions. `digest` is taken over names and
contents, not over the zip, so that it is equal wherever it is computed: compressors differ.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tieline.contracts.function_archive import (
    MOST_ENTRIES,
    MOST_UNPACKED_BYTES,
    MOST_ZIP_BYTES,
    SCRIPTS,
    ArchiveRefused,
    handler_file,
    read_archive,
)
from tieline.errors import InvalidInput, LimitExceeded

# Folders and files that no function needs: history, tests, caches, local settings and secrets.
ALWAYS_LEFT_OUT = (
    ".git", ".hg", ".svn", ".github", ".vscode", ".idea", ".DS_Store", ".env", ".env.*", ".npmrc",
    ".nyc_output", "coverage", "npm-debug.log*",
    "test", "tests", "__tests__", "*.test.js", "*.spec.js", "tieline.toml", ".tieline",
    "function.yaml", "function.yml", "function.json",
)  # fmt: skip
# Beneath a dependency only its caches go: what its own code reads is not ours to know.
_LEFT_OUT_OF_DEPENDENCIES = (".bin", ".cache", ".package-lock.json", ".DS_Store")
# The first moment a zip can write; the same for every file of every package.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644
_FILE_NAME = re.compile(r"[^a-zA-Z0-9.+\-_()]+")


@dataclass(frozen=True, slots=True)
class Package:
    """A zip ready to be uploaded. `digest` is SHA-256 (hex) over its names and contents."""

    content: bytes
    digest: str
    files: tuple[str, ...]

    def file_name(self, name: str) -> str:
        """What the upload is called: which function and which code, in characters that may be."""
        return f"{_FILE_NAME.sub('-', name)[:60]}-{self.digest[:16]}.zip"


def is_left_out(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path (relative, with `/`) stays out of the package.

    A pattern without a slash is compared with each part of the path; with one, with the path from
    the start and with everything below it. `patterns` are added to `ALWAYS_LEFT_OUT`.
    """
    parts = path.split("/")
    dependency = "node_modules" in parts[:-1]
    usual = _LEFT_OUT_OF_DEPENDENCIES if dependency else ALWAYS_LEFT_OUT
    return any(_matches(path, parts, pattern) for pattern in (*usual, *patterns))


def build_package(files: Mapping[str, bytes], *, handler: str) -> Package:
    """Make the zip; the order of `files` does not matter.

    Raises:
        InvalidInput: the handler's file is not among them, or a name cannot be in a zip.
        LimitExceeded: too many files, or too large.
    """
    if len(files) > MOST_ENTRIES:
        raise LimitExceeded(f"the function has {len(files):,} files; at most {MOST_ENTRIES:,} go")
    size = sum(map(len, files.values()))
    if size > MOST_UNPACKED_BYTES:
        raise LimitExceeded(
            f"the function has {size:,} bytes; at most {MOST_UNPACKED_BYTES:,} go",
            hint="leave out what it does not need: `exclude:` in function.yaml, npm ci --omit=dev",
        )
    check_handler(handler, tuple(files))
    names = tuple(sorted(files))
    content = _zipped(names, files)
    if len(content) > MOST_ZIP_BYTES:
        raise LimitExceeded(f"the zip has {len(content):,} bytes; at most {MOST_ZIP_BYTES:,} go")
    try:
        read_archive(content)
    except ArchiveRefused as refused:
        raise InvalidInput(f"the function cannot be packaged: {refused.message}") from refused
    return Package(content, digest_of(files), names)


def ready_made_package(content: bytes, *, handler: str) -> Package:
    """Take a zip that somebody else made, once it was judged and read.

    Raises:
        InvalidInput: the platform would refuse it.
    """
    try:
        archive = read_archive(content)
        check_handler(handler, archive.files)
        files = dict(archive.read())
    except ArchiveRefused as refused:
        raise InvalidInput(f"the zip would be refused: {refused.message}") from refused
    return Package(content, digest_of(files), archive.files)


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over sorted names and contents, each led by its length."""
    total = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


def check_handler(handler: str, files: Sequence[str]) -> None:
    """Refuse a handler whose file is not packaged.

    Raises:
        InvalidInput: names the files that were looked for.
    """
    if handler_file(handler, files) is None:
        stem = handler.rpartition(".")[0] or handler
        looked = ", ".join(stem + suffix for suffix in SCRIPTS)
        raise InvalidInput(
            f"handler {handler!r}: none of {looked} is in the package",
            hint="it is the path without suffix, a dot, and the export: src/index.handler",
        )


def find_entry(files: Sequence[str]) -> str | None:
    """Guess the handler: the platform's layout first, then a file at the top."""
    stems = ("src/index", "index", "src/handler", "handler")
    return next((f"{s}.handler" for s in stems if handler_file(f"{s}.handler", files)), None)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a function needs at run time, and what is there for its development only, as paths."""

    needed: tuple[str, ...]
    development: tuple[str, ...] = ()


def read_dependencies(manifest: bytes | None, lock: bytes | None) -> Dependencies:
    """Read them from package-lock.json, as npm 7 and later write it, else from package.json.

    Raises:
        InvalidInput: one of the files is no JSON.
    """
    locked = _part(lock, "package-lock.json", "packages")
    if locked:
        paths = {path: entry for path, entry in locked.items() if path and isinstance(entry, dict)}
        return Dependencies(
            needed=tuple(sorted(
                path for path, entry in paths.items()
                if not (entry.get("dev") or entry.get("optional") or entry.get("devOptional"))
            )),
            development=tuple(sorted(path for path, entry in paths.items() if entry.get("dev"))),
        )  # fmt: skip
    named = _part(manifest, "package.json", "dependencies")
    return Dependencies(tuple(sorted(f"node_modules/{name}" for name in named)))


def _part(content: bytes | None, what: str, field: str) -> Mapping[str, object]:
    if content is None:
        return {}
    try:
        document = json.loads(content)
    except ValueError as exc:
        raise InvalidInput(f"{what} is no JSON: {exc}") from exc
    found = document.get(field) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _matches(path: str, parts: Sequence[str], pattern: str) -> bool:
    pattern = pattern.strip("/")
    if "/" not in pattern:
        return any(fnmatchcase(part, pattern) for part in parts)
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*")


def _zipped(names: Sequence[str], files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = _FILE_MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return written.getvalue()
