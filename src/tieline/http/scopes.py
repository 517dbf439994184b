"""Scopes of the guide dialect, checked before the first call instead of by its 403."""

from tieline.calls.operation import Operation
from tieline.errors import PermissionDenied


def require_scopes(operation: Operation, granted: frozenset[str] | None) -> None:
    """Refuse beforehand what would be refused anyway; `granted` is None where nobody said.

    Raises:
        PermissionDenied: names the missing scopes; nothing was sent.
    """
    if granted is None or not operation.scopes:
        return
    missing = [scope for scope in operation.scopes if scope not in granted]
    if missing:
        names = " ".join(missing)
        raise PermissionDenied(
            f"{operation.name}: the token lacks the scope {names}; nothing was sent",
            status=403,
            hint=f"add {names} to the profile's scopes, and to the OAuth client",
        )
