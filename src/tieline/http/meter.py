"""The port through which a caller counts what it does; `observe.metrics.Metrics` is one."""

from collections.abc import Callable
from typing import Protocol


class Meter(Protocol):
    """Counters of calls; cheap, and never failing."""

    def request(self, operation: str, result: int | str, *, seconds: float) -> None:
        """One written request: its HTTP status, or a word of `calls.retry.Seen` without one."""
        ...

    def retry(self, operation: str, reason: str) -> None:
        """One repeat, and the word of `calls.retry.Seen` that caused it."""
        ...

    def watch_breaker(self, client: str, state: Callable[[], str]) -> None:
        """Where to look for the state of one client's circuit breaker."""
        ...

    def limiter_wait(self, client: str, *, seconds: float) -> None:
        """A wait for the rate limit of one OAuth client."""
        ...
