"""The request for a token, in both dialects."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import encode_basic_auth

from tieline.calls.breaker import Breaker
from tieline.calls.budget import Budget
from tieline.calls.deadline import Deadline
from tieline.calls.operation import Operation, Request
from tieline.calls.order import Order
from tieline.calls.refusals import message_of
from tieline.clock import Clock
from tieline.errors import ApiError, AuthenticationFailed, BadAnswer
from tieline.http.credentials import ClientCredentials, Endpoint, origin_and_prefix
from tieline.http.transport import Outgoing, Transport
from tieline.http.unlimited import call_unlimited
from tieline.secret import Secret
from tieline.types import Json

# A second token does no harm, so a lost answer is simply asked for again.
PLATFORM_TOKEN = Operation(
    "oauth.token", "POST", "/oauth/token", idempotent=True, dialect="platform", reads_only=True
)
GUIDE_TOKEN = replace(PLATFORM_TOKEN, path="/api/v2/oauth/token", dialect="guide")

# Longer than a request travels, so that a token does not expire on its way.
REFRESH_EARLY_SECONDS = 30.0

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as the platform gave it. `scopes` is None where it named none: then all count."""

    token: Secret
    lifetime: float  # seconds, as granted
    scopes: frozenset[str] | None
    age: float = 0.0  # seconds since then

    @property
    def fresh_for(self) -> float:
        """Seconds it may still be used; one of less than a minute is kept for half its life."""
        return self.lifetime - min(REFRESH_EARLY_SECONDS, self.lifetime / 2) - self.age


class TokenRequests:
    """Asks for tokens of one OAuth client, with the same retries and deadlines as any call."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: ClientCredentials,
        *,
        transport: Transport,
        clock: Clock,
        chance: Callable[[], float],
    ) -> None:
        self.client_id = credentials.client_id
        self._credentials = credentials
        self._transport = transport
        self._clock = clock
        self._chance = chance
        self._budget = Budget()
        self._breaker = Breaker()
        self._operation = GUIDE_TOKEN if endpoint.dialect == "guide" else PLATFORM_TOKEN
        self._origin, self._prefix = origin_and_prefix(endpoint.login_url, field="login_url")

    async def fetch(self, *, within: float) -> Grant:
        """Get a token, within so many seconds.

        Raises:
            AuthenticationFailed: the client is unknown, its secret wrong, or its grant another.
            BadAnswer: the answer holds no token.
            NetworkError, DeadlineExceeded, RateLimited: as for any call.
        """
        now = self._clock.monotonic()
        order = Order(
            request=Request(self._operation),
            started=now,
            wall=self._clock.wall(),
            deadline=Deadline.after(within, now=now),
            budget=self._budget,
            breaker=self._breaker,
            chance=self._chance,
        )
        try:
            answer = await call_unlimited(self._transport, self._clock, order, self._outgoing())
        except ApiError as error:
            raise self._explained(error) from None
        return _grant(answer.body)

    def _outgoing(self) -> Outgoing:
        client = self._credentials
        form = {"grant_type": "client_credentials"}
        authorization = None
        if self._operation is GUIDE_TOKEN:
            form |= {
                "client_id": client.client_id,
                "client_secret": client.client_secret.reveal(),
                "scope": " ".join(client.scopes),
            }
        else:
            pair = encode_basic_auth(client.client_id, client.client_secret.reveal(), "utf-8")
            authorization = Secret(pair)
        return Outgoing(
            method="POST",
            origin=self._origin,
            target=self._prefix + self._operation.path,
            headers={"Content-Type": _FORM, "Accept": "application/json"},
            body=urlencode(form).encode(),
            authorization=authorization,
            timeout=0.0,
        )

    def _explained(self, error: ApiError) -> ApiError:
        # The same mistake is documented as 400 and observed as 401.
        if error.status not in {400, 401, 403}:
            return error
        said = message_of(error.body)
        return AuthenticationFailed(
            f"no token for OAuth client {self._credentials.client_id!r}: "
            f"{said or f'answered {error.status}'}",
            status=error.status,
            body=error.body,
            hint="check client id, secret, region and grant type (client credentials): "
            "`tieline doctor`",
            correlation_id=error.correlation_id,
            attempts=error.attempts,
        )


def _grant(body: Json) -> Grant:
    token = body.get("access_token") if isinstance(body, dict) else None
    lifetime = body.get("expires_in") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise BadAnswer("oauth.token: the answer holds no access_token")
    if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or lifetime <= 0:
        raise BadAnswer("oauth.token: the answer holds no usable expires_in")
    scope = body.get("scope")
    scopes = frozenset(scope.split()) if isinstance(scope, str) else None
    return Grant(Secret(token), float(lifetime), scopes)
