"""The pages: which panels stand on which address, and where their content is read."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import anyio.to_thread
from starlette.requests import Request

from tieline.dashboard import charts
from tieline.dashboard.commands import Commands
from tieline.dashboard.page import Page, Panel
from tieline.dashboard.showing import visible
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


class Pages:
    """Makes a page for a request; nothing is read before one of its panels is shown."""

    def __init__(self, state: StateReader, commands: Commands) -> None:
        self._state = state
        self._commands = commands

    async def overview(self, _request: Request) -> Page:
        """What goes on."""
        return Page(
            "Overview",
            "/",
            [
                Panel("running", "Runs in progress", self._running),
                Panel("totals", "Invocations on record", self._totals),
                Panel("recent", "Latest invocations", self._recent),
                Panel("pressure", "Rate limits and refusals", self._pressure, wide=False),
                Panel("health", "Audit log", self._health, wide=False),
                Panel("outbox", "Webhooks", self._outbox, wide=False),
            ],
        )

    async def runs(self, request: Request) -> Page:
        """Runs, newest first, a page at a time."""
        below = _number(request, "below")
        load = partial(self._runs, below)
        return Page("Runs", "/runs", [Panel("runs", "Runs", load)], live=below is None)

    async def run(self, request: Request) -> Page:
        """One run and its items.

        Raises:
            NotFound: there is none of that id or name.
        """
        stored = await self._stored(request)
        only = _choice(request, "only", ("uncertain", "failed"))
        after = _number(request, "after") or 0
        find = partial(self._stored, request)
        return Page(
            self._run_views([stored])[0].name,
            "/runs",
            [
                Panel("run", "How it stands", partial(self._run, find)),
                Panel("charts", "How it went", partial(self._course, find)),
                Panel("commands", "What can be done", partial(self._hints, find), wide=False),
                Panel(
                    "items", "Items", partial(self._items, find, cast("Only | None", only), after)
                ),
            ],
            live=after == 0,
            lead=stored.run.run_id,
            crumbs=(("/runs", "Runs"),),
        )

    async def audit(self, request: Request) -> Page:
        """Head and health of the log, and a search."""
        return Page(
            "Audit log",
            "/audit",
            [
                Panel("health", "Head and health", self._health),
                Panel("search", "Search", partial(self._search, dict(request.query_params))),
            ],
            live=False,
        )

    async def record(self, request: Request) -> Page:
        """One record, what belongs to it, and what proves it."""
        seq = int(request.path_params["seq"])
        pair = await self._state.audit.pair(seq)
        return Page(
            f"Record {seq:,}",
            "/audit",
            [
                Panel(
                    "record", "Intent and outcome", partial(_given, {"pair": audit.pair_view(pair)})
                ),
                Panel("proof", "Proved by", partial(self._proof, seq)),
            ],
            live=False,
            crumbs=(("/audit", "Audit log"),),
        )

    async def rules(self, _request: Request) -> Page:
        """Every rule set that was deployed from here."""
        return Page(
            "Rules", "/rules", [Panel("rulesets", "Rule sets deployed from here", self._rules)]
        )

    async def ruleset(self, request: Request) -> Page:
        """One rule set's deployments.

        Raises:
            NotFound: there is no such journal.
        """
        name = request.path_params["name"]
        found = [one for one in await self._state.rules.journals() if one.name == name]
        if not found:
            raise NotFound("there is no such rule set in this state folder", status=404)

        async def load() -> Context:
            journals = await self._state.rules.journals()
            one = next((each for each in journals if each.name == name), found[0])
            return {"journal": rules.journal_view(one)}

        return Page(
            visible(found[0].ruleset),
            "/rules",
            [Panel("deployments", "Deployments", load)],
            crumbs=(("/rules", "Rules"),),
        )

    async def webhooks(self, _request: Request) -> Page:
        """Every endpoint."""
        return Page("Webhooks", "/webhooks", [Panel("endpoints", "Endpoints", self._outbox)])

    async def endpoint(self, request: Request) -> Page:
        """One endpoint's deliveries.

        Raises:
            NotFound: there is no such endpoint.
        """
        name = request.path_params["name"]
        await self._endpoint(name)
        state = cast(
            "State", _choice(request, "state", ("pending", "dead", "delivered")) or "pending"
        )
        below = _number(request, "below")
        return Page(
            f"Webhook {visible(name)}",
            "/webhooks",
            [
                Panel("endpoint", "How it stands", partial(self._endpoint, name)),
                Panel("deliveries", "Deliveries", partial(self._deliveries, name, state, below)),
            ],
            live=below is None,
            crumbs=(("/webhooks", "Webhooks"),),
        )

    async def activity(self, _request: Request) -> Page:
        """Charts and totals of what is on record."""
        return Page(
            "Metrics",
            "/activity",
            [
                Panel("totals", "Invocations on record", self._totals),
                Panel("charts", "Outcomes and latency", self._charts),
                Panel("targets", "By target", self._targets),
                Panel("pressure", "Rate limits and refusals", self._pressure),
            ],
        )

    async def _running(self) -> Context:
        found = await self._state.runs.newest(limit=MOST_RUNS)
        going = [one for one in found if not one.run.finished][:MOST_ON_OVERVIEW]
        ended = [one for one in found if one.run.finished][: 0 if going else 3]
        return {
            "going": self._run_views(going),
            "ended": self._run_views(ended),
            "start": self._commands.of_runs("start", "--flow", "FLOW", "--items", "FILE"),
        }

    async def _totals(self) -> Context:
        reader = self._state.activity
        return {
            "counts": overview.status_counts(reader.activity),
            "repeats": reader.activity.repeats,
            "records": reader.activity.records,
            "bytes_behind": reader.bytes_behind,
            "problem": reader.problem,
        }

    async def _recent(self) -> Context:
        found = overview.recent(self._state.activity.activity, most=MOST_ON_OVERVIEW)
        return {"recent": found, "invoke": self._commands.line("flows", "launch", "FLOW")}

    async def _pressure(self) -> Context:
        standing = await self._state.runs.limits(most_events=COUNT_TO)
        activity = self._state.activity.activity
        return {
            "limits": [overview.limit_view(one) for one in standing.limits],
            "refusals": overview.refusals(activity),
            "repeats": activity.repeats,
        }

    async def _health(self) -> Context:
        head = await self._state.audit.head()
        return {
            "head": None if head is None else audit.head_view(head),
            "health": audit.health_view(self._state.verifier.health),
            "verify": self._commands.line("audit", "verify"),
            "sign": self._commands.line("audit", "checkpoint"),
        }

    async def _outbox(self) -> Context:
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

    async def _runs(self, below: int | None) -> Context:
        found = await self._state.runs.newest(limit=MOST_RUNS + 1, below=below)
        return {
            "runs": self._run_views(found[:MOST_RUNS]),
            "below": found[MOST_RUNS - 1].no if len(found) > MOST_RUNS else None,
            "first": below is None,
            "start": self._commands.of_runs("start", "--flow", "FLOW", "--items", "FILE"),
        }

    async def _stored(self, request: Request) -> Stored:
        stored = await self._state.runs.find(request.path_params["run"])
        if stored is None:
            raise NotFound("there are no runs in this state folder yet", status=404)
        return stored

    async def _run(self, find: Any) -> Context:
        return {"run": self._run_views([await find()])[0]}

    async def _course(self, find: Any) -> Context:
        stored: Stored = await find()
        course = await self._state.runs.course(stored)
        nothing = "There is a chart once the run has gone on for some seconds."
        if stored.run.finished:
            nothing = "It was over too soon for a chart."
        return {"charts": charts.course_charts(course), "nothing": nothing}

    async def _hints(self, find: Any) -> Context:
        stored: Stored = await find()
        return {"hints": runs.hints(stored.run, self._commands)}

    async def _items(self, find: Any, only: Only | None, after: int) -> Context:
        stored: Stored = await find()
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

    async def _search(self, parameters: Mapping[str, str]) -> Context:
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

    async def _proof(self, seq: int) -> Context:
        try:
            proven = await self._state.audit.prove(seq)
        except InvalidInput as error:
            return {"proof": None, "told": error.message, "hint": error.hint, "seq": seq}
        return {
            "proof": audit.proof_view(proven),
            "seq": seq,
            "prove": self._commands.line("audit", "prove", str(seq)),
        }

    async def _rules(self) -> Context:
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

    async def _endpoint(self, name: str) -> Context:
        now, reader = self._state.clock.wall(), self._state.webhooks
        found = await anyio.to_thread.run_sync(lambda: reader.endpoints(most=COUNT_TO))
        for one in found:
            if one.name == name:
                view = webhooks.endpoint_view(one, now=now, most=COUNT_TO)
                replay = self._commands.line("webhooks", "replay", "--endpoint", name)
                return {"endpoint": view, "replay": replay}
        raise NotFound("there is no webhook of that name", status=404)

    async def _deliveries(self, name: str, state: State, below: int | None) -> Context:
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

    async def _charts(self) -> Context:
        now, activity = self._state.clock.wall(), self._state.activity.activity
        made = [
            chart
            for window in charts.WINDOWS
            for chart in charts.activity_charts(activity, window, now=now)
        ]
        return {"charts": made, "nothing": "Nothing ended in the last two weeks."}

    async def _targets(self) -> Context:
        found, more = overview.target_views(self._state.activity.activity)
        return {
            "targets": found,
            "more": more,
            "invoke": self._commands.line("flows", "launch", "FLOW"),
        }

    def _run_views(self, found: Sequence[Stored]) -> list[RunView]:
        now, scrub = self._state.clock.wall(), self._state.audit.masker().scrub
        return [runs.run_view(stored, now=now, scrub=scrub) for stored in found]


async def _given(context: Context) -> Context:
    return context


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None  # noqa: PLR2004  # fits 64 bits


def _choice(request: Request, name: str, choices: Sequence[str]) -> str | None:
    text = request.query_params.get(name)
    return text if text in choices else None
