"""The audit log as a page shows it: head, health, records, proofs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tieline.audit.checkpoint import parse_checkpoint, parse_note
from tieline.audit.merkle import leaf_hash
from tieline.audit.query import Query
from tieline.dashboard.showing import document, milliseconds, moment, record_time, visible
from tieline.services.state_reading.audit import LogHead, Pair, Proven
from tieline.services.state_reading.verifying import Health

MOST_PROBLEMS = 50
# Those of the log's own members that stand in a table of their own above the document.
_FACTS = (
    ("operation", "operation"), ("target_kind", "target"), ("target_id", "target id"),
    ("target_version", "version"), ("status", "status"), ("attempts", "attempts"),
    ("actor", "actor"), ("profile", "profile"), ("dialect", "dialect"),
    ("correlation_id", "correlation id"), ("execution_id", "execution id"),
    ("trace_id", "trace id"), ("input_hmac", "input HMAC"), ("code_version", "written by version"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeadView:
    """Where the log stands."""

    log_id: str
    records: int
    signed: int
    unsigned: int
    root: str
    last_time: str
    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class HealthView:
    """What the last verification found, in words; `tone` is a status word of the style sheet."""

    word: str
    tone: str
    told: str
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in a list."""

    seq: int
    time: str
    phase: str
    operation: str
    kind: str
    target: str
    status: str
    attempts: str
    latency: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record in full, masked as it was written."""

    row: RecordRow
    facts: Sequence[tuple[str, str]]
    text: str


@dataclass(frozen=True, slots=True)
class PairView:
    """A record, its intent and its outcomes; `told` says what their being there or not means."""

    record: RecordView
    intent: RecordView | None
    outcomes: Sequence[RecordView]
    told: str


@dataclass(frozen=True, slots=True)
class ProofView:
    """What proves a record: its leaf, the hashes up to the root, and who signed the root."""

    verdict: str
    tone: str
    record: int
    size: int
    leaf: str
    path: Sequence[str]
    root: str
    signer: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for, as text for the form; `problem` says what of it cannot be."""

    values: Mapping[str, str] = field(default_factory=dict)
    query: Query = field(default_factory=Query)
    below: int | None = None
    problem: str = ""


SEARCH_FIELDS = ("id", "target", "status", "operation", "since", "until")
_LONGEST_TERM = 300


def read_search(parameters: Mapping[str, str]) -> Search:
    """The query of a form; times are RFC 3339 or their beginning, a date alone for instance."""
    values = {name: parameters.get(name, "").strip() for name in SEARCH_FIELDS}
    long = [name for name, value in values.items() if len(value) > _LONGEST_TERM]
    if long:
        return Search(problem=f"{long[0]}: longer than {_LONGEST_TERM} characters")
    below = parameters.get("below", "")
    return Search(
        values,
        Query(
            id=values["id"] or None,
            target=values["target"] or None,
            status=values["status"] or None,
            operation=values["operation"] or None,
            since=values["since"] or None,
            until=values["until"] or None,
        ),
        int(below) if below.isascii() and below.isdigit() and len(below) < 19 else None,  # noqa: PLR2004  # fits 64 bits
    )


def head_view(head: LogHead) -> HeadView:
    """Where the log stands."""
    signed = 0 if head.checkpoint is None else head.checkpoint.size
    return HeadView(
        log_id=visible(head.log_id),
        records=head.records,
        signed=signed,
        unsigned=head.records - signed,
        root="" if head.checkpoint is None else head.checkpoint.root.hex(),
        last_time="" if head.last_time is None else record_time(head.last_time),
        keys=[visible(key) for key in head.keys],
    )


def health_view(health: Health) -> HealthView:
    """The last verification in words."""
    found = health.found
    match health.state:
        case "not yet":
            return HealthView("verifying", "sent", "The whole log is being read, once.")
        case "no log":
            return HealthView("no log", "pending", "")
        case "unreadable":
            return HealthView("cannot be verified", "failed", visible(health.message, most=400))
    assert found is not None  # noqa: S101  # the two states left have it
    what = f"{found.size:,} signed records in {_counted(found.segments, 'segment')}"
    when = f"at {moment(health.at)} UTC"
    if health.state == "intact":
        since = f", the first {health.since:,} of them earlier" if health.since else ""
        return HealthView("intact", "done", f"{what} verified {when}{since}.")
    problems = [
        f"{one.kind}: {visible(one.message, most=400)}" for one in found.problems[:MOST_PROBLEMS]
    ]
    return HealthView(
        _counted(len(found.problems), "problem"), "failed", f"{what}, {when}.", problems
    )


def record_row(record: Mapping[str, Any]) -> RecordRow:
    """A record in a list."""
    latency, attempts = record.get("latency_ms"), record.get("attempts")
    return RecordRow(
        seq=int(record["seq"]),
        time=record_time(record["time"]),
        phase=_text(record.get("phase")),
        operation=_text(record.get("operation")),
        kind=_text(record.get("target_kind")),
        target=_text(record.get("target_id")),
        status=_text(record.get("status")),
        attempts="" if attempts is None else _text(attempts),
        latency=milliseconds(latency) if isinstance(latency, int | float) else "",
        correlation_id=_text(record.get("correlation_id")),
    )


def record_view(record: Mapping[str, Any]) -> RecordView:
    """One record in full."""
    row = record_row(record)
    facts = [(label, _text(record[name])) for name, label in _FACTS if record.get(name) is not None]
    if row.latency:
        facts.append(("latency", row.latency))
    return RecordView(row, facts, document(record))


def pair_view(pair: Pair) -> PairView:
    """A record with what belongs to it."""
    return PairView(
        record=record_view(pair.record),
        intent=None if pair.intent is None else record_view(pair.intent),
        outcomes=[record_view(one) for one in pair.outcomes],
        told=_told(pair),
    )


def proof_view(proven: Proven) -> ProofView:
    """A proof and what checking it came to."""
    proof = proven.proof
    path = [step.hex() for step in proof.path]
    point = parse_checkpoint(parse_note(proof.checkpoint).text)
    return ProofView(
        verdict=proven.verdict,
        tone="done" if proven.verdict == "proven" else "failed",
        record=proof.record,
        size=proof.size,
        leaf=leaf_hash(proof.line.encode()).hex(),
        path=path,
        root=point.root.hex(),
        signer=visible(proven.signer or ""),
        checkpoint=visible(proof.checkpoint, most=4_000, keep=frozenset("\n")),
    )


def _told(pair: Pair) -> str:
    if pair.intent is None:
        return "This outcome names no intent of this log: what it tells of changed nothing."
    if not pair.outcomes:
        return (
            "No outcome is on record: it is under way, or its process ended first; whether it was"
            " carried out is then uncertain."
        )
    if len(pair.outcomes) > 1:
        return f"The intent has {len(pair.outcomes)} outcomes: launched, then followed to its end."
    return ""


def _text(value: Any) -> str:
    return "" if value is None else visible(str(value))


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
