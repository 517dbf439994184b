"""Generated from `src/tieline/services/execution.py` by `make generate`: do not edit."""

from functools import partial
from typing import Any

from tieline.blocking.portal import Portal
from tieline.dialects.port import State
from tieline.invocations.outcome import Outcome, Target
from tieline.services.execution import AsyncExecution
from tieline.services.performer import Watch
from tieline.types import Json


class Execution:
    """One execution as it stood when it was last looked at; `refresh` gives how it stands then.

    `attempts` counts requests written to start it: 0 for one that was started elsewhere.
    `intent_id` is the audit record of its start.
    """

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncExecution, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    @property
    def id(self) -> str | None:
        """See `AsyncExecution`."""
        return self._async.id

    @property
    def status(self) -> State:
        """See `AsyncExecution`."""
        return self._async.status

    @property
    def target(self) -> Target:
        """See `AsyncExecution`."""
        return self._async.target

    @property
    def result(self) -> Json:
        """See `AsyncExecution`."""
        return self._async.result

    @property
    def error(self) -> Json:
        """See `AsyncExecution`."""
        return self._async.error

    @property
    def attempts(self) -> int:
        """See `AsyncExecution`."""
        return self._async.attempts

    @property
    def correlation_id(self) -> str | None:
        """See `AsyncExecution`."""
        return self._async.correlation_id

    @property
    def intent_id(self) -> str | None:
        """See `AsyncExecution`."""
        return self._async.intent_id

    @property
    def finished(self) -> bool:
        """True when nothing further will happen to it."""
        return self._async.finished

    def wait(self, *, timeout: float | None = None, watch: Watch | None = None) -> Outcome:
        """Follow it to its end; after `timeout` seconds the outcome is `timed_out`.

        It goes on then, and can be waited for again.

        Raises:
            Error: it cannot be looked at (no permission, no such execution).
        """
        return self._portal.call(partial(self._async.wait, timeout=timeout, watch=watch))

    def refresh(self) -> "Execution":
        """Look at it once.

        Raises:
            NotFound: there is no such execution, or no longer.
            Unsupported: it has no id to look at.
        """
        return Execution(self._portal.call(self._async.refresh), self._portal)

    def to_json(self) -> dict[str, Any]:
        """The document of `flows show` and of `flows launch --no-wait`; keys as an outcome's."""
        return self._async.to_json()
