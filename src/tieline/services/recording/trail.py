"""What a service writes to the audit log: masked, with its ids, an intent before every change."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import anyio

from tieline.audit.declared import Path
from tieline.audit.masking import Masker
from tieline.audit.record import Record
from tieline.audit.sink import AuditSink
from tieline.calls.event_catalogue import DeploymentEnded, Told
from tieline.calls.operation import Operation
from tieline.errors import Error, StoreUnavailable
from tieline.observe.logs import logger
from tieline.observe.traces import current_trace_id
from tieline.types import AuditPolicy, Json

# A cancelled call still writes down what it knows; that takes one group commit.
LAST_WORDS_SECONDS = 1.0

_log = logger("services")

# Begins the id of an intent that is in no log; no log's ids begin so.
UNRECORDED = "unrecorded-"


class MaskingSink(AuditSink, Protocol):
    """An audit log that also masks, so that pseudonyms and fingerprints join."""

    def masker(self) -> Masker:
        """The masker under this log's key."""
        ...


class Announce(Protocol):
    """Who is told of outcomes once they are on record."""

    def outcome(self, record: Record, audit_id: str) -> None:
        """Keep what is to be told; must not fail."""
        ...

    def tell(self, event: Told) -> None:
        """Keep an event; must not fail."""
        ...

    async def aclose(self) -> None:
        """Tell what can be told soon."""
        ...


class SubjectLike(Protocol):
    """What is acted on: an invocation's `Target`, or anything else with a kind and an id."""

    @property
    def kind(self) -> str:
        """One word."""
        ...

    @property
    def id(self) -> str:
        """Its id, or the name it will have."""
        ...

    @property
    def version(self) -> str | None:
        """Its version, where it has one."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in words for an auditor: the profile, and the OAuth client."""

    profile: str
    client: str


class Trail:
    """The audit log as services write it; opened when something is first written."""

    def __init__(
        self,
        open_log: Callable[[], Awaitable[MaskingSink]],
        actor: Actor,
        *,
        announce: Announce | None = None,
        policy: AuditPolicy = "required",
    ) -> None:
        """`announce` is told of each outcome that is on record."""
        self._open_log = open_log
        self._actor = actor
        self._policy = policy
        self._unrecorded = 0
        self._announce = announce
        self._intents: dict[str, str] = {}  # id → operation, while there is no outcome
        self._opening = anyio.Lock()
        self._opened: tuple[MaskingSink, Masker] | None = None

    async def fingerprint(self, value: Json) -> str:
        """What `intent` records of an input, so that records of an equal one can be found."""
        log, _ = await self._log()
        return log.fingerprint(value)

    async def intent(
        self,
        operation: Operation,
        target: SubjectLike,
        value: Json,
        *,
        declared: Sequence[Path] = (),
    ) -> str:
        """Make durable what is about to be sent, and return the record's id.

        `declared` are the fields of `value` that a model or contract marks as personal.

        Where the profile says `audit = "best-effort"`, what cannot be recorded is warned of, and
        goes on under an id that stands in no log.

        Raises:
            StoreUnavailable: it is not durable; nothing may be sent.
        """
        try:
            log, masker = self._opened or await self._log()
            intent_id = await log.append(
                self._record(
                    "intent",
                    operation,
                    target,
                    input_hmac=log.fingerprint(value),
                    masked_input=masker.mask(value, declared=declared),
                )
            )
        except StoreUnavailable as exc:
            if self._policy == "required":
                raise
            self._unrecorded += 1
            intent_id = f"{UNRECORDED}{self._unrecorded}"
            _log.warning("sent without an audit record", operation=operation.name,
                         target_id=target.id, reason=exc.message)  # fmt: skip
        self._intents[intent_id] = operation.name
        return intent_id

    def accounts_for(self, operation: Operation) -> bool:
        """True while an intent of this operation is on record and its outcome is not."""
        return operation.name in self._intents.values()

    async def outcome(
        self,
        operation: Operation,
        target: SubjectLike,
        *,
        status: str,
        intent_id: str | None,
        result: Json = None,
        declared: Sequence[Path] = (),
        error: Json = None,
        execution_id: str | None = None,
        attempts: int | None = None,
        latency_ms: float | None = None,
        correlation_id: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> str | None:
        """Record what became of it; None where that is not durable, which is logged.

        `declared` are the fields of `result` that a contract marks as personal.

        A change that was made is not unmade by a full disk: its result still goes to the caller.
        """
        self._intents.pop(intent_id or "", None)
        try:
            log, masker = self._opened or await self._log()
            record = self._record(
                "outcome",
                operation,
                target,
                intent_id=None if (intent_id or "").startswith(UNRECORDED) else intent_id,
                status=status,
                result=masker.mask(result, declared=declared),
                error=masker.mask(error),
                execution_id=execution_id,
                attempts=attempts,
                latency_ms=latency_ms,
                correlation_id=correlation_id,
                extra=extra,
            )
            audit_id = await log.append(record)
        except StoreUnavailable as exc:
            _log.error(  # the reason is in the message; a traceback says no more
                "the outcome of an invocation could not be recorded",
                operation=operation.name,
                target_id=target.id,
                status=status,
                reason=exc.message,
            )
            return None
        if self._announce is not None:
            self._announce.outcome(record, audit_id)
        return audit_id

    async def refused(
        self,
        operation: Operation,
        target: SubjectLike,
        *,
        intent_id: str,
        error: Error,
        latency_ms: float | None = None,
    ) -> None:
        """Record that an intent was certainly not carried out."""
        await self.outcome(
            operation,
            target,
            status="refused",
            intent_id=intent_id,
            error={"code": error.error_code, "message": error.message},
            attempts=error.attempts,
            correlation_id=error.correlation_id,
            latency_ms=latency_ms,
        )

    async def tell_deployment(self, event: DeploymentEnded, error: Error | None) -> None:
        """Tell how a deployment ended, and why, where anybody is told of anything."""
        if self._announce is None:
            return
        if error is not None:
            reason = {"code": error.error_code, "message": error.message}
            event = replace(event, error=(await self.masker()).mask(reason))
        self._announce.tell(event)

    async def aclose(self) -> None:
        """Release the log, if it was opened."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened[0].aclose()
            if self._announce is not None:
                await self._announce.aclose()

    async def masker(self) -> Masker:
        """The masker under the log's key, so that what is masked elsewhere joins with the log."""
        return (await self._log())[1]

    async def _log(self) -> tuple[MaskingSink, Masker]:
        if self._opened is None:
            async with self._opening:
                if self._opened is None:
                    log = await self._open_log()
                    self._opened = (log, log.masker())
        return self._opened

    def _record(
        self, phase: Any, operation: Operation, target: SubjectLike, **members: Any
    ) -> Record:
        return Record(
            phase=phase,
            operation=operation.name,
            target_kind=target.kind,
            target_id=target.id,
            target_version=target.version,
            dialect=operation.dialect,
            profile=self._actor.profile,
            actor=self._actor.client,
            trace_id=current_trace_id(),
            **members,
        )
