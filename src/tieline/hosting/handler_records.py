"""What the audit log says of a hosted action: an intent before the handler runs, and its end."""

from tieline.actions.definition import Action
from tieline.actions.running import Carried
from tieline.audit.record import Phase, Record
from tieline.contracts.strict_json import parse_json
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.observe.logs import logger
from tieline.services.recording.trail import MaskingSink
from tieline.types import Json

OPERATION = "actions.handle"

_log = logger("hosting")


class HandlerRecords:
    """Writes guide 1's facts: version, input fingerprint, status, trace id, latency, level."""

    def __init__(self, log: MaskingSink) -> None:
        self._log = log
        self._masker = log.masker()

    async def intent(self, action: Action, body: bytes, *, trace_id: str) -> str:
        """Make durable what is about to run, with a fingerprint of its input, and nothing of it.

        Raises:
            StoreUnavailable: it is not durable; the handler must not run.
        """
        return await self._log.append(
            self._record("intent", action, trace_id, input_hmac=self._log.fingerprint(_value(body)))
        )

    async def outcome(
        self, action: Action, carried: Carried, *, intent: str | None, trace_id: str,
        latency_ms: float,
    ) -> None:  # fmt: skip
        """Record how it ended. What was done is not undone by a full disk: that is logged."""
        try:
            await self._log.append(
                self._record(
                    "outcome",
                    action,
                    trace_id,
                    intent_id=intent,
                    status=carried.ended,
                    error=self._masker.mask(carried.error),
                    latency_ms=round(latency_ms, 3),
                )
            )
        except StoreUnavailable as exc:
            _log.exception("a handler's end was not recorded", trace_id=trace_id, code=exc.code)

    def _record(self, phase: Phase, action: Action, trace_id: str, **members: Json) -> Record:
        return Record(
            phase=phase,
            operation=OPERATION,
            target_kind="action",
            target_id=action.name,
            target_version=action.version,
            trace_id=trace_id,
            compliance_level=action.compliance_level,
            **members,
        )


def _value(body: bytes) -> Json:
    """The input as JSON; a body that is none is fingerprinted as text."""
    try:
        return parse_json(body)
    except InvalidInput:
        return body.decode("utf-8", "replace")
