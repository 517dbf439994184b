"""What a function's zip may hold, decided from its directory before anything is unpacked.

A zip lies easily: its directory may name files outside the folder, links, one file twice, a
million entries, or a hundred gigabytes in a kilobyte. So the directory's own size is judged first,
then each entry, and only then is a byte decompressed, never more of one than its entry says.
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

# Lambda, on which the platform runs functions, unpacks at most 250 MB; a zip near that is all code.
MOST_UNPACKED_BYTES = 250_000_000
MOST_ZIP_BYTES = 100_000_000
# A large node_modules has some 30,000 files; a directory entry is 46 bytes and a name.
MOST_ENTRIES = 50_000
_MOST_DIRECTORY_BYTES = 16_000_000
# Text shrinks tenfold, a file of zeros a thousandfold; small ones may be what they like.
MOST_RATIO = 100
_FREE_BYTES = 10_000_000
_LONGEST_NAME = 512

SCRIPTS = (".js", ".mjs", ".cjs")
FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, NotImplementedError,
          RuntimeError, OSError, IndexError, OverflowError)  # fmt: skip
"""What the standard library raises for bytes that are no proper zip."""

Fault = Literal["format", "file", "layout"]

_END = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 65_535
_LOCATOR = b"PK\x06\x07"
_LOCATOR_BYTES = 20
_END64 = b"PK\x06\x06"
_DRIVE = re.compile(r"[A-Za-z]:")


class ArchiveRefused(Exception):
    """The zip is not taken.

    `fault` is `format` where it is no zip, `file` where an entry may not be unpacked or cannot be
    read, `layout` where nothing in it could be a function.
    """

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault: Fault = fault
        self.message = message


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that was judged and may be unpacked; `files` are its files' names in its order."""

    content: bytes
    files: tuple[str, ...]

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Decompress file by file.

        Raises:
            ArchiveRefused: an entry is damaged.
        """
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            for name in self.files:
                try:
                    yield name, archive.read(name)
                except FAULTS as exc:
                    raise ArchiveRefused("file", f"{name} is damaged: {exc}") from exc


def read_archive(content: bytes) -> Archive:
    """Judge a zip; nothing is decompressed.

    Raises:
        ArchiveRefused: says which entry, and why.
    """
    if len(content) > MOST_ZIP_BYTES:
        raise ArchiveRefused(
            "file", f"the zip has {len(content):,} bytes; at most {MOST_ZIP_BYTES:,} are taken"
        )
    _judge_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except FAULTS as exc:
        raise ArchiveRefused("format", f"it is no zip: {exc}") from exc
    _judge_entries(entries)
    files = tuple(entry.filename for entry in entries if not entry.is_dir())
    _judge_layout(files)
    return Archive(content, files)


def handler_file(handler: str, files: Sequence[str]) -> str | None:
    """Find the file that `src/index.handler` names: path without suffix, a dot, an export."""
    stem, dot, name = handler.rpartition(".")
    if not (stem and dot and name):
        return None
    return next((stem + suffix for suffix in SCRIPTS if stem + suffix in files), None)


def _judge_directory(content: bytes) -> None:
    """Refuse a directory too large to be read at all; its end says how large it is."""
    at = content.rfind(_END, max(0, len(content) - _END_BYTES - _LONGEST_COMMENT))
    if at < 0 or at + _END_BYTES > len(content):
        raise ArchiveRefused("format", "it is no zip: it has no directory")
    entries, size = struct.unpack_from("<HL", content, at + 10)
    locator = at - _LOCATOR_BYTES
    if locator >= 0 and content[locator : locator + 4] == _LOCATOR:
        (end64,) = struct.unpack_from("<Q", content, locator + 8)
        if content[end64 : end64 + 4] != _END64 or end64 + 56 > len(content):
            raise ArchiveRefused("format", "it is no zip: its directory is not where it says")
        entries, size = struct.unpack_from("<QQ", content, end64 + 32)
    if entries > MOST_ENTRIES or size > _MOST_DIRECTORY_BYTES:
        raise ArchiveRefused(
            "file", f"it has {entries:,} entries; at most {MOST_ENTRIES:,} are taken"
        )


def _judge_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    folders: set[str] = set()
    total = 0
    for entry in entries:
        name = entry.orig_filename
        _judge_name(name)
        _judge_kind(entry)
        bare = name.rstrip("/")
        if bare in seen:
            raise ArchiveRefused("file", f"{name} is in it twice")
        seen.add(bare)
        if not entry.is_dir():
            parts = bare.split("/")
            folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
        total += entry.file_size
        _judge_size(entry, total)
    clash = next((e.filename for e in entries if not e.is_dir() and e.filename in folders), None)
    if clash is not None:
        raise ArchiveRefused("file", f"{clash} is both a file and a folder")


def _judge_name(name: str) -> None:
    shown = name[:120]
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ArchiveRefused("file", f"{shown!r} is no name for a file")
    if name.startswith("/") or _DRIVE.match(name):
        raise ArchiveRefused("file", f"{shown} is an absolute path")
    if "\\" in name:
        raise ArchiveRefused("file", f"{shown} has a backslash; names are written with /")
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        raise ArchiveRefused("file", f"{shown} leaves the folder")
    if "" in parts or "." in parts:
        raise ArchiveRefused("file", f"{shown} is no plain path")


def _judge_kind(entry: zipfile.ZipInfo) -> None:
    name, kind = entry.orig_filename[:120], stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise ArchiveRefused("file", f"{name} is a symbolic link")
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ArchiveRefused("file", f"{name} is neither a file nor a folder")
    if entry.flag_bits & 0x41:  # encrypted, or strongly encrypted
        raise ArchiveRefused("file", f"{name} is encrypted")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ArchiveRefused("file", f"{name} is compressed in a way other than deflate")


def _judge_size(entry: zipfile.ZipInfo, total: int) -> None:
    name = entry.orig_filename[:120]
    if total > MOST_UNPACKED_BYTES:
        raise ArchiveRefused(
            "file", f"unpacked it is larger than {MOST_UNPACKED_BYTES:,} bytes, at {name}"
        )
    if entry.file_size > _FREE_BYTES and entry.file_size > MOST_RATIO * entry.compress_size:
        raise ArchiveRefused(
            "file", f"{name} would grow more than {MOST_RATIO} times by being unpacked"
        )


def _judge_layout(files: Sequence[str]) -> None:
    own = [name for name in files if "node_modules" not in name.split("/")]
    if not any(name.endswith(SCRIPTS) for name in own):
        raise ArchiveRefused("layout", "there is no JavaScript file in it")
    top, _, rest = files[0].partition("/")
    roots = {f"{top}/package.json", *(f"{top}/src/index{suffix}" for suffix in SCRIPTS)}
    if rest and all(name.startswith(f"{top}/") for name in files) and roots & set(files):
        raise ArchiveRefused("layout", f"everything is in the folder {top}; zip its content")
