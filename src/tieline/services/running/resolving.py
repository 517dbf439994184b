"""Settling what nobody knew: by what can be found out, or by hand. Each settlement is audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import anyio.to_thread

from tieline.calls.operation import Operation
from tieline.dialects.port import TargetWire
from tieline.errors import NotFound
from tieline.invocations.outcome import Target
from tieline.runs.item import Change
from tieline.services.looking_up import resolved
from tieline.services.running.carrier import wire_of
from tieline.services.running.far_history import FarHistory
from tieline.services.running.own_traces import own_traces
from tieline.services.session import Session
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.reading import Item, Stored
from tieline.types import Json, JsonObject

HandMade = Literal["done", "failed", "pending"]

# The ends in the audit log that settle an item without its execution.
_TELLING = frozenset({"completed", "refused"})
_IN_HISTORY = "the one invocation of its input and time in the far side's history"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up came to.

    `ambiguous` are the references of items that the far side's history cannot tell from another
    item, or of which it has several invocations. They are left uncertain.
    """

    settled: int
    ambiguous: tuple[str, ...] = ()


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

    async def look_up(self, items: Sequence[Item]) -> LookedUp:
        """Settle those items of which there is a trace.

        An item that was launched has its execution looked at. For one whose answer was read, but
        not by the ledger, the audit log of this state folder knows what it said. What is left is
        looked for in the history that the far side keeps, where it keeps one.

        Raises:
            Error: the far side cannot be read; what was settled before stays so.
        """
        traces = await self._own_traces(items)
        unknown: list[Item] = []
        settled = 0
        for item in items:
            trace = traces.get(item.seq, {})
            known = item.execution_id or trace.get("execution_id")
            if known is None and trace.get("status") not in _TELLING:
                unknown.append(item)
            elif await self._by_trace(item, trace):
                settled += 1
        found = await self._by_history(unknown)
        return LookedUp(settled + found.settled, found.ambiguous)

    async def _own_traces(self, items: Sequence[Item]) -> Mapping[int, JsonObject]:
        trail = self._session.trail
        prints = {item.seq: await trail.fingerprint(dict(item.input)) for item in items}
        traces = await anyio.to_thread.run_sync(
            own_traces,
            self._session.profile.state_dir / "audit",
            self._wire.start_operation.name,
            frozenset(prints.values()),
        )
        return {seq: traces[told] for seq, told in prints.items() if told in traces}

    async def _by_history(self, items: Sequence[Item]) -> LookedUp:
        actions = self._session.dialect.actions
        target = self._stored.run.spec.target_id
        if not items or self._stored.run.spec.kind != "action" or actions.history(target) is None:
            return LookedUp(0)
        listing = actions.history(await resolved(self._session, self._wire, target))
        if listing is None:
            return LookedUp(0)
        history = FarHistory(self._session, self._ledger, listing)
        matches = await history.match(self._stored, items)
        settled = 0
        for item in items:
            execution_id = matches.found.get(item.seq)
            if execution_id is not None:
                settled += await self._by_execution(item, execution_id, note=_IN_HISTORY)
        ambiguous = (item.reference for item in items if item.seq in matches.ambiguous)
        return LookedUp(settled, tuple(ambiguous))

    async def _by_trace(self, item: Item, trace: JsonObject) -> bool:
        execution_id = item.execution_id or trace.get("execution_id")
        if execution_id is not None:
            return await self._by_execution(item, execution_id, note="looked up by its execution")
        match trace.get("status"):
            case "completed":
                return await self.settle(item, "done", note="its answer is in the audit log")
            case "refused":
                note = "the audit log says that it was not carried out"
                return await self.settle(item, "pending", note=note)
        return False

    async def _by_execution(self, item: Item, execution_id: str, *, note: str) -> bool:
        ask = self._wire.follow(self._stored.run.spec.target_id, execution_id)
        if ask is None:
            return await self.settle(item, "done", execution_id=execution_id, note=note)
        try:
            answer = await self._session.calls.call(ask.request, timeout=self._session.timeout)
        except NotFound:
            return False
        progress = ask.read(answer)
        if progress.finished:
            outcome: HandMade = "done" if progress.state == "completed" else "failed"
        elif self._stored.run.spec.following == "launch":
            outcome = "done"  # such a run asks for no more than the launch
        else:
            return False
        return await self.settle(
            item,
            outcome,
            execution_id=execution_id,
            result=progress.result,
            error=progress.error,
            note=note,
        )
