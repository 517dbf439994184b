"""Checks a proof of Tieline's audit log. Shares no code with Tieline: read it, then trust it.

python check_proof.py proof.json 'VERIFIER KEY'        needs: pip install cryptography
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def node(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def signed_head(note: str, vkey: str) -> tuple[int, bytes]:
    """Size and root of a C2SP checkpoint; raises unless the key signed it (Ed25519)."""
    text, _, signatures = note.rpartition("\n\n")
    name, _, key = vkey.split("+", 2)
    (signature,) = [line.split(" ")[2] for line in signatures.splitlines() if f" {name} " in line]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])
    public.verify(base64.b64decode(signature)[4:], f"{text}\n".encode())
    return int(text.split("\n")[1]), base64.b64decode(text.split("\n")[2])


def climb(place: int, last: int, start: bytes, path: list[bytes]) -> tuple[bytes, bytes, bool]:
    """Follow a path up (RFC 9162, 2.1.3.2, 2.1.4.2): new root, old root, whether whole."""
    new = old = start
    for step in path:
        if place % 2 or place == last:
            new, old = node(step, new), node(step, old)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node(new, step)
        place, last = place >> 1, last >> 1
    return new, old, last == 0


proof = json.loads(Path(sys.argv[1]).read_text("utf-8"))
size, root = signed_head(proof["checkpoint"], sys.argv[2])
path = [bytes.fromhex(step) for step in proof["path"]]
if proof["type"] == "inclusion":
    leaf = hashlib.sha256(b"\x00" + proof["line"].encode()).digest()
    new, _, whole = climb(proof["record"], size - 1, leaf, path)
    good = whole and new == root and proof["record"] < size
else:
    before, old_root = proof["old_size"], bytes.fromhex(proof["old_root"])
    place, last = before - 1, size - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    first, *rest = path if before & (before - 1) else [old_root, *path]
    new, old, whole = climb(place, last, first, rest)
    good = (whole and (new, old) == (root, old_root)) if before < size else old_root == root
sys.stdout.write(f"{'proven' if good else 'NOT PROVEN'} by the checkpoint of {size} records\n")
sys.exit(0 if good else 1)
