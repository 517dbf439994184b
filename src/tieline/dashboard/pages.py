"""The pages: which panels stand at which address, and what of the address they are given."""

from collections.abc import Sequence
from functools import partial
from typing import cast

from starlette.requests import Request

from tieline.dashboard.page import Page, Panel
from tieline.dashboard.panels import Context, Panels
from tieline.dashboard.showing import visible
from tieline.errors import NotFound
from tieline.store.ledger.reading import Only
from tieline.store.outbox import State

# Fits the 64 bits of a database's integers.
_MOST_DIGITS = 18


class Pages:
    """Makes a page for a request; nothing is read before one of its panels is shown."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    async def overview(self, _request: Request) -> Page:
        """What goes on."""
        return Page(
            "Overview",
            "/",
            [
                Panel("running", "Runs in progress", self._panels.running),
                Panel("totals", "Invocations on record", self._panels.totals),
                Panel("recent", "Latest invocations", self._panels.recent),
                Panel("pressure", "Rate limits and refusals", self._panels.pressure, wide=False),
                Panel("health", "Audit log", self._panels.health, wide=False),
                Panel("outbox", "Webhooks", self._panels.outbox, wide=False),
            ],
        )

    async def runs(self, request: Request) -> Page:
        """Runs, newest first, a page at a time."""
        below = _number(request, "below")
        load = partial(self._panels.runs, below)
        return Page("Runs", "/runs", [Panel("runs", "Runs", load)], live=below is None)

    async def run(self, request: Request) -> Page:
        """One run and its items.

        Raises:
            NotFound: there is none of that id or name.
        """
        stored = await self._panels.stored(request.path_params["run"])
        only = cast("Only | None", _choice(request, "only", ("uncertain", "failed")))
        after = _number(request, "after") or 0
        key, panels = stored.run.run_id, self._panels
        return Page(
            self._panels.run_views([stored])[0].name,
            "/runs",
            [
                Panel("run", "How it stands", partial(panels.run, key)),
                Panel("charts", "How it went", partial(panels.course, key)),
                Panel("commands", "What can be done", partial(panels.hints, key)),
                Panel("items", "Items", partial(panels.items, key, only, after)),
            ],
            live=after == 0,
            lead=key,
            crumbs=(("/runs", "Runs"),),
        )

    async def audit(self, request: Request) -> Page:
        """Head and health of the log, and a search."""
        return Page(
            "Audit log",
            "/audit",
            [
                Panel("health", "Head and health", self._panels.health),
                Panel("search", "Search", partial(self._panels.search, dict(request.query_params))),
            ],
            live=False,
        )

    async def record(self, request: Request) -> Page:
        """One record, what belongs to it, and what proves it."""
        seq = record_number(request)
        context = await self._panels.pair(seq)

        async def pair() -> Context:
            return context

        return Page(
            f"Record {seq:,}",
            "/audit",
            [
                Panel("record", "Intent and outcome", pair),
                Panel("proof", "Proved by", partial(self._panels.proof, seq)),
            ],
            live=False,
            crumbs=(("/audit", "Audit log"),),
        )

    async def rules(self, _request: Request) -> Page:
        """Every rule set that was deployed from here."""
        return Page(
            "Rules",
            "/rules",
            [Panel("rulesets", "Rule sets deployed from here", self._panels.rules)],
        )

    async def ruleset(self, request: Request) -> Page:
        """One rule set's deployments.

        Raises:
            NotFound: there is no such journal.
        """
        name = request.path_params["name"]
        found = await self._panels.ruleset(name)
        return Page(
            found["journal"].ruleset,
            "/rules",
            [Panel("deployments", "Deployments", partial(self._panels.ruleset, name))],
            crumbs=(("/rules", "Rules"),),
        )

    async def webhooks(self, _request: Request) -> Page:
        """Every endpoint."""
        return Page("Webhooks", "/webhooks", [Panel("endpoints", "Endpoints", self._panels.outbox)])

    async def endpoint(self, request: Request) -> Page:
        """One endpoint's deliveries.

        Raises:
            NotFound: there is no such endpoint.
        """
        name = request.path_params["name"]
        await self._panels.endpoint(name)
        state = cast(
            "State", _choice(request, "state", ("pending", "dead", "delivered")) or "pending"
        )
        below = _number(request, "below")
        return Page(
            f"Webhook {visible(name)}",
            "/webhooks",
            [
                Panel("endpoint", "How it stands", partial(self._panels.endpoint, name)),
                Panel(
                    "deliveries", "Deliveries", partial(self._panels.deliveries, name, state, below)
                ),
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
                Panel("totals", "Invocations on record", self._panels.totals),
                Panel("charts", "Outcomes and latency", self._panels.charts),
                Panel("targets", "By target", self._panels.targets),
                Panel("pressure", "Rate limits and refusals", self._panels.pressure),
            ],
        )


def record_number(request: Request) -> int:
    """The record that a path names.

    Raises:
        NotFound: it names none.
    """
    number = _parsed(request.path_params["seq"])
    if number is None:
        raise NotFound("there is no such record in this log", status=404)
    return number


def _number(request: Request, name: str) -> int | None:
    return _parsed(request.query_params.get(name, ""))


def _parsed(text: str) -> int | None:
    """A number as a database has them; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _choice(request: Request, name: str, choices: Sequence[str]) -> str | None:
    text = request.query_params.get(name)
    return text if text in choices else None
