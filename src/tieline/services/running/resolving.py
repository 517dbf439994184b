"""Settling what nobody knew: by what can be found out, or by hand. Each settlement is audited."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import anyio.to_thread

from tieline.audit.line import parse_line
from tieline.calls.operation import Operation
from tieline.dialects.port import TargetWire
from tieline.errors import NotFound
from tieline.invocations.outcome import Target
from tieline.runs.item import Change
from tieline.services.running.carrier import wire_of
from tieline.services.session import Session
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.reading import Item, Stored
from tieline.store.segments.files import list_segments
from tieline.types import Json, JsonObject

HandMade = Literal["done", "failed", "pending"]


class Resolver:
    """Settles the uncertain items of one run."""

    def __init__(self, session: Session, ledger: Ledger, stored: Stored) -> None:
        self._session = session
        self._ledger = ledger
        self._stored = stored
        self._wire: TargetWire = wire_of(session, stored.run.spec)
        # A local act: nothing is sent, so it has no path.
        self._operation = Operation(
            "runs.resolve", "POST", "", idempotent=True, dialect=session.dialect.name
        )

    async def settle(
        self,
        item: Item,
        outcome: HandMade,
        *,
        execution_id: str | None = None,
        result: Json = None,
        error: Json = None,
        note: str | None = None,
    ) -> bool:
        """Settle one item; False where another did it meanwhile. The record is written first.

        Raises:
            StoreUnavailable: it cannot be recorded; nothing was settled.
        """
        run = self._stored.run
        subject = Target("flow", f"{run.run_id}/{item.reference}")
        asked = {"outcome": outcome, "execution_id": execution_id, "note": note}
        trail = self._session.trail
        intent_id = await trail.intent(self._operation, subject, asked)
        status = {"done": "completed", "failed": "failed", "pending": None}[outcome]
        change = Change(
            item.seq, outcome, status=status, execution_id=execution_id, result=result, error=error
        )
        settled = await self._ledger.resolve(self._stored.no, change)
        await trail.outcome(
            self._operation,
            subject,
            status="completed" if settled else "refused",
            intent_id=intent_id,
            execution_id=execution_id,
        )
        return settled

    async def look_up(self, items: Sequence[Item]) -> int:
        """Settle those items of which there is a trace; returns how many.

        An item that was launched has its execution looked at. For one whose answer was read, but
        not by the ledger, the audit log of this state folder knows what it said.
        """
        prints = {
            item.seq: await self._session.trail.fingerprint(dict(item.input)) for item in items
        }
        traces = await anyio.to_thread.run_sync(
            _traces,
            self._session.profile.state_dir / "audit",
            self._wire.start_operation.name,
            frozenset(prints.values()),
        )
        settled = 0
        for item in items:
            settled += await self._by_trace(item, traces.get(prints[item.seq], {}))
        return settled

    async def _by_trace(self, item: Item, trace: JsonObject) -> bool:
        execution_id = item.execution_id or trace.get("execution_id")
        if execution_id is not None:
            return await self._by_execution(item, execution_id)
        match trace.get("status"):
            case "completed":
                return await self.settle(item, "done", note="its answer is in the audit log")
            case "refused":
                note = "the audit log says that it was not carried out"
                return await self.settle(item, "pending", note=note)
        return False

    async def _by_execution(self, item: Item, execution_id: str) -> bool:
        ask = self._wire.follow(self._stored.run.spec.target_id, execution_id)
        if ask is None:
            return await self.settle(item, "done", execution_id=execution_id)
        try:
            answer = await self._session.calls.call(ask.request, timeout=self._session.timeout)
        except NotFound:
            return False
        progress = ask.read(answer)
        if not progress.finished:
            return False
        outcome: HandMade = "done" if progress.state == "completed" else "failed"
        return await self.settle(
            item,
            outcome,
            execution_id=execution_id,
            result=progress.result,
            error=progress.error,
            note="looked up by its execution",
        )


def _traces(folder: Path, operation: str, wanted: frozenset[str]) -> Mapping[str, JsonObject]:
    """Outcomes by the fingerprint of their input.

    An input that was sent twice is left out: nobody can tell whose outcome is whose.
    """
    intents: dict[str, str] = {}
    outcomes: dict[str, JsonObject] = {}
    for segment in list_segments(folder):
        for line in segment.path.read_bytes().splitlines():
            record = parse_line(line)
            if record is None or record.get("operation") != operation:
                continue
            if record.get("phase") == "intent" and record.get("input_hmac") in wanted:
                intents[f"{record['log']}:{record['seq']}"] = record["input_hmac"]
            elif record.get("intent_id") in intents:
                outcomes[record["intent_id"]] = record
    times = Counter(intents.values())
    return {
        fingerprint: outcomes[intent_id]
        for intent_id, fingerprint in intents.items()
        if times[fingerprint] == 1 and intent_id in outcomes
    }
