"""The keys of a log: made at its first use, readable by their owner only.

signing.key       Ed25519 seed of the present key; a retired one is overwritten
fingerprint.key   HMAC key of input hashes and pseudonyms; copy it to a second machine and
                  the records of both join
log.keys          public keys, a line each, oldest first: JSON of `ChainedKey`
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from tieline.audit.checkpoint import ORIGIN_PREFIX, NoteSigner, VerifierKey
from tieline.audit.keychain import ChainedKey, check_chain, handover_note
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.store.segments.files import VERIFY_HINT, storing, write_private

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys of one log; the repr shows neither private one."""

    signer: NoteSigner
    fingerprint: bytes
    chain: tuple[ChainedKey, ...]

    def __repr__(self) -> str:
        return f"LogKeys({self.signer.verifier})"


def make_keys(folder: Path, log_id: str) -> LogKeys:
    """Make what is missing of a log's keys. Call it under the log's lock, for a fresh log only.

    A fingerprint key that is there already is kept: it may have come from another machine.

    Raises:
        StoreUnavailable: the folder cannot be written.
    """
    with storing(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in ("fingerprint.key", "signing.key"):
            if not (folder / name).exists():
                write_private(folder / name, secrets.token_hex(_KEY_BYTES).encode())
        _write_chain(folder, [ChainedKey(_signer(folder, log_id).verifier, since=0)])
    return load_keys(folder, log_id)


def load_keys(folder: Path, log_id: str) -> LogKeys:
    """Read the keys of a log.

    Raises:
        StoreUnavailable: a key is missing or unreadable, or they do not belong together.
    """
    chain = load_chain(folder)
    with storing(folder):
        signer = _signer(folder, log_id)
        if signer.verifier != chain[-1].key:
            _finish_rotation(folder)
            signer = _signer(folder, log_id)
        fingerprint = _read_key(folder / "fingerprint.key")
    if signer.verifier != chain[-1].key:
        raise StoreUnavailable(
            f"{folder / 'signing.key'} is not the key that log.keys names last", hint=VERIFY_HINT
        )
    return LogKeys(signer, fingerprint, chain)


def load_chain(folder: Path) -> tuple[ChainedKey, ...]:
    """Read the public keys and check that each was handed over to by the one before.

    Raises:
        StoreUnavailable: unreadable, or the chain is broken.
    """
    path = folder / "log.keys"
    with storing(path):
        lines = path.read_bytes().splitlines()
    try:
        chain = tuple(map(_parse_link, lines))
        check_chain(chain)
    except (InvalidInput, orjson.JSONDecodeError, KeyError, TypeError) as exc:
        raise StoreUnavailable(f"{path} is damaged: {exc}", hint=VERIFY_HINT) from exc
    return chain


def rotate_signing_key(folder: Path, keys: LogKeys, *, size: int) -> LogKeys:
    """Let a fresh key sign from this size on, and forget the present one's private half.

    Call it under the checkpoint's lock. The fresh seed is on the disk before the chain names it; a
    crash between the two is made good by whoever loads the keys next.
    """
    fresh = secrets.token_bytes(_KEY_BYTES)
    signer = NoteSigner(keys.signer.verifier.name, fresh)
    handover = handover_note(keys.signer, signer.verifier, size)
    chain = (*keys.chain, ChainedKey(signer.verifier, size, handover))
    with storing(folder):
        write_private(folder / "signing.next", fresh.hex().encode())
        _write_chain(folder, chain)
        _finish_rotation(folder)
    return LogKeys(signer, keys.fingerprint, chain)


def _finish_rotation(folder: Path) -> None:
    """Put the fresh seed in the old one's place, unless somebody else just did."""
    with suppress(FileNotFoundError):
        (folder / "signing.next").replace(folder / "signing.key")


def _signer(folder: Path, log_id: str) -> NoteSigner:
    return NoteSigner(ORIGIN_PREFIX + log_id, _read_key(folder / "signing.key"))


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise StoreUnavailable(f"{path} is damaged", hint="restore it from a backup")
    return key


def _write_chain(folder: Path, chain: Sequence[ChainedKey]) -> None:
    lines = [
        orjson.dumps({"vkey": str(link.key), "since": link.since, "handover": link.handover})
        for link in chain
    ]
    write_private(folder / "log.keys", b"\n".join(lines) + b"\n")


def _parse_link(line: bytes) -> ChainedKey:
    members = orjson.loads(line)
    return ChainedKey(
        VerifierKey.parse(members["vkey"]), int(members["since"]), members["handover"]
    )
