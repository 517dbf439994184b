"""Past invocations out of Tieline's own audit log, for surfaces that keep none.

It knows what was invoked from this state directory, and nothing else.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio.to_thread

from tieline.audit.line import parse_line
from tieline.dialects.entries import PastInvocation
from tieline.invocations.outcome import Target
from tieline.store.segments.files import list_segments, storing
from tieline.types import JsonObject


async def own_history(audit_folder: Path, target: Target) -> AsyncIterator[PastInvocation]:
    """Walk the log's outcomes for one target, newest first.

    Raises:
        StoreUnavailable: the log cannot be read.
    """
    for path in reversed([segment.path for segment in list_segments(audit_folder)]):
        lines = await anyio.to_thread.run_sync(_outcomes, path, target)
        for line in reversed(lines):
            yield line


def _outcomes(path: Path, target: Target) -> list[PastInvocation]:
    with storing(path):
        content = path.read_bytes()
    return [_past(record) for record in _records(content) if _is_outcome(record, target)]


def _records(content: bytes) -> Iterator[JsonObject]:
    for line in content.splitlines():
        record = parse_line(line)
        if record is not None:
            yield record


def _is_outcome(record: JsonObject, target: Target) -> bool:
    # A `running` record is followed by the one that tells its end, or never ended for us.
    return (
        record.get("phase") == "outcome"
        and record.get("target_kind") == target.kind
        and record.get("target_id") == target.id
        and record.get("status") != "running"
    )


def _past(record: JsonObject) -> PastInvocation:
    return PastInvocation(
        execution_id=record.get("execution_id"),
        status=str(record.get("status")),
        at=record.get("time"),
        source="audit",
        correlation_id=record.get("correlation_id"),
        error=record.get("error"),
        document=record,
    )
