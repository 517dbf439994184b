"""An execution on the far side, to be looked at and waited for."""

from dataclasses import dataclass, field, replace
from typing import Any

from tieline.dialects.port import Progress, State, TargetWire
from tieline.errors import Unsupported
from tieline.invocations.outcome import Outcome, Target
from tieline.invocations.pipeline import resume
from tieline.services.performer import Performer, Watch, terms
from tieline.services.session import Session
from tieline.types import Json


@dataclass(frozen=True, slots=True)
class AsyncExecution:
    """One execution as it stood when it was last looked at; `refresh` gives how it stands then.

    `attempts` counts requests written to start it: 0 for one that was started elsewhere.
    `intent_id` is the audit record of its start.
    """

    id: str | None
    status: State
    target: Target
    result: Json = None
    error: Json = None
    attempts: int = 0
    correlation_id: str | None = None
    intent_id: str | None = None
    _session: Session = field(repr=False, compare=False, kw_only=True)
    _wire: TargetWire = field(repr=False, compare=False, kw_only=True)

    @property
    def finished(self) -> bool:
        """True when nothing further will happen to it."""
        return self._progress.finished

    async def wait(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # ends in an outcome, not in an error
        watch: Watch | None = None,
    ) -> Outcome:
        """Follow it to its end; after `timeout` seconds the outcome is `timed_out`.

        It goes on then, and can be waited for again.

        Raises:
            Error: it cannot be looked at (no permission, no such execution).
        """
        steps = resume(
            self._wire,
            self.target,
            self._progress,
            terms(self._session, timeout),
            intent_id=self.intent_id,
            attempts=self.attempts,
            correlation_id=self.correlation_id,
        )
        return await Performer(self._session, self._wire, watch=watch).run(steps)

    async def refresh(self) -> "AsyncExecution":
        """Look at it once.

        Raises:
            NotFound: there is no such execution, or no longer.
            Unsupported: it has no id to look at.
        """
        ask = None if self.id is None else self._wire.follow(self.target.id, self.id)
        if ask is None:
            raise Unsupported(f"this {self.target.kind} is over when it is answered")
        answer = await self._session.calls.call(ask.request, timeout=self._session.timeout)
        seen = ask.read(answer)
        target = replace(self.target, id=self.target.id or seen.target_id or "")
        return replace(self, status=seen.state, target=target, result=seen.result, error=seen.error)

    def to_json(self) -> dict[str, Any]:
        """The document of `flows show` and of `flows launch --no-wait`; keys as an outcome's."""
        return {
            "status": self.status,
            "target": {
                "kind": self.target.kind,
                "id": self.target.id,
                "name": self.target.name,
                "version": self.target.version,
            },
            "execution_id": self.id,
            "result": self.result,
            "error": self.error,
            "attempts": self.attempts,
            "correlation_id": self.correlation_id,
            "audit_id": self.intent_id,
        }

    @property
    def _progress(self) -> Progress:
        return Progress(self.status, self.id, self.result, self.error)
