"""A checkpoint: size and root of a log, signed (C2SP tlog-checkpoint in a C2SP signed note).

    tieline.audit/6241ce5653df9c40          origin: which log
    1024                                    how many lines
    q3nF…=                                  root over them, base64

    — tieline.audit/6241ce5653df9c40 8Zk1…  key name, then key id and signature in base64

Whoever kept a checkpoint elsewhere can prove later that none of its lines changed or vanished.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tieline.audit.merkle import HASH_BYTES, Hash
from tieline.errors import InvalidInput

ORIGIN_PREFIX = "tieline.audit/"

# C2SP signed-note, signature types: 0x01 is Ed25519 (RFC 8032).
_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_SIGNATURE_BYTES = 64
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its first `size` lines have this root."""

    origin: str
    size: int
    root: Hash

    @property
    def text(self) -> str:
        """The signed part, up to and with its last line feed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs under; `str()` gives the C2SP vkey people pass on."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        content = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(content).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a vkey.

        Raises:
            InvalidInput: it is none, is not Ed25519, or its id does not fit its key.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = _base64(encoded)
        if not name or raw is None or raw[:1] != _ED25519 or len(raw) != 1 + HASH_BYTES:
            raise InvalidInput("this is not an Ed25519 verifier key (name+id+base64)")
        key = cls(name, raw[1:])
        if key.key_id.hex() != key_id:
            raise InvalidInput("the verifier key's id does not belong to its key: a copying error?")
        return key


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and who signed it: (key name, key id, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def signed_by(self, keys: Iterable[VerifierKey]) -> VerifierKey | None:
        """The first of the keys whose signature is there and right."""
        for key in keys:
            for name, key_id, signature in self.signatures:
                if (name, key_id) == (key.name, key.key_id) and _is_right(
                    key.public, signature, self.text
                ):
                    return key
        return None


class NoteSigner:
    """Signs notes under one name. Holds a private key: never print or store it."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The whole note: the text, a blank line, and the signature line."""
        signature = self.verifier.key_id + self._key.sign(text.encode())
        encoded = base64.b64encode(signature).decode()
        return f"{text}\n{_DASH}{self.verifier.name} {encoded}\n"


def parse_note(note: str) -> SignedNote:
    """Split a note into text and signatures; nothing is checked yet.

    Raises:
        InvalidInput: it is not of that form.
    """
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise InvalidInput("this is not a signed note: no blank line before its signatures")
    signatures = []
    for line in lines[:-1].split("\n"):
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        raw = _base64(encoded)
        if not line.startswith(_DASH) or not name or raw is None or len(raw) <= _KEY_ID_BYTES:
            raise InvalidInput("this is not a signed note: a signature line is malformed")
        signatures.append((name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:]))
    return SignedNote(text + "\n", tuple(signatures))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint; lines behind the root are kept out, as C2SP says.

    Raises:
        InvalidInput: size or root is malformed.
    """
    origin, size, root, *_ = [*text.split("\n"), "", "", ""]
    raw = _base64(root)
    if not origin or raw is None or len(raw) != HASH_BYTES:
        raise InvalidInput("this is not a checkpoint: no root of 32 bytes in its third line")
    if not (size.isascii() and size.isdigit()) or size != str(int(size)):
        raise InvalidInput("this is not a checkpoint: no size in its second line")
    return Checkpoint(origin, int(size), raw)


def _is_right(public: bytes, signature: bytes, text: str) -> bool:
    if len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _base64(text: str) -> bytes | None:
    """None for anything but the one canonical spelling: a second one would be a second note."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None
