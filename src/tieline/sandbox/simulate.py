"""Custom code without a network: register a callable, post executions, get their statuses.

Time is a `Clock`'s: with a `JumpingClock` an execution that takes a minute takes no time. The
statuses are those of the guides' custom code, and each is a function of the time that has passed:

    posted ──queue_s──▶ running ──the code's duration, at most its timeout──▶ ended
"""

import inspect
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tieline.clock import Clock
from tieline.contracts.validation import Schema
from tieline.errors import InvalidInput, LimitExceeded, NotFound
from tieline.sandbox.limits import Limits, Tier
from tieline.sandbox.sandbox import Sandbox
from tieline.types import Json, JsonObject

ExecutionStatus = Literal["queued", "running", "completed", "failed", "timed_out"]

_MISSING = 404
# What a caller needs when it does not say, as the guides have it.
_USUAL_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDefinition:
    """What the platform knows about a piece of custom code.

    `inputs` maps each input's name to its JSON Schema; all are optional unless `required` names
    them, and no others are accepted. `timeout_s` and `memory_mb` are its sandbox's limits.
    """

    id: str
    inputs: Mapping[str, JsonObject]
    required: tuple[str, ...] = ()
    timeout_s: float = 60.0
    memory_mb: int = 256
    allowed_packages: tuple[str, ...] | None = None

    def schema(self) -> Schema:
        """The schema of all inputs together."""
        document: dict[str, Any] = {
            "type": "object",
            "properties": {name: dict(schema) for name, schema in self.inputs.items()},
            "additionalProperties": False,
        }
        if self.required:
            document["required"] = list(self.required)
        return Schema(document)


@dataclass(frozen=True, slots=True)
class _Ended:
    status: ExecutionStatus
    took_s: float
    result: Json = None
    error: Mapping[str, Any] | None = None


@dataclass(slots=True)
class _Registered:
    definition: CodeDefinition
    schema: Schema
    perform: Callable[[JsonObject, float], Awaitable[_Ended]]


@dataclass(slots=True)
class _Execution:
    posted_at: float
    ended: _Ended
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class SimulatedCustomCode:
    """The guides' post and get of custom code, in this process and on a clock of yours."""

    def __init__(self, clock: Clock, *, queue_s: float = 0.5) -> None:
        """`queue_s` is how long an execution stays queued."""
        self._clock, self._queue_s = clock, queue_s
        self._registered: dict[str, _Registered] = {}
        self._executions: dict[str, _Execution] = {}

    def register(
        self, definition: CodeDefinition, code: Callable[..., Any], *, takes_s: float = 1.0
    ) -> None:
        """Run a callable of ours, not isolated: its parameters are the inputs, it may be async.

        `takes_s` is how long it shall seem to run; longer than its time-out ends it `timed_out`.
        """

        async def perform(inputs: JsonObject, timeout_s: float) -> _Ended:
            if takes_s > timeout_s:
                return _over_time(timeout_s)
            try:
                answer = code(**inputs)
                result = await answer if inspect.isawaitable(answer) else answer
            except Exception as exc:  # noqa: BLE001  # whatever it raises is its outcome
                error = {"type": type(exc).__name__, "message": str(exc)}
                return _Ended("failed", takes_s, error=error)
            return _Ended("completed", takes_s, result=result)

        self._add(definition, perform)

    def register_isolated(
        self,
        definition: CodeDefinition,
        path: str | Path,
        *,
        sandbox: Sandbox,
        handler: str | None = None,
        tier: Tier | None = None,
    ) -> None:
        """Run code from disk in the sandbox, with the definition's limits and packages.

        It runs when posted, and seems to take as long as it really did.
        """

        async def perform(inputs: JsonObject, timeout_s: float) -> _Ended:
            ended = await sandbox.run(
                path,
                dict(inputs),
                handler=handler,
                tier=tier,
                limits=Limits(wall_s=timeout_s, memory_mb=definition.memory_mb),
                allowed_packages=definition.allowed_packages,
            )
            error = None if ended.error is None else {"reason": ended.reason, **ended.error}
            return _Ended(ended.status, ended.duration_ms / 1000, ended.result, error)

        self._add(definition, perform)

    async def post(
        self,
        custom_code_id: str,
        inputs: JsonObject,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # a field of the guides' POST, no wait
    ) -> dict[str, Any]:
        """Start an execution; the answer of the guides' POST: `{"id", "status": "queued"}`.

        Args:
            custom_code_id: a registered definition's id.
            inputs: checked against the definition's schema.
            timeout: seconds the caller needs; None means 30, or the definition's where that is
                less.

        Raises:
            NotFound: no such definition.
            InvalidInput: the inputs break the schema; every violation is in `details`.
            LimitExceeded: the definition's time-out is shorter than the caller needs.
        """
        registered = self._registered.get(custom_code_id)
        if registered is None:
            raise NotFound(f"there is no custom code {custom_code_id}", status=_MISSING)
        registered.schema.check(inputs, what="inputs")
        most = registered.definition.timeout_s
        wanted = min(_USUAL_TIMEOUT_S, most) if timeout is None else timeout
        if wanted > most:
            raise LimitExceeded(
                f"{custom_code_id} is ended after {most:g} s, and {wanted:g} s are needed",
                hint="raise the definition's sandbox timeout, or ask for less",
            )
        execution = _Execution(self._clock.monotonic(), await registered.perform(inputs, wanted))
        self._executions[execution.id] = execution
        return {"id": execution.id, "status": "queued"}

    async def get(self, execution_id: str) -> dict[str, Any]:
        """The guides' GET: `{"id", "status", "result", "error"}` as of the clock's time.

        Raises:
            NotFound: no such execution.
        """
        execution = self._executions.get(execution_id)
        if execution is None:
            raise NotFound(f"there is no execution {execution_id}", status=_MISSING)
        ended = execution.ended
        elapsed = self._clock.monotonic() - execution.posted_at
        status = _status_at(elapsed, queue_s=self._queue_s, ended=ended)
        over = status == ended.status
        return {
            "id": execution.id,
            "status": status,
            "result": ended.result if over else None,
            "error": ended.error if over else None,
        }

    def _add(
        self, definition: CodeDefinition, perform: Callable[[JsonObject, float], Awaitable[_Ended]]
    ) -> None:
        if definition.id in self._registered:
            raise InvalidInput(f"custom code {definition.id} is registered already")
        self._registered[definition.id] = _Registered(definition, definition.schema(), perform)


def _status_at(elapsed_s: float, *, queue_s: float, ended: _Ended) -> ExecutionStatus:
    if elapsed_s < queue_s:
        return "queued"
    return "running" if elapsed_s < queue_s + ended.took_s else ended.status


def _over_time(timeout_s: float) -> _Ended:
    message = f"it was still running after {timeout_s:g} s, its sandbox's timeout"
    return _Ended("timed_out", timeout_s, error={"type": "TimedOut", "message": message})
