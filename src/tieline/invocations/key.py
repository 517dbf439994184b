"""When are two invocations equal? When target and input are, however they are written."""

import hashlib

from tieline.audit.canonical import canonical_json
from tieline.types import JsonObject


def invocation_key(target_id: str, value: JsonObject) -> str:
    """SHA-256 (hex) of the canonical JSON (RFC 8785) of `{"id", "inputs"}`."""
    document = {"id": target_id, "inputs": dict(value)}
    return hashlib.sha256(canonical_json(document)).hexdigest()
