"""No change leaves without a record of it: checked at the one door that every call goes through."""

from tieline.calls.operation import Answer, Request
from tieline.calls.progress import Progress
from tieline.services.recording.trail import Trail
from tieline.services.session import Calls


class AccountedCalls:
    """Calls that refuse a mutating operation whose intent is not in the audit log.

    A service that forgot the intent fails in its first test instead of changing something unseen.
    """

    def __init__(self, calls: Calls, trail: Trail) -> None:
        self._calls = calls
        self._trail = trail

    @property
    def limit_key(self) -> str:
        """See `Calls.limit_key`."""
        return self._calls.limit_key

    async def call(
        self,
        request: Request,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # a deadline over waits and retries
        correlation_id: str | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        """See `Calls.call`.

        Raises:
            RuntimeError: a change without an intent; a mistake in the service that asks.
        """
        operation = request.operation
        if operation.mutating and not self._trail.accounts_for(operation):
            raise RuntimeError(f"{operation.name} was to be sent without an intent in the log")
        return await self._calls.call(
            request, timeout=timeout, correlation_id=correlation_id, progress=progress
        )

    def with_options(
        self, *, timeout: float | None = None, retries: int | None = None
    ) -> "AccountedCalls":
        """See `Calls.with_options`."""
        return AccountedCalls(
            self._calls.with_options(timeout=timeout, retries=retries), self._trail
        )

    async def aclose(self) -> None:
        """See `Calls.aclose`."""
        await self._calls.aclose()
