"""Finding items in the list of past invocations that the far side keeps (guide data actions).

The list knows no reference of ours. What tells an invocation's item is its whole input and its
time; and nothing else of this ledger may fit it.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tieline.audit.canonical import canonical_json
from tieline.dialects.entries import PastInvocation
from tieline.dialects.listing import Listing
from tieline.runs.matching import SKEW_SECONDS, Matches, Sending, Trace, match
from tieline.runs.run import RunStatus
from tieline.services.looking_up import listed
from tieline.services.session import Session
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.reading import Item, Stored

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class FarHistory:
    """The far side's list for one action, and the ledger whose items it may hold."""

    session: Session
    ledger: Ledger
    listing: Listing[PastInvocation]

    async def match(self, stored: Stored, items: Sequence[Item]) -> Matches:
        """Find the invocations of uncertain items, by seq; reads the whole list, then the ledger.

        Raises:
            Error: the list cannot be read.
        """
        wanted = {item.seq: _sending(stored.run, item) for item in items}
        traces = await self._traces({sending.spelled for sending in wanted.values()})
        if not traces:
            return Matches({}, frozenset())
        owned, rivals = await self._others(stored, wanted.keys(), traces)
        free = [trace for trace in traces if trace.execution_id not in owned]
        return match(wanted, rivals, free)

    async def _traces(self, spelled: Collection[bytes]) -> list[Trace]:
        # Nothing promises an order: the list is read to its end.
        traces: list[Trace] = []
        async for past in listed(self.session, self.listing):
            if past.input is None or past.execution_id is None:
                continue
            told = canonical_json(past.input)
            if told in spelled:
                traces.append(Trace(past.execution_id, told, _wall(past.at)))
        return traces

    async def _others(
        self, stored: Stored, wanted: Collection[int], traces: Sequence[Trace]
    ) -> tuple[set[str], list[Sending]]:
        """Read which traces belong to items already, and what else may have made one."""
        ids = {trace.execution_id for trace in traces}
        owned: set[str] = set()
        rivals: list[Sending] = []
        async for other in self._runs(traces):
            async for item in self._sent(other):
                if item.execution_id is not None:
                    owned |= {item.execution_id} & ids
                elif other.no != stored.no or item.seq not in wanted:
                    sending = _sending(other.run, item)
                    if any(sending.may_have_made(trace) for trace in traces):
                        rivals.append(sending)
        return owned, rivals

    async def _runs(self, traces: Sequence[Trace]) -> AsyncIterator[Stored]:
        """Runs of actions that had not ended before the first of the traces."""
        first = min((trace.at or 0.0) for trace in traces) - SKEW_SECONDS
        below: int | None = None
        while page := await self.ledger.list(limit=_PAGE, below=below):
            for stored in page:
                ended = stored.run.ended_at
                if stored.run.spec.kind == "action" and (ended is None or ended >= first):
                    yield stored
            below = page[-1].no

    async def _sent(self, stored: Stored) -> AsyncIterator[Item]:
        after = 0
        while page := await self.ledger.items(stored, after=after, limit=_PAGE):
            for item in page:
                if item.attempts > 0:
                    yield item
            after = page[-1].seq


def _sending(run: RunStatus, item: Item) -> Sending:
    return Sending(canonical_json(item.input), item.sent_at, run.spec.item_timeout_s)


def _wall(text: str | None) -> float | None:
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment is None:
        return None
    # A time without a zone is taken for UTC, as everywhere on this surface.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
