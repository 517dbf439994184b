"""What the audit log says of one operation: an intent before it, an outcome after it."""

from typing import Any, Literal, NamedTuple

from tieline.types import DialectName, Json

Phase = Literal["intent", "outcome"]


class Record(NamedTuple):
    """One line of the log, before sequence and time are given by the log that appends it.

    `operation` is a catalogue name (`flows.launch`) or a local act (`runs.resolve`).
    `intent_id` ties an outcome to its intent. `input_hmac` is HMAC-SHA-256 over canonical JSON
    under the log's own key, so equal inputs join without being readable. `masked_input`,
    `result` and `error` have passed masking; nothing else may be put there. A named tuple, because
    each invocation makes two: a frozen dataclass of as many fields takes ten times as long.
    """

    phase: Phase
    operation: str
    target_kind: str | None = None
    target_id: str | None = None
    target_version: str | None = None
    dialect: DialectName | None = None
    profile: str | None = None
    actor: str | None = None
    intent_id: str | None = None
    input_hmac: str | None = None
    masked_input: Json = None
    status: str | None = None
    result: Json = None
    error: Json = None
    attempts: int | None = None
    latency_ms: float | None = None
    correlation_id: str | None = None
    trace_id: str | None = None
    execution_id: str | None = None
    compliance_level: str | None = None
    pii_masked: bool = True
    extra: Any = None
