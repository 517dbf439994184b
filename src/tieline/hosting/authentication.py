"""Who may call: an API key or an HMAC signature, each compared in constant time.

Several keys may be valid at once, so that one can be rotated without a gap: add the new one, move
the callers, remove the old one.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tieline.secret import Secret

# The same tolerance as the webhooks of this project: longer than a retry, shorter than a replay.
SIGNATURE_SECONDS = 300.0
API_KEY_HEADER = "x-api-key"
SIGNATURE_HEADER = "x-tieline-signature"

Refusal = Literal["missing", "wrong", "stale", "malformed"]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that are valid now. With none at all the service answers loopback callers only."""

    api: Sequence[Secret] = ()
    signing: Sequence[Secret] = ()

    def __bool__(self) -> bool:
        return bool(self.api or self.signing)


def refusal(keys: Keys, headers: Mapping[str, str], body: bytes, *, now: float) -> Refusal | None:
    """Say why a request is refused; None lets it in. Header names are in lower case."""
    presented = headers.get(API_KEY_HEADER) or _bearer(headers.get("authorization", ""))
    if presented:
        return None if _any_equal(presented, keys.api) else "wrong"
    signature = headers.get(SIGNATURE_HEADER)
    return _signature_refusal(keys, signature, body, now) if signature else "missing"


def signature(key: Secret, body: bytes, *, now: float) -> str:
    """Write the signature header of a request: `t=<unix seconds>,v1=<hex HMAC-SHA-256>`."""
    moment = str(int(now))
    return f"t={moment},v1={_digest(key, moment, body)}"


def _signature_refusal(keys: Keys, header: str, body: bytes, now: float) -> Refusal | None:
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    moment, presented = parts.get("t", ""), parts.get("v1", "")
    if not (moment.isascii() and moment.isdigit() and presented):
        return "malformed"
    expected = [Secret(_digest(key, moment, body)) for key in keys.signing]
    if not _any_equal(presented, expected):
        return "wrong"
    return "stale" if abs(now - int(moment)) > SIGNATURE_SECONDS else None


def _digest(key: Secret, moment: str, body: bytes) -> str:
    return hmac.new(
        key.reveal().encode(), moment.encode() + b"." + body, hashlib.sha256
    ).hexdigest()


def _bearer(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    return value if scheme.lower() == "bearer" else ""


def _any_equal(presented: str, known: Sequence[Secret]) -> bool:
    """Compare with every key, whichever matches: the time taken tells nothing."""
    digest = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).digest()
    matches = [
        hmac.compare_digest(digest, hashlib.sha256(key.reveal().encode()).digest()) for key in known
    ]
    return any(matches)
