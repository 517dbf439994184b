"""Signed call-backs, as standardwebhooks.com lays them out: who sent it, when, and nothing changed.

webhook-id         stays the same when a delivery is repeated
webhook-timestamp  seconds since the epoch, of this very attempt
webhook-signature  `v1,` and HMAC-SHA-256 over `id.timestamp.body` in base64; several where a
                   secret is being replaced, separated by spaces
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tieline.errors import InvalidInput
from tieline.secret import Secret

PREFIX = "whsec_"
DEFAULT_TOLERANCE_SECONDS = 300.0

# Below 24 bytes a secret could be guessed from one signed message (the specification's minimum).
_FEWEST_SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class Signed:
    """What a right signature vouches for."""

    id: str
    timestamp: int
    body: bytes


class BadSignature(InvalidInput):
    """The message is not from the holder of the secret, not fresh, or not whole."""


def sign(secrets: Sequence[Secret], *, id: str, timestamp: int, body: bytes) -> dict[str, str]:  # noqa: A002  # the header's word
    """The three headers of a delivery; one signature a secret."""
    content = _content(id, str(timestamp), body)
    signatures = [f"v1,{_mac(secret, content)}" for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def verify(
    secrets: Sequence[Secret],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    tolerance: float = DEFAULT_TOLERANCE_SECONDS,
) -> Signed:
    """Check a message received at `now` (wall seconds); any one of the secrets may fit.

    Takes the same time whatever is wrong with a signature. A message that was seen before passes
    here: that is for `WebhookReceiver`.

    Raises:
        BadSignature: a header is missing or malformed, too old or from the future, or no signature
            fits.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp = named["webhook-id"], named["webhook-timestamp"]
        signatures = named["webhook-signature"].split(" ")
    except KeyError as exc:
        raise BadSignature(f"the header {exc.args[0]} is missing") from exc
    if not message_id or "." in message_id or not (stamp.isascii() and stamp.isdigit()):
        raise BadSignature("webhook-id or webhook-timestamp is malformed")
    content = _content(message_id, stamp, body)
    given = [text.removeprefix("v1,") for text in signatures if text.startswith("v1,")]
    fits = [
        hmac.compare_digest(_mac(secret, content).encode(), signature.encode())
        for secret in secrets
        for signature in given
    ]
    if not any(fits):
        raise BadSignature("no signature fits: another secret, or the message was changed")
    if abs(now - int(stamp)) > tolerance:
        raise BadSignature(f"the message is {now - int(stamp):.0f} s old, at most {tolerance:.0f}")
    return Signed(message_id, int(stamp), body)


def check_secret(secret: Secret) -> Secret:
    """Refuse what is no secret of this scheme.

    Raises:
        InvalidInput: not base64 (with or without `whsec_`), or shorter than 24 bytes.
    """
    if len(_key(secret)) < _FEWEST_SECRET_BYTES:
        raise InvalidInput(f"a webhook secret has at least {_FEWEST_SECRET_BYTES} bytes")
    return secret


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def _mac(secret: Secret, content: bytes) -> str:
    digest = hmac.digest(_key(secret), content, hashlib.sha256)
    return base64.b64encode(digest).decode()


def _key(secret: Secret) -> bytes:
    try:
        return base64.b64decode(secret.reveal().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        pass  # the reason could show a part of the secret
    raise InvalidInput("a webhook secret is base64, usually behind whsec_")
