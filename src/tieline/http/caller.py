"""The async shell of a call: performs what `tieline.calls.attempts` asks for, decides nothing."""

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tieline.calls.attempts import attempts
from tieline.calls.bodies import encode
from tieline.calls.breaker import Breaker
from tieline.calls.budget import Budget
from tieline.calls.deadline import DEFAULT_TIMEOUT_SECONDS, Deadline
from tieline.calls.operation import Answer, Request
from tieline.calls.order import DEFAULT_RETRIES, Order
from tieline.calls.progress import Progress
from tieline.calls.retry import Attempt, classify
from tieline.clock import Clock, SystemClock
from tieline.errors import InvalidInput, Unsupported
from tieline.http.aiohttp_transport import AiohttpTransport
from tieline.http.credentials import Credentials, Endpoint, origin_and_prefix
from tieline.http.limiter import LimiterStore, MemoryLimiterStore
from tieline.http.meter import Meter
from tieline.http.sending import drive, send_once
from tieline.http.tokens import token_source
from tieline.http.transport import Outgoing, Transport
from tieline.observe.traces import span, trace_headers
from tieline.secret import Secret
from tieline.types import Json

CORRELATION_HEADERS = {"platform": "ININ-Correlation-Id", "guide": "request-id"}
USER_AGENT = "tieline"


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What a caller may ask of every call."""

    timeout: float = DEFAULT_TIMEOUT_SECONDS
    """Seconds for the whole call, waits and retries included."""
    retries: int = DEFAULT_RETRIES
    """Retries after failures; waits for a rate limit and a fresh token do not count."""


class Caller:
    """Makes calls to one endpoint with one set of credentials; safe for any number of tasks.

    Belongs to the event loop of its first call, and to its process: after a fork it refuses.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
        limiter: LimiterStore | None = None,
        token_folder: Path | None = None,
        meter: Meter | None = None,
        options: CallOptions | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Everything left out gets the real thing: sockets, the machine's clock, memory.

        `token_folder` is where this user's processes share tokens; None keeps them in memory.
        `meter` counts requests, retries and waits.
        """
        self.clock = clock or SystemClock()
        self.transport = transport or AiohttpTransport()
        self.limiter = limiter or MemoryLimiterStore(self.clock)
        self.tokens = token_source(
            endpoint,
            credentials,
            transport=self.transport,
            clock=self.clock,
            chance=chance,
            folder=token_folder,
        )
        self.origin, self.prefix = origin_and_prefix(endpoint.base_url, field="base_url")
        self.meter = meter
        self.limit_key = f"{self.origin} {self.tokens.identity}"
        self._options = options or CallOptions()
        self._chance = chance
        self._correlation_header = CORRELATION_HEADERS[endpoint.dialect]
        self._budget = Budget()
        self._breaker = Breaker()
        self._process = os.getpid()
        if meter is not None:
            meter.watch_breaker(self.tokens.identity, lambda: self._breaker.state)

    def with_options(self, *, timeout: float | None = None, retries: int | None = None) -> "Caller":
        """A view with other options that shares connections, token, limits and breaker."""
        view = object.__new__(Caller)
        view.__dict__.update(self.__dict__)
        view._options = replace(
            self._options,
            timeout=self._options.timeout if timeout is None else timeout,
            retries=self._options.retries if retries is None else retries,
        )
        return view

    async def call(
        self,
        request: Request,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # a deadline over waits and retries
        correlation_id: str | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        """Carry a request out, at most once unless its operation is idempotent.

        Ends within `timeout` seconds and a quarter. `progress` is kept up to date for callers
        who must know what a cancelled call has done.

        Raises:
            InvalidInput: the request cannot be written; nothing was sent.
            ApiError: the platform said no.
            OutcomeUnknown: it may have been carried out, and was not sent again.
            NetworkError, DeadlineExceeded, CircuitOpen, RateLimited: it was not carried out.
        """
        if os.getpid() != self._process:
            raise Unsupported(
                "this client was opened before a fork and cannot be used after it",
                hint="open a client in each process",
            )
        progress = progress or Progress()
        progress.correlation_id = correlation_id or _new_id()
        _check_header(self._correlation_header, progress.correlation_id)
        order = self._order(request, timeout, progress)
        conversation = _Conversation(self, order, self._headers(request, progress.correlation_id))
        return await drive(attempts(order), conversation)

    async def aclose(self) -> None:
        """Close connections. Views made by `with_options` are closed with it."""
        await self.transport.aclose()

    def _order(self, request: Request, timeout: float | None, progress: Progress) -> Order:
        now = self.clock.monotonic()
        seconds = self._options.timeout if timeout is None else timeout
        return Order(
            request=request,
            started=now,
            wall=self.clock.wall(),
            deadline=Deadline.after(seconds, now=now),
            budget=self._budget,
            breaker=self._breaker,
            chance=self._chance,
            retries=self._options.retries,
            progress=progress,
        )

    def _headers(self, request: Request, correlation_id: str) -> Mapping[str, str]:
        headers = {
            "Accept": "application/json",
            "User-Agent": USER_AGENT,
            self._correlation_header: correlation_id,
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        for name, value in request.headers.items():
            _check_header(name, value)
            headers[name] = value
        return headers


class _Conversation:
    """One call under way: its order, and what each of its attempts writes."""

    __slots__ = (
        "_authorization", "_caller", "_last", "_operation", "_order", "_outgoing", "clock",
    )  # fmt: skip

    def __init__(self, caller: Caller, order: Order, headers: Mapping[str, str]) -> None:
        request = order.request
        self.clock = caller.clock
        self._caller = caller
        self._order = order
        self._operation = request.operation
        self._authorization: Secret | None = None
        self._last: Attempt | None = None
        self._outgoing = Outgoing(
            method=request.operation.method,
            origin=caller.origin,
            target=caller.prefix + request.target(),
            headers=headers,
            body=None if request.body is None else encode(request.body),
            authorization=None,
            timeout=0.0,
        )

    async def reserve(self, within: float) -> float:
        """Take a place under the rate limit that the client's callers share."""
        caller = self._caller
        wait = await caller.limiter.reserve(caller.limit_key, within=within)
        if caller.meter is not None and 0.0 < wait <= within:
            caller.meter.limiter_wait(caller.tokens.identity, seconds=wait)
        return wait

    async def authorize(self, within: float, *, refresh: bool) -> None:
        """Get the token for the next attempt."""
        self._authorization = await self._caller.tokens.authorization(
            self._operation, refused=self._authorization if refresh else None, within=within
        )

    async def send(self, within: float) -> Attempt:
        """Write the request once, traced and counted."""
        caller, name = self._caller, self._operation.name
        started = caller.clock.monotonic()
        method, origin, target, headers, body, *_ = self._outgoing
        with span("tieline.http.send", operation=name, attempt=self._order.progress.attempts + 1):
            if traced := trace_headers():
                headers = {**headers, **traced}
            outgoing = Outgoing(method, origin, target, headers, body, self._authorization, within)
            attempt = await send_once(
                caller.transport, outgoing, order=self._order, clock=caller.clock
            )
        if caller.meter is not None:
            if self._last is not None:
                caller.meter.retry(name, classify(self._last).word)
            if attempt.written:
                result = attempt.status or classify(attempt).word
                caller.meter.request(name, result, seconds=attempt.at - started)
        self._last = attempt
        return attempt

    async def refused(self, retry_after: float | None, body: Json) -> None:
        """Let the client's other callers know of a 429."""
        caller = self._caller
        await caller.limiter.refused(caller.limit_key, retry_after=retry_after, body=body)


def _new_id() -> str:
    # Shaped as the platform's own ids. It need not be secret, only new; uuid4() costs four times.
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _check_header(name: str, value: str) -> None:
    # A line break would begin a header of the caller's making.
    if not (value.isascii() and value.isprintable()):
        raise InvalidInput(f"header {name}: only printable ASCII can be sent")
