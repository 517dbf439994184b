"""Runs and their items as a page shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tieline.dashboard.commands import Commands
from tieline.dashboard.showing import moment, number, span, visible
from tieline.runs.run import RunStatus
from tieline.store.ledger.reading import Item, Only, Stored

Scrub = Callable[[str], str]
"""Takes personal data out of a text; see `tieline.audit.masking`."""

ONLY: tuple[Only | None, ...] = (None, "uncertain", "failed")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a run's bar: percent of its width from the left."""

    word: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class RunView:
    """A run in a list, or at the head of its page."""

    no: int
    run_id: str
    name: str
    state: str
    note: str
    target: str
    kind: str
    total: int
    settled: int
    percent: str
    parts: Sequence[Part]
    uncertain: int
    failed: int
    rate: str
    limit: str
    eta: str
    created: str
    started: str
    ended: str
    source: str
    profile: str
    owners: int


@dataclass(frozen=True, slots=True)
class Hint:
    """A command, and when somebody wants it."""

    why: str
    command: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item; its input and result are not shown, the audit log has them masked."""

    seq: int
    line: int
    reference: str
    state: str
    status: str
    attempts: int
    settled: str
    execution_id: str
    correlation_id: str
    error: str


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """A page of items; `after` begins the next one, None at the end."""

    only: Only | None
    items: Sequence[ItemView]
    after: int | None


def run_view(stored: Stored, *, now: float, scrub: Scrub) -> RunView:
    """One run as it stands at `now` (wall seconds)."""
    run = stored.run
    counts = run.counts
    limit = run.spec.rate_per_minute
    eta = run.eta_s(now)
    return RunView(
        no=stored.no,
        run_id=run.run_id,
        name=visible(scrub(run.spec.name)),
        state=run.state,
        note=_note(run, scrub),
        target=visible(run.spec.target_id),
        kind=run.spec.kind,
        total=counts.total,
        settled=counts.settled,
        percent=_percent(counts.settled, counts.total),
        parts=_parts(run),
        uncertain=counts.uncertain,
        failed=counts.failed,
        rate=f"{number(run.per_minute(now))}/min" if run.state == "running" else "",
        limit="" if limit is None else f"at most {limit:,}/min",
        eta="" if eta is None else span(eta),
        created=moment(run.created_at),
        started=moment(run.started_at),
        ended=moment(run.ended_at),
        source=visible(scrub(run.spec.items_source or "")),
        profile=visible(run.spec.profile or ""),
        owners=run.owners,
    )


def hints(run: RunStatus, commands: Commands) -> list[Hint]:
    """What can be done about a run, as commands to type."""
    name, profile = run.run_id, run.spec.profile
    found = []
    if run.state == "paused":
        found.append(Hint("Go on with it", commands.of_runs("resume", name, profile=profile)))
    if run.state == "running":
        found.append(Hint("Watch it in a terminal", commands.of_runs("watch", name)))
    if not run.finished:
        found.append(Hint("Send nothing more of it", commands.of_runs("cancel", name)))
    if run.counts.uncertain:
        look = commands.of_runs("resolve", name, "--look-up", profile=profile)
        by_hand = commands.of_runs("resolve", name, "--item", "REFERENCE", "--as", "done")
        found.append(Hint("Settle uncertain items by what can be found out", look))
        found.append(Hint("Settle one by hand: done, failed, or pending to send it again", by_hand))
    export = commands.of_runs("export", name, "--to", f"{name}.csv")
    found.append(Hint("Write every item and what became of it", export))
    return found


def items_page(items: Sequence[Item], *, only: Only | None, limit: int, scrub: Scrub) -> ItemsPage:
    """A page of `limit` items, of which one more was asked for to know whether there are more."""
    shown = [_item_view(item, scrub) for item in items[:limit]]
    return ItemsPage(only, shown, shown[-1].seq if len(items) > limit else None)


def _item_view(item: Item, scrub: Scrub) -> ItemView:
    return ItemView(
        seq=item.seq,
        line=item.line,
        reference=visible(scrub(item.reference)),
        state=item.state,
        status=visible(item.status or ""),
        attempts=item.attempts,
        settled=moment(item.settled_at),
        execution_id=visible(item.execution_id or ""),
        correlation_id=visible(item.correlation_id or ""),
        error=visible(scrub(_error_text(item.error)), most=400),
    )


def _error_text(error: Any) -> str:
    if isinstance(error, dict):
        return ": ".join(str(error[key]) for key in ("code", "message") if error.get(key))
    return "" if error is None else str(error)


def _note(run: RunStatus, scrub: Scrub) -> str:
    if run.state == "paused" and run.resumes_at is not None:
        return f"{visible(scrub(run.reason or ''))}; goes on at {moment(run.resumes_at)} UTC"
    if run.reason:
        return visible(scrub(run.reason))
    if run.state == "paused" and run.started_at is None:
        return "not started"
    return "nobody works on it" if run.state == "paused" else ""


def _parts(run: RunStatus) -> list[Part]:
    counts, x, parts = run.counts, 0.0, list[Part]()
    words = (
        ("done", counts.done), ("failed", counts.failed), ("uncertain", counts.uncertain),
        ("sent", counts.sent), ("pending", counts.pending),
    )  # fmt: skip
    for word, count in words:
        width = round(100 * count / counts.total, 3) if counts.total else 0.0
        if count:
            # A few among a hundred thousand are what somebody looks for: never thinner than seen.
            parts.append(Part(word, count, round(x, 3), max(width, 0.4)))
        x += width
    return parts


def _percent(settled: int, total: int) -> str:
    if not total:
        return "0 %"
    # 99.97 % is not 100 %: somebody would think it is over.
    return f"{int(1000 * settled / total) / 10:g} %"
