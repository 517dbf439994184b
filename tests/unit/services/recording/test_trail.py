import logging

import pytest

from tieline.audit.memory import MemoryLog
from tieline.calls.operation import Operation
from tieline.errors import StoreUnavailable
from tieline.invocations.outcome import Target
from tieline.services.recording.trail import UNRECORDED, Actor, MaskingSink, Trail

LAUNCH = Operation("flows.launch", "POST", "/x", idempotent=False, dialect="platform")
TARGET = Target("flow", "f-1")
ACTOR = Actor("default", "client")


async def no_log() -> MaskingSink:
    raise StoreUnavailable("audit: read-only file system")


async def test_what_cannot_be_recorded_is_not_sent() -> None:
    trail = Trail(no_log, ACTOR)

    with pytest.raises(StoreUnavailable):
        await trail.intent(LAUNCH, TARGET, {})
    assert not trail.accounts_for(LAUNCH)


async def test_best_effort_goes_on_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    trail = Trail(no_log, ACTOR, policy="best-effort")

    with caplog.at_level(logging.WARNING, logger="tieline.services"):
        intent = await trail.intent(LAUNCH, TARGET, {})
        assert trail.accounts_for(LAUNCH)
        audit_id = await trail.outcome(LAUNCH, TARGET, status="completed", intent_id=intent)

    assert audit_id is None
    assert "sent without an audit record" in caplog.text


async def test_an_outcome_names_no_intent_that_stands_in_no_log() -> None:
    log = MemoryLog()

    async def open_log() -> MaskingSink:
        return log

    trail = Trail(open_log, ACTOR, policy="best-effort")
    await trail.outcome(LAUNCH, TARGET, status="completed", intent_id=f"{UNRECORDED}1")

    assert log.records[-1].intent_id is None
