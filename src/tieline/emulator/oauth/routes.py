"""The token call in its three forms, and what a token may ask about itself."""

import base64
import binascii
import secrets

from tieline.emulator.call import Answer, Call
from tieline.emulator.clock import iso
from tieline.emulator.oauth import errors
from tieline.emulator.oauth.state import Client, Token, covers
from tieline.emulator.routes import Route
from tieline.types import DialectName


def platform_token(call: Call) -> Answer:
    """`POST /oauth/token`: Basic credentials, or the guides' form with ids and scope in it."""
    return _token(call, "guide" if "scope" in call.sent else "platform")


def guide_token(call: Call) -> Answer:
    """`POST /api/v2/oauth/token`: the guides' form; without `scope` all of the client's."""
    return _token(call, "guide")


def token_me(call: Call) -> Answer:
    """Tell about the token; a platform token has no scopes."""
    token = _own(call)
    client = call.world.oauth.client_of(token)
    organization = call.world.organization.reference()
    body = {
        "organization": organization,
        "homeOrganization": organization,
        "authorizedScope": token.scopes or [],
        "OAuthClient": {
            "id": client.id,
            "name": client.name,
            "authorizedGrantType": client.grant,
            "scope": client.scopes,
            "state": "active",
            "organization": organization,
        },
        "dateTokenIdles": iso(token.expires),
    }
    return Answer(200, body)


def head_token(call: Call) -> Answer:
    """Say that the token is good."""
    _own(call)
    return Answer(200)


def revoke_token(call: Call) -> Answer:
    """Revoke the token; it is unknown from now on."""
    token = _own(call)
    call.world.oauth.revoke(token)
    return Answer(204, effect=token.client_id)


def _token(call: Call, dialect: DialectName) -> Answer:
    form = call.sent
    if form.get("grant_type") != "client_credentials":
        raise errors.unsupported_grant()
    client_id, secret = _credentials(call)
    state = call.world.oauth
    client = state.clients.get(client_id)
    if client is None:
        raise errors.client_not_found()
    if not secrets.compare_digest(client.secret.encode(), secret.encode()):
        raise errors.wrong_secret(call.world.settings.wrong_secret_status)
    if client.grant != "CLIENT-CREDENTIALS":
        raise errors.wrong_grant()
    scopes = _scopes(client, str(form.get("scope", ""))) if dialect == "guide" else None
    token = state.grant(client, dialect, scopes, now=call.now)
    body = {
        "access_token": token.id,
        "token_type": "bearer",
        # A token that was on its way for a moment: the platform says 86399 for a day as well.
        "expires_in": max(1, client.token_seconds - 1),
    }
    if scopes is not None:
        body["scope"] = " ".join(scopes)
    return Answer(200, body)


def _credentials(call: Call) -> tuple[str, str]:
    header = call.authorization
    if header is not None and header[:6].lower() == b"basic ":
        try:
            pair = base64.b64decode(header[6:], validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise errors.client_not_found() from None
        client_id, _, secret = pair.partition(":")
        return client_id, secret
    form = call.sent
    return str(form.get("client_id", "")), str(form.get("client_secret", ""))


def _scopes(client: Client, asked: str) -> list[str]:
    wanted = asked.split()
    if not wanted:
        return list(client.scopes)
    refused = [scope for scope in wanted if not covers(client.scopes, scope)]
    if refused:
        raise errors.invalid_scope(refused)
    return wanted


def _own(call: Call) -> Token:
    if call.token is None:
        raise errors.no_token()
    return call.token


ROUTES = (
    Route("POST", "/oauth/token", "oauth.token", platform_token, public=True, form=True,
          repeatable=True),
    Route("POST", "/api/v2/oauth/token", "oauth.token", guide_token, surface="guide", public=True,
          form=True, repeatable=True),
    Route("GET", "/api/v2/tokens/me", "tokens.me", token_me),
    Route("HEAD", "/api/v2/tokens/me", "tokens.check", head_token),
    Route("DELETE", "/api/v2/tokens/me", "tokens.revoke", revoke_token),
)  # fmt: skip
