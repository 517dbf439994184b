import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module

import pytest

import tieline.dialects
from tieline.audit.memory import MemoryLog
from tieline.calls.operation import Answer, Operation, Request
from tieline.calls.progress import Progress
from tieline.services.recording.accounted import AccountedCalls
from tieline.services.recording.recorded import Subject
from tieline.services.recording.trail import Actor, MaskingSink, Trail


def catalogue() -> Iterator[Operation]:
    """Every operation that any module of the dialects names."""
    for module in pkgutil.walk_packages(tieline.dialects.__path__, "tieline.dialects."):
        import_module(module.name)
    for name, loaded in list(sys.modules.items()):
        if name.startswith("tieline.dialects."):
            for value in vars(loaded).values():
                yield from value if isinstance(value, tuple) else (value,)


OPERATIONS = sorted(
    {one for one in catalogue() if isinstance(one, Operation)}, key=lambda op: (op.dialect, op.name)
)


class Sent:
    """Calls that note what reaches them."""

    limit_key = "test"

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def call(
        self,
        request: Request,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # the port has it
        correlation_id: str | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        del timeout, correlation_id, progress
        self.requests.append(request.operation.name)
        return Answer(200, {})

    def with_options(self, *, timeout: float | None = None, retries: int | None = None) -> "Sent":
        del timeout, retries
        return self

    async def aclose(self) -> None:
        self.requests.append("closed")


def test_the_catalogue_is_not_empty() -> None:
    assert sum(operation.mutating for operation in OPERATIONS) >= 15


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: f"{op.dialect}-{op.name}")
async def test_no_change_of_the_catalogue_leaves_without_an_intent(operation: Operation) -> None:
    log, sent, request = MemoryLog(), Sent(), Request(operation)

    async def open_log() -> MaskingSink:
        return log

    trail = Trail(open_log, Actor("default", "client"))
    calls = AccountedCalls(sent, trail).with_options(timeout=1.0)
    if not operation.mutating:
        await calls.call(request)
        assert (sent.requests, log.records) == ([operation.name], [])
        return

    with pytest.raises(RuntimeError, match="without an intent"):
        await calls.call(request)
    subject = Subject("thing", "1")
    intent_id = await trail.intent(operation, subject, {"a": 1})
    await calls.call(request)
    await trail.outcome(operation, subject, status="completed", intent_id=intent_id)
    with pytest.raises(RuntimeError, match="without an intent"):
        await calls.call(request)

    assert sent.requests == [operation.name]
    assert [(r.phase, r.operation) for r in log.records] == [
        ("intent", operation.name),
        ("outcome", operation.name),
    ]
    assert log.records[1].intent_id == intent_id
