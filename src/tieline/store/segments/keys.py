"""The keys of a log: made at its first use, readable by their owner only."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from tieline.store.segments.files import storing

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Raw key bytes; the repr shows neither."""

    signing: bytes  # Ed25519 seed
    fingerprint: bytes  # HMAC-SHA-256 key; the same file on two machines makes their records join

    def __repr__(self) -> str:
        return "LogKeys(***)"


def load_or_make_keys(folder: Path) -> LogKeys:
    """Read both keys from `folder`, making what is missing. Call it under the log's lock.

    Raises:
        StoreUnavailable: the folder or a key cannot be read or written.
    """
    with storing(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        return LogKeys(
            signing=_load_or_make(folder / "signing.key"),
            fingerprint=_load_or_make(folder / "fingerprint.key"),
        )


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; it is whole or absent, never half."""
    fresh = path.with_suffix(".making")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)


def _load_or_make(path: Path) -> bytes:
    try:
        return bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError:
        key = secrets.token_bytes(_KEY_BYTES)
        write_private(path, key.hex().encode())
        return key
