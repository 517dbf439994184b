"""Refusals of the token call and of calls without the right to be made."""

from collections.abc import Sequence

from tieline.emulator.wire_errors import Refusal, TokenRefusal


def client_not_found() -> TokenRefusal:
    """An id that no client has: 400, as users of the platform report."""
    return TokenRefusal(400, "invalid_client", "client not found")


def wrong_secret(status: int) -> TokenRefusal:
    """A known client with another secret; the platform's status is 401, some pages show 400."""
    return TokenRefusal(status, "invalid_client", "authentication failed")


def wrong_grant() -> TokenRefusal:
    """The client is configured for another grant."""
    text = "client is not authorized to use the client_credential grant type"
    return TokenRefusal(400, "unauthorized_client", text)


def unsupported_grant() -> TokenRefusal:
    """`grant_type` is missing or another."""
    return TokenRefusal(400, "unsupported_grant_type", "grant_type must be client_credentials")


def invalid_scope(scopes: Sequence[str]) -> TokenRefusal:
    """Scopes were asked for that the client does not have."""
    return TokenRefusal(400, "invalid_scope", f"not granted to this client: {' '.join(scopes)}")


def no_token() -> Refusal:
    """No Authorization header, or one without a bearer token in it."""
    text = "No authentication bearer token specified in authorization header."
    return Refusal(401, "authentication.required", text)


def bad_token() -> Refusal:
    """Unknown, revoked or expired."""
    return Refusal(401, "bad.credentials", "Invalid login credentials.")


def missing_permissions(missing: Sequence[str]) -> Refusal:
    """All of these are needed and not there."""
    return Refusal(
        403,
        "missing.permissions",
        "Unable to perform the requested action. You are missing the following permission(s): "
        "{permissions}",
        params={"permissions": ", ".join(missing)},
    )


def missing_any_permission(alternatives: Sequence[str]) -> Refusal:
    """One of these is needed and none is there."""
    return Refusal(
        403,
        "missing.any.permissions",
        "Unable to perform the requested action. You must have at least one of the following "
        "permissions assigned: {permissions}",
        params={"permissions": ", ".join(alternatives)},
    )


def missing_scope(alternatives: Sequence[str]) -> Refusal:
    """The guides' surface: the token lacks the scope."""
    return Refusal(
        403,
        "missing.scope",
        "Unable to perform the requested action. The token lacks the scope: {scopes}",
        params={"scopes": " or ".join(alternatives)},
    )
