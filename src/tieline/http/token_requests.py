"""The request for a token, in both dialects."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import encode_basic_auth

from tieline.calls.attempts import attempts
from tieline.calls.breaker import Breaker
from tieline.calls.budget import Budget
from tieline.calls.deadline import Deadline
from tieline.calls.operation import Operation, Request
from tieline.calls.order import Order
from tieline.calls.refusals import message_of
from tieline.calls.retry import Attempt
from tieline.clock import Clock
from tieline.errors import ApiError, AuthenticationFailed, BadAnswer
from tieline.http.credentials import ClientCredentials, Endpoint, origin_and_prefix
from tieline.http.sending import drive, send_once
from tieline.http.transport import Outgoing, Transport
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
        request = _TokenRequest(self._transport, self._clock, order, self._outgoing())
        try:
            answer = await drive(attempts(order), request)
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
        # The platform says 400 or 401 for the same mistake (spec/platform.md, 1.2).
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


class _TokenRequest:
    """A call that needs no token, and has no limit of ours."""

    __slots__ = ("_order", "_outgoing", "_transport", "clock")

    def __init__(
        self, transport: Transport, clock: Clock, order: Order, outgoing: Outgoing
    ) -> None:
        self.clock = clock
        self._transport = transport
        self._order = order
        self._outgoing = outgoing

    async def reserve(self, within: float) -> float:
        del within
        return 0.0

    async def authorize(self, within: float, *, refresh: bool) -> None:
        pass

    async def send(self, within: float) -> Attempt:
        outgoing = self._outgoing._replace(timeout=within)
        return await send_once(self._transport, outgoing, order=self._order, clock=self.clock)

    async def refused(self, retry_after: float | None, body: Json) -> None:
        pass


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
