"""Whose request it is and whether it may be made."""

from typing import NamedTuple

from tieline.emulator.oauth import errors
from tieline.emulator.oauth.state import OAuthState, Token, covers
from tieline.emulator.routes import Route
from tieline.emulator.wire_errors import Refusal
from tieline.types import DialectName

_BEARER = b"bearer "


class Access(NamedTuple):
    """The token of a request, and the refusal when it is missing, bad or not enough."""

    token: Token | None
    refusal: Refusal | None


def judge(state: OAuthState, route: Route, authorization: bytes | None, *, now: float) -> Access:
    """Find the token and check what the route needs."""
    if route.public:
        return Access(None, None)
    if authorization is None or authorization[:7].lower() != _BEARER:
        return Access(None, errors.no_token())
    value = authorization[7:].strip()
    if not value:
        return Access(None, errors.no_token())
    token = state.tokens.get(value.decode("latin-1"))
    if token is None or token.expires <= now:
        return Access(None, errors.bad_token())
    return Access(token, _missing(state, route, token))


def dialect_of(route: Route, token: Token | None) -> DialectName:
    """Which surface a request speaks; on a shared path its token tells."""
    if route.surface != "shared":
        return route.surface
    return token.dialect if token is not None else "platform"


def _missing(state: OAuthState, route: Route, token: Token) -> Refusal | None:
    client = state.client_of(token)
    if dialect_of(route, token) == "guide":
        granted = client.scopes if token.scopes is None else token.scopes
        if route.scopes and not any(covers(granted, scope) for scope in route.scopes):
            return errors.missing_scope(route.scopes)
        return None
    missing = [each for each in route.permissions if not client.may(each)]
    if missing:
        return errors.missing_permissions(missing)
    if route.any_permission and not any(client.may(each) for each in route.any_permission):
        return errors.missing_any_permission(route.any_permission)
    return None
