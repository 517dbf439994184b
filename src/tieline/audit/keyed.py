"""HMAC-SHA-256 under one key, for many short texts.

Two prepared hash states are copied, a third of the work of `hmac.digest`. That one also lets go of
the interpreter's lock for every text, which under load costs a switch of threads a record.
"""

import hashlib

_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Keyed:
    """Digests under one key (RFC 2104); use one from any thread."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK_BYTES:
            key = hashlib.sha256(key).digest()
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def hex(self, content: bytes) -> str:
        """The digest in 64 hex digits."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.hexdigest()
