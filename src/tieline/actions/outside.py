"""The outside service a handler works with: one pooled client, the guides' headers and time-outs.

Retries follow the same truth table as every call of Tieline: what certainly was not carried out is
tried again; what may have been is tried again only for an operation named in `retry_on`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tieline.actions.definition import Action
from tieline.calls.operation import Operation, Request
from tieline.clock import Clock, SystemClock
from tieline.http.aiohttp_transport import AiohttpTransport
from tieline.http.caller import Caller, CallOptions
from tieline.http.credentials import Endpoint, SuppliedToken
from tieline.http.limiter import MemoryLimiterStore
from tieline.http.transport import Timeouts, Transport
from tieline.secret import Secret
from tieline.types import Json, JsonObject

HEADERS = {"X-Request-Source": "genesys-data-action"}
TIMEOUTS = Timeouts(connect=5.0, read=15.0, pool=5.0)
# The guides' client-side limit, 100 requests a second; it spares the service, not us.
REQUESTS_PER_MINUTE = 6_000
# The guides try three times in all.
RETRIES = 2


class OutsideService:
    """One service, shared by all calls of a process; it keeps the breaker and the limiter."""

    def __init__(
        self,
        base_url: str,
        key: Secret,
        *,
        clock: Clock | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self._caller = Caller(
            Endpoint("guide", base_url.rstrip("/"), base_url.rstrip("/")),
            SuppliedToken(key),
            transport=transport or AiohttpTransport(timeouts=TIMEOUTS),
            clock=self.clock,
            limiter=MemoryLimiterStore(self.clock, per_minute=REQUESTS_PER_MINUTE),
            options=CallOptions(retries=RETRIES),
        )

    def during(self, action: Action, *, trace_id: str, deadline: float) -> "OutsideCalls":
        """Make the view that one call of an action works with."""
        return OutsideCalls(self, action.retry_on, trace_id, deadline)

    async def call(
        self, operation: Operation, path: Mapping[str, str], body: JsonObject, *,
        trace_id: str, timeout: float,  # noqa: ASYNC109  # a deadline over waits and retries
    ) -> Json:  # fmt: skip
        """Carry one request out; see `OutsideCalls.post`."""
        request = Request(operation, path=path, body=body, headers=HEADERS)
        answer = await self._caller.call(request, timeout=timeout, correlation_id=trace_id)
        return answer.body

    async def aclose(self) -> None:
        """Close the connections."""
        await self._caller.aclose()


@dataclass(frozen=True, slots=True)
class OutsideCalls:
    """The outside service as one handler call sees it: its own deadline, trace id and retries."""

    service: OutsideService
    retry_on: frozenset[str]
    trace_id: str
    deadline: float  # seconds of the service's clock

    async def post(self, path: str, body: JsonObject, *, operation: str, **parameters: str) -> Json:
        """Send a body and return the answer's, parsed.

        Args:
            path: a template such as `/api/v1/operations/{kind}`.
            body: a JSON object.
            operation: the kind of work; one named in the action's `retry_on` may be repeated.
            parameters: the template's places; a value can never add a segment to the path.

        Raises:
            OutcomeUnknown: it may have been carried out, and may not be repeated.
            ApiError: the service refused it.
            NetworkError, DeadlineExceeded, CircuitOpen: it was not carried out.
        """
        described = Operation(
            f"outside.{operation}", "POST", path, idempotent=operation in self.retry_on,
            dialect="guide",
        )  # fmt: skip
        remaining = max(0.0, self.deadline - self.service.clock.monotonic())
        return await self.service.call(
            described, parameters, body, trace_id=self.trace_id, timeout=remaining
        )
