"""What a JSON Web Token says of itself. Read, not verified: only the platform can do that."""

import base64
import json
from dataclasses import dataclass

from tieline.secret import Secret


@dataclass(frozen=True, slots=True)
class Claims:
    """The two claims that matter to a caller; None where the token has none or is no JWT."""

    expires_at: float | None = None  # `exp`: seconds since the epoch
    scopes: frozenset[str] | None = None  # `scope` (a text) or `scp` (a list)


def read_claims(token: Secret) -> Claims:
    """Read the claims of a token; an opaque token has none."""
    parts = token.reveal().split(".")
    if len(parts) != 3:  # noqa: PLR2004  # header, claims, signature (RFC 7519)
        return Claims()
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, RecursionError):
        return Claims()
    if not isinstance(claims, dict):
        return Claims()
    return Claims(_expiry(claims.get("exp")), _scopes(claims))


def _expiry(claim: object) -> float | None:
    return float(claim) if isinstance(claim, int | float) and not isinstance(claim, bool) else None


def _scopes(claims: dict[str, object]) -> frozenset[str] | None:
    match claims.get("scope", claims.get("scp")):
        case str(text):
            return frozenset(text.split())
        case list(names):
            return frozenset(str(name) for name in names)
    return None
