"""Everything the services of one client share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from tieline.calls.deadline import checked_timeout
from tieline.calls.operation import Answer, Request
from tieline.calls.progress import Progress as CallProgress
from tieline.clock import Clock
from tieline.config.profile import Profile
from tieline.dialects.port import Dialect
from tieline.invocations.expiring import Expiring
from tieline.invocations.known import Known
from tieline.invocations.outcome import Outcome
from tieline.invocations.terms import (
    DEFINITION_SECONDS,
    DEFINITIONS_KEPT,
    RESULT_SECONDS,
    RESULTS_KEPT,
)
from tieline.observe.metrics import Metrics
from tieline.services.flights import Flights
from tieline.services.ledgers import Ledgers
from tieline.services.recording.trail import Trail
from tieline.services.shared_limiter import SharedLimiter


class Calls(Protocol):
    """What services need of `tieline.http.caller.Caller`."""

    @property
    def limit_key(self) -> str:
        """Whose rate limit its calls count against: one OAuth client at one place."""
        ...

    async def call(
        self,
        request: Request,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # a deadline over waits and retries
        correlation_id: str | None = None,
        progress: CallProgress | None = None,
    ) -> Answer:
        """Carry a request out, at most once unless its operation is idempotent."""
        ...

    def with_options(self, *, timeout: float | None = None, retries: int | None = None) -> "Calls":
        """A view with other options."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class Presigned(Protocol):
    """What services need of `tieline.http.presigned.PresignedCalls`."""

    async def put(
        self,
        request: Request,
        *,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        timeout: float,  # noqa: ASYNC109  # a deadline over waits and retries
        progress: CallProgress,
    ) -> Answer:
        """Put bytes where the platform said, without its token."""
        ...

    async def get(
        self,
        request: Request,
        *,
        url: str,
        timeout: float,  # noqa: ASYNC109  # a deadline over waits and retries
        progress: CallProgress,
    ) -> Answer:
        """Fetch a text file from where the platform said, without its token."""
        ...


@dataclass(frozen=True, slots=True)
class Memory:
    """What a client remembers between invocations."""

    results: Expiring[Outcome] = field(
        default_factory=lambda: Expiring(capacity=RESULTS_KEPT, ttl_s=RESULT_SECONDS)
    )
    definitions: Expiring[Known] = field(
        default_factory=lambda: Expiring(capacity=DEFINITIONS_KEPT, ttl_s=DEFINITION_SECONDS)
    )
    names: Expiring[tuple[str, ...]] = field(
        default_factory=lambda: Expiring(capacity=DEFINITIONS_KEPT, ttl_s=DEFINITION_SECONDS)
    )
    flights: Flights = field(default_factory=Flights)


@dataclass(frozen=True, slots=True)
class Session:
    """Shared by the services of a client and of its views; `timeout` is the default deadline."""

    profile: Profile
    dialect: Dialect
    calls: Calls
    trail: Trail
    metrics: Metrics
    clock: Clock
    timeout: float
    memory: Memory = field(default_factory=Memory)
    limiter: SharedLimiter | None = None
    ledgers: Ledgers = field(default_factory=Ledgers)
    presigned: Presigned | None = None

    def with_options(
        self, *, timeout: float | None = None, retries: int | None = None
    ) -> "Session":
        """A session that shares everything but the default deadline and the number of retries."""
        return replace(
            self,
            calls=self.calls.with_options(timeout=timeout, retries=retries),
            timeout=self.timeout if timeout is None else checked_timeout(timeout),
        )

    async def aclose(self) -> None:
        """Make the audit log durable and close connections, for all views of it."""
        try:
            await self.ledgers.aclose()
            if self.limiter is not None:
                await self.limiter.aclose()
            await self.trail.aclose()
        finally:
            await self.calls.aclose()
