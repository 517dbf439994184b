"""What each panel shows: read from the state folder, put into views."""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio.to_thread

from tieline.dashboard import charts
from tieline.dashboard.commands import Commands
from tieline.dashboard.views import audit, overview, rules, runs, webhooks
from tieline.dashboard.views.runs import RunView
from tieline.errors import InvalidInput, NotFound
from tieline.services.state_reading.reader import StateReader
from tieline.store.ledger.reading import Only, Stored
from tieline.store.outbox import State

MOST_RUNS = 25
MOST_ON_OVERVIEW = 8
MOST_ITEMS = 50
MOST_RECORDS = 50
MOST_DELIVERIES = 50
# Nobody reads further: waiting events and deliveries are counted to here.
COUNT_TO = 1_000

Context = Mapping[str, Any]
"""What a panel's template is given."""


class Panels:
    """Each method reads one panel's content; the template has the same name."""

    def __init__(self, state: StateReader, commands: Commands) -> None:
        self._state = state
        self._commands = commands

    async def running(self) -> Context:
        """Runs that are not over; else the latest that are."""
        found = await self._state.runs.newest(limit=MOST_RUNS)
        going = [one for one in found if not one.run.finished][:MOST_ON_OVERVIEW]
        ended = [one for one in found if one.run.finished][: 0 if going else 3]
        return {
            "going": self.run_views(going),
            "ended": self.run_views(ended),
            "start": self._commands.of_runs("start", "--flow", "FLOW", "--items", "FILE"),
        }

    async def totals(self) -> Context:
        """Invocations on record by how they ended, and how far the log is counted."""
        reader = self._state.activity
        return {
            "counts": overview.status_counts(reader.activity),
            "repeats": reader.activity.repeats,
            "records": reader.activity.records,
            "bytes_behind": reader.bytes_behind,
            "problem": reader.problem,
        }

    async def recent(self) -> Context:
        """The latest invocations that ended."""
        found = overview.recent(self._state.activity.activity, most=MOST_ON_OVERVIEW)
        return {"recent": found, "invoke": self._commands.line("flows", "launch", "FLOW")}

    async def pressure(self) -> Context:
        """Rate limits as the ledger knows them, and what outcomes tell of pressure."""
        standing = await self._state.runs.limits(most_events=COUNT_TO)
        activity = self._state.activity.activity
        return {
            "limits": [overview.limit_view(one) for one in standing.limits],
            "refusals": overview.refusals(activity),
            "repeats": activity.repeats,
        }

    async def health(self) -> Context:
        """Head of the audit log, and what its last verification found."""
        head = await self._state.audit.head()
        return {
            "head": None if head is None else audit.head_view(head),
            "health": audit.health_view(self._state.verifier.health),
            "verify": self._commands.line("audit", "verify"),
            "sign": self._commands.line("audit", "checkpoint"),
        }

    async def outbox(self) -> Context:
        """Endpoints, and what waits for them."""
        now = self._state.clock.wall()
        reader = self._state.webhooks
        found = await anyio.to_thread.run_sync(lambda: reader.endpoints(most=COUNT_TO))
        backlog = await anyio.to_thread.run_sync(lambda: reader.backlog(most=COUNT_TO))
        of_runs = (await self._state.runs.limits(most_events=COUNT_TO)).waiting_events
        return {
            "endpoints": [webhooks.endpoint_view(one, now=now, most=COUNT_TO) for one in found],
            "backlog": min(COUNT_TO, backlog + of_runs),
            "count_to": COUNT_TO,
            "add": self._commands.line("webhooks", "add", "NAME", "URL"),
            "deliver": self._commands.line("webhooks", "deliver", "--watch"),
            "replay": self._commands.line("webhooks", "replay"),
        }

    async def runs(self, below: int | None) -> Context:
        """A page of runs, older than the number `below`."""
        found = await self._state.runs.newest(limit=MOST_RUNS + 1, below=below)
        return {
            "runs": self.run_views(found[:MOST_RUNS]),
            "below": found[MOST_RUNS - 1].no if len(found) > MOST_RUNS else None,
            "first": below is None,
            "start": self._commands.of_runs("start", "--flow", "FLOW", "--items", "FILE"),
        }

    async def stored(self, key: str) -> Stored:
        """A run by id or name.

        Raises:
            NotFound: there is none.
        """
        stored = await self._state.runs.find(key)
        if stored is None:
            raise NotFound("there are no runs in this state folder yet", status=404)
        return stored

    async def run(self, key: str) -> Context:
        """How one run stands."""
        return {"run": self.run_views([await self.stored(key)])[0]}

    async def course(self, key: str) -> Context:
        """How it went."""
        stored = await self.stored(key)
        course = await self._state.runs.course(stored)
        nothing = "There is a chart once the run has gone on for some seconds."
        if stored.run.finished:
            nothing = "It was over too soon for a chart."
        return {"charts": charts.course_charts(course), "nothing": nothing}

    async def hints(self, key: str) -> Context:
        """What can be done about it."""
        stored = await self.stored(key)
        return {"hints": runs.hints(stored.run, self._commands)}

    async def items(self, key: str, only: Only | None, after: int) -> Context:
        """A page of its items, behind the seq `after`."""
        stored = await self.stored(key)
        found = await self._state.runs.items(stored, after=after, limit=MOST_ITEMS + 1, only=only)
        scrub = self._state.audit.masker().scrub
        counts = stored.run.counts
        return {
            "page": runs.items_page(found, only=only, limit=MOST_ITEMS, scrub=scrub),
            "run_id": stored.run.run_id,
            "first": after == 0,
            "choices": [
                (None, "all", counts.total),
                ("uncertain", "uncertain", counts.uncertain),
                ("failed", "failed", counts.failed),
            ],
        }

    async def search(self, parameters: Mapping[str, str]) -> Context:
        """The form, and a page of what it finds."""
        search = audit.read_search(parameters)
        found = await self._state.audit.search(
            search.query, limit=MOST_RECORDS + 1, below=search.below
        )
        rows = [audit.record_row(record) for record in found[:MOST_RECORDS]]
        return {
            "search": search,
            "rows": rows,
            "below": rows[-1].seq if len(found) > MOST_RECORDS else None,
            "fields": audit.SEARCH_FIELDS,
            "launch": self._commands.line("flows", "launch", "FLOW"),
        }

    async def proof(self, seq: int) -> Context:
        """What proves a record, or why nothing does yet."""
        try:
            proven = await self._state.audit.prove(seq)
        except InvalidInput as error:
            return {"proof": None, "told": error.message, "hint": error.hint, "seq": seq}
        return {
            "proof": audit.proof_view(proven),
            "seq": seq,
            "prove": self._commands.line("audit", "prove", str(seq)),
        }

    async def rules(self) -> Context:
        """Every rule set that was deployed from here."""
        found = await self._state.rules.journals()
        return {
            "journals": [rules.journal_view(one) for one in found],
            "plan": self._commands.line("rules", "plan", "FILE"),
            "apply": self._commands.line("rules", "apply", "FILE"),
            "verify": self._commands.line("rules", "verify", "FILE"),
            "simulate": self._commands.line(
                "rules", "simulate", "FILE", "--history", "HISTORY", "--report", "report.html"
            ),
        }

    async def endpoint(self, name: str) -> Context:
        """How one endpoint stands.

        Raises:
            NotFound: there is none of that name.
        """
        now, reader = self._state.clock.wall(), self._state.webhooks
        found = await anyio.to_thread.run_sync(lambda: reader.endpoints(most=COUNT_TO))
        for one in found:
            if one.name == name:
                view = webhooks.endpoint_view(one, now=now, most=COUNT_TO)
                replay = self._commands.line("webhooks", "replay", "--endpoint", name)
                return {"endpoint": view, "replay": replay}
        raise NotFound("there is no webhook of that name", status=404)

    async def deliveries(self, name: str, state: State, below: int | None) -> Context:
        """A page of an endpoint's deliveries, older than the number `below`."""
        reader = self._state.webhooks
        found = await anyio.to_thread.run_sync(
            lambda: reader.page(name, state, limit=MOST_DELIVERIES + 1, below=below)
        )
        return {
            "deliveries": webhooks.delivery_views(found[:MOST_DELIVERIES]),
            "below": found[MOST_DELIVERIES - 1].id if len(found) > MOST_DELIVERIES else None,
            "name": name,
            "state": state,
            "first": below is None,
        }

    async def charts(self) -> Context:
        """Outcomes and latency over time."""
        now, activity = self._state.clock.wall(), self._state.activity.activity
        made = [
            chart
            for window in charts.WINDOWS
            for chart in charts.activity_charts(activity, window, now=now)
        ]
        return {"charts": made, "nothing": "Nothing ended in the last two weeks."}

    async def targets(self) -> Context:
        """Totals by target."""
        found, more = overview.target_views(self._state.activity.activity)
        return {
            "targets": found,
            "more": more,
            "invoke": self._commands.line("flows", "launch", "FLOW"),
        }

    def run_views(self, found: Sequence[Stored]) -> list[RunView]:
        """Runs as they stand now."""
        now, scrub = self._state.clock.wall(), self._state.audit.masker().scrub
        return [runs.run_view(stored, now=now, scrub=scrub) for stored in found]

    async def ruleset(self, name: str) -> Context:
        """One rule set by the name of its journal.

        Raises:
            NotFound: there is none.
        """
        for one in await self._state.rules.journals():
            if one.name == name:
                return {"journal": rules.journal_view(one)}
        raise NotFound("there is no such rule set in this state folder", status=404)

    async def pair(self, seq: int) -> Context:
        """A record, its intent and its outcomes.

        Raises:
            NotFound: there is no such record.
        """
        return {"pair": audit.pair_view(await self._state.audit.pair(seq))}
