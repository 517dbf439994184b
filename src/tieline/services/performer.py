"""The async shell of invocations: performs what the pipeline asks for, decides nothing."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import anyio

from tieline.calls.deadline import checked_timeout
from tieline.calls.operation import Answer, Request
from tieline.calls.progress import Progress as CallProgress
from tieline.dialects.port import Progress, TargetWire
from tieline.errors import Error
from tieline.invocations.effects import (
    Conclude,
    Define,
    Effect,
    Find,
    Intend,
    Look,
    NoteRefused,
    NoteRunning,
    Recall,
    Remember,
    Reply,
    Report,
    Start,
    Steps,
    Wait,
)
from tieline.invocations.known import Known
from tieline.invocations.outcome import Outcome, Target
from tieline.invocations.terms import Terms
from tieline.observe.traces import span
from tieline.services.recording.trail import LAST_WORDS_SECONDS
from tieline.services.session import Session

R = TypeVar("R")
Watch = Callable[[Progress, float], None]
"""Called on the event loop with every look at an execution, and the seconds since its start."""


@dataclass(slots=True)
class _Open:
    """An intent whose outcome is not recorded yet."""

    target: Target
    intent_id: str
    call: CallProgress


class Performer:
    """Performs one invocation; made for it and thrown away."""

    def __init__(self, session: Session, wire: TargetWire, *, watch: Watch | None = None) -> None:
        self._session = session
        self._wire = wire
        self._watch = watch
        self._open: _Open | None = None
        self._leads: str | None = None
        self._known: Known | None = None

    async def run(self, steps: Steps[R]) -> R:
        """Drive the pipeline to its end; cancelled, it records what it knows and lets go."""
        ended: R | None = None
        try:
            effect = next(steps)
            while True:
                effect = steps.send(await self._reply(effect))
        except StopIteration as stop:
            ended = stop.value
            return stop.value  # type: ignore[no-any-return]  # a generator's return value is Any
        except anyio.get_cancelled_exc_class():
            await self._last_words()
            raise
        finally:
            steps.close()
            if self._leads is not None:
                outcome = _own(ended) if isinstance(ended, Outcome) else None
                self._session.memory.flights.land(self._leads, outcome)

    async def _reply(self, effect: Effect) -> Reply:
        clock = self._session.clock
        phase = f"tieline.invocations.{type(effect).__name__.lower()}"
        try:
            with span(phase, kind=self._wire.kind):
                value = await self._perform(effect)
        except Error as error:
            return Reply(clock.monotonic(), error=error)
        return Reply(clock.monotonic(), value)

    async def _perform(self, effect: Effect) -> Any:
        match effect:
            case Define():
                return await self._define(effect)
            case Find():
                return await self._find(effect)
            case Recall(key, deadline):
                return await self._recall(key, within=self._left(deadline))
            case Intend():
                return await self._intend(effect)
            case Start():
                return await self._start(effect)
            case Look(ask, deadline):
                answer = await self._call(ask.request, deadline)
                return ask.read(answer)
            case Wait() | Report():
                return await self._meanwhile(effect)
            case NoteRunning() | NoteRefused() | Conclude():
                return await self._record(effect)
            case Remember(key, outcome):
                now = self._session.clock.monotonic()
                return self._session.memory.results.put(key, _own(outcome), now=now)

    async def _meanwhile(self, effect: Wait | Report) -> None:
        match effect:
            case Wait(seconds):
                await self._session.clock.sleep(seconds)
            case Report(progress, elapsed_s):
                if self._watch is not None:
                    self._watch(progress, elapsed_s)

    async def _define(self, effect: Define) -> Known:
        memory, clock = self._session.memory.definitions, self._session.clock
        key = f"{self._wire.kind} {effect.ask.request.target()}"
        known = memory.get(key, now=clock.monotonic())
        if known is None:
            answer = await self._call(effect.ask.request, effect.deadline)
            known = Known.of(effect.ask.read(answer))
            memory.put(key, known, now=clock.monotonic())
        self._known = known
        return known

    async def _find(self, effect: Find) -> tuple[str, ...]:
        memory, clock = self._session.memory.names, self._session.clock
        key = effect.ask.request.target()
        found = memory.get(key, now=clock.monotonic())
        if found is None:
            found = effect.ask.read(await self._call(effect.ask.request, effect.deadline))
            memory.put(key, found, now=clock.monotonic())
        return found

    async def _recall(self, key: str, *, within: float) -> Outcome | None:
        memory = self._session.memory
        found = memory.results.get(key, now=self._session.clock.monotonic())
        if found is not None:
            return _own(found)
        shared = await memory.flights.join(key, within=within)
        if shared is None:
            self._leads = key
            return None
        return _own(shared)

    async def _intend(self, effect: Intend) -> str:
        operation = self._wire.start_operation
        value = dict(effect.order.input)
        known = () if self._known is None else self._known.personal_input
        intent_id = await self._session.trail.intent(
            operation, effect.target, value, declared=(*effect.order.personal, *known)
        )
        self._open = _Open(effect.target, intent_id, CallProgress())
        return intent_id

    async def _start(self, effect: Start) -> Answer:
        progress = None if self._open is None else self._open.call
        within = self._left(effect.deadline)
        return await self._session.calls.call(effect.ask.request, timeout=within, progress=progress)

    async def _record(self, effect: NoteRunning | NoteRefused | Conclude) -> Outcome | None:
        self._open = None
        trail, operation = self._session.trail, self._wire.start_operation
        match effect:
            case NoteRunning():
                await trail.outcome(
                    operation,
                    effect.target,
                    status="running",
                    intent_id=effect.intent_id,
                    execution_id=effect.execution_id,
                    attempts=effect.attempts,
                    correlation_id=effect.correlation_id,
                    latency_ms=effect.latency_ms,
                )
            case NoteRefused(target, intent_id, error, latency_ms):
                await trail.refused(
                    operation, target, intent_id=intent_id, error=error, latency_ms=latency_ms
                )
            case Conclude(outcome, intent_id):
                return await self._conclude(outcome, intent_id)
        return None

    async def _conclude(self, outcome: Outcome, intent_id: str | None) -> Outcome:
        metrics, target = self._session.metrics, outcome.target
        if outcome.cached:
            metrics.cache_hit(target.kind, target.id)
        else:
            seconds = outcome.latency_ms / 1000
            metrics.invocation(target.kind, target.id, outcome.status, seconds=seconds)
        audit_id = await self._session.trail.outcome(
            self._wire.start_operation,
            target,
            status=outcome.status,
            intent_id=intent_id,
            result=outcome.result,
            declared=() if self._known is None else self._known.personal_output,
            error=outcome.error,
            execution_id=outcome.execution_id,
            attempts=outcome.attempts,
            latency_ms=outcome.latency_ms,
            correlation_id=outcome.correlation_id,
            extra={"cached": True} if outcome.cached else None,
        )
        return replace(outcome, audit_id=audit_id)

    async def _last_words(self) -> None:
        """Cancelled between intent and answer: record whether it may have been carried out."""
        if self._open is None:
            return
        left, self._open = self._open, None
        with anyio.move_on_after(LAST_WORDS_SECONDS, shield=True):
            await self._session.trail.outcome(
                self._wire.start_operation,
                left.target,
                status="uncertain" if left.call.uncertain else "refused",
                intent_id=left.intent_id,
                error={"code": "INTERRUPTED", "message": "the invocation was interrupted"},
                attempts=left.call.attempts,
                correlation_id=left.call.correlation_id,
            )

    async def _call(self, request: Request, deadline: float) -> Answer:
        return await self._session.calls.call(request, timeout=self._left(deadline))

    def _left(self, deadline: float) -> float:
        return deadline - self._session.clock.monotonic()


def _own(outcome: Outcome) -> Outcome:
    # A result is plain dicts and lists: what its receiver changes in it must stay with him.
    return replace(outcome, result=deepcopy(outcome.result))


def terms(session: Session, timeout: float | None, *, reuse: bool = False) -> Terms:
    """Terms that start at this moment, with the session's deadline unless one is given.

    Raises:
        InvalidInput: the timeout is no number of seconds above 0.
    """
    seconds = session.timeout if timeout is None else checked_timeout(timeout)
    return Terms(session.clock.monotonic(), seconds, reuse=reuse)
