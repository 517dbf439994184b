"""Zips of functions for tests: good ones, and the bad ones that must be refused unopened."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping

GOOD = {"src/index.js": b"exports.handler = async (event) => ({ seen: event });\n"}


def zipped(files: Mapping[str, bytes] = GOOD) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def _with_link() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("src/index.js", GOOD["src/index.js"])
        link = zipfile.ZipInfo("src/passwd")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return written.getvalue()


def _with_duplicates() -> bytes:
    # Both names have one length: the second is renamed in place, in its header and the directory.
    content = zipped({**GOOD, "src/inde2.js": b"x"})
    return content.replace(b"src/inde2.js", b"src/index.js")


def _encrypted() -> bytes:
    content = bytearray(zipped())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


def _bomb() -> bytes:
    """A directory that promises 100 GB, 1 GB an entry."""
    content = bytearray(zipped({f"src/{n:03}.js": b"x" for n in range(100)}))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<L", content, at + 24, 1_000_000_000)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _steep() -> bytes:
    return zipped({**GOOD, "src/zeros.bin": bytes(60_000_000)})


def _million() -> bytes:
    """A directory of a million entries, as small as one can be written."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,
                        0, 0, 0, 0)  # fmt: skip
    directory = (entry + b"a") * 1_000_000
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1_000_000, 1_000_000,
                        len(directory), 0)  # fmt: skip
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return directory + end64 + locator + end


def _lying_count() -> bytes:
    """The same, with an end that tells of one entry."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,
                        0, 0, 0, 0)  # fmt: skip
    directory = (entry + b"a") * 1_000_000
    return directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 0, 0)


def _damaged() -> bytes:
    content = bytearray(zipped({"src/index.js": bytes(range(256)) * 8}))
    content[60] ^= 0xFF
    return bytes(content)


BAD: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("no zip at all", lambda: b"exports.handler = 1", "format"),
    ("nothing", lambda: b"", "format"),
    ("cut off", lambda: zipped()[:-30], "format"),
    ("traversal", lambda: zipped({**GOOD, "../../etc/cron.d/x": b"x"}), "file"),
    ("traversal inside", lambda: zipped({**GOOD, "src/../../x": b"x"}), "file"),
    ("absolute path", lambda: zipped({**GOOD, "/etc/passwd": b"x"}), "file"),
    ("drive letter", lambda: zipped({**GOOD, "C:/x": b"x"}), "file"),
    ("backslashes", lambda: zipped({**GOOD, "src\\..\\x": b"x"}), "file"),
    ("control characters", lambda: zipped({**GOOD, "src/a\nb": b"x"}), "file"),
    ("not a plain path", lambda: zipped({**GOOD, "src//a.js": b"x"}), "file"),
    ("symbolic link", _with_link, "file"),
    ("duplicate names", _with_duplicates, "file"),
    ("file and folder", lambda: zipped({**GOOD, "src": b"x"}), "file"),
    ("encrypted", _encrypted, "file"),
    ("100 GB", _bomb, "file"),
    ("steep", _steep, "file"),
    ("a million entries", _million, "file"),
    ("a million entries, told as one", _lying_count, "file"),
    ("no JavaScript", lambda: zipped({"main.py": b"x"}), "layout"),
    ("only dependencies", lambda: zipped({"node_modules/a/index.js": b"x"}), "layout"),
    ("the folder itself", lambda: zipped({"fn/src/index.js": b"x", "fn/a": b""}), "layout"),
)
DAMAGED = _damaged
