"""Carrying a run out on the command line: progress on stderr, Ctrl-C, exit codes."""

import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import anyio

from tieline.cli.context import Options
from tieline.cli.exits import Exit
from tieline.cli.output import counted, fields
from tieline.errors import Error
from tieline.runs.run import RunStatus
from tieline.services.run_handle import AsyncRun, RunEvent
from tieline.services.runs import AsyncRuns
from tieline.services.session import Session

if TYPE_CHECKING:
    from tieline.cli.output import Output
    from tieline.runs.run import Tells
    from tieline.services.running.exporting import Form
    from tieline.store.ledger.loading import Duplicates

T = TypeVar("T")

# Where stderr is no terminal a line a change would fill logs.
NOTE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Start:
    """What `runs start` was asked for; the members are those of `AsyncRuns.start`."""

    items: str
    flow: str | None
    action: str | None
    function: str | None
    rate: str | None
    concurrency: int
    name: str | None
    reference_field: str | None
    duplicates: "Duplicates"
    skip_invalid: Path | None
    wait: bool
    item_timeout: float
    user: str | None
    external_contact: str | None
    tells: "Tells"


class Interrupted:
    """The first SIGINT or SIGTERM lets the run end in order; the second ends it at once."""

    def __init__(self) -> None:
        self.times = 0

    @asynccontextmanager
    async def during(self, stop: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Listen inside the block; its errors come out as they are, not in a group."""
        failed: Error | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen, stop)
            try:
                yield
            except Error as error:
                failed = error
            tasks.cancel_scope.cancel()
        if failed is not None:
            raise failed

    async def _listen(self, stop: Callable[[], Awaitable[None]]) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                self.times += 1
                if self.times > 1:
                    raise KeyboardInterrupt
                await stop()


def start_run(
    what: Start, options: Options, *, store: str, by: Literal["this process", "workers"]
) -> int:
    """Load the items, say the run's id, and carry it out unless workers do."""

    async def work(session: Session) -> int:
        runs = AsyncRuns(session, store=store)
        members = {name: getattr(what, name) for name in Start.__slots__}
        run = await runs.start(**members)
        status = await run.show()
        options.output.note(_loaded(status, set_aside=run.set_aside, to=what.skip_invalid))
        if by == "this process":
            return await _carry_out(run, options, "resume")
        from tieline.services.running.worker import hand_out

        await hand_out(session, store, run.run_id)
        told = await document(run)
        options.output.result(told, text=run_text(told))
        return Exit.OK

    return _with_session(options, work)


def resume_run(
    options: Options, store: str, key: str, *, items: Literal["as read", "unchanged"]
) -> int:
    """Carry a run out that was left; watch where another process does."""

    async def work(session: Session) -> int:
        run = await AsyncRuns(session, store=store).get(key)
        await run.check_resumable(keep_items=items == "as read")
        return await _carry_out(run, options, "resume")

    return _with_session(options, work)


def watch_run(options: Options, store: str, key: str) -> int:
    """Watch without carrying out."""

    async def work(session: Session) -> int:
        run = await AsyncRuns(session, store=store).get(key)
        return await _carry_out(run, options, "watch")

    return _with_session(options, work)


def run_worker(options: Options, store: str, *, then: Literal["leave", "wait"]) -> int:
    """Work on chunks of any run until told to stop."""
    from tieline.services.running.worker import Worker

    async def work(session: Session) -> int:
        worker = Worker(session, store)
        interrupted = Interrupted()
        async with interrupted.during(worker.stop):
            done = await worker.run(then=then)
        options.output.result({"chunks": done.chunks, "items": done.items})
        if interrupted.times:
            raise KeyboardInterrupt("the chunk under way was given back to other workers")
        return Exit.OK

    return _with_session(options, work)


def export_run(
    options: Options,
    store: str,
    key: str,
    to: Path | None,
    form: "Form | None",
) -> int:
    """Write the items; the file appears when it is complete."""
    from tieline.services.running.exporting import export

    async def work(session: Session) -> int:
        run = await AsyncRuns(session, store=store).get(key)
        as_json = options.output.mode == "json"
        written = await export(run, to, form or ("json" if as_json and to is None else None))
        if to is not None and as_json:
            options.output.result({"run_id": run.run_id, "items": written, "file": str(to)})
        elif to is not None:
            options.output.note(f"{counted(written, 'item')} written to {to}")
        return Exit.OK

    return _with_session(options, work)


def documents(options: Options, store: str) -> Iterator[dict[str, Any]]:
    """Every run's document, newest first."""

    async def work(session: Session) -> list[dict[str, Any]]:
        now = session.clock.wall()
        runs = AsyncRuns(session, store=store)
        return [status.to_json(now=now) async for status in runs.list()]

    yield from _with_session(options, work)


def with_run(options: Options, store: str, key: str, work: Callable[[AsyncRun], Awaitable[T]]) -> T:
    """Open the run and do something with it."""

    async def inside(session: Session) -> T:
        return await work(await AsyncRuns(session, store=store).get(key))

    return _with_session(options, inside)


async def document(run: AsyncRun) -> dict[str, Any]:
    """The run's document as it stands."""
    return (await run.show()).to_json(now=time.time())


def run_text(told: Mapping[str, Any]) -> str:
    """A run's document as people read it."""
    target = told["target"]
    return fields({**told, "target": f"{target['kind']} {target['id']}"})


def _with_session(options: Options, work: Callable[[Session], Awaitable[T]]) -> T:
    from tieline.services.connection import open_session

    async def main() -> T:
        session = open_session(options.load_profile())
        try:
            return await work(session)
        finally:
            await session.aclose()

    return anyio.run(main)


async def _carry_out(run: AsyncRun, options: Options, how: Literal["resume", "watch"]) -> int:
    interrupted, display = Interrupted(), _Display(options.output)
    async with interrupted.during(run.stop):
        events = run.events() if how == "resume" else run.watch()
        async for event in events:
            display.show(event)
    display.done()
    status = await run.show()
    told = status.to_json(now=time.time())
    options.output.result(told, text=run_text(told))
    if interrupted.times and not status.finished:
        raise KeyboardInterrupt(
            f"{status.counts.pending:,} items are pending; `tieline runs resume {run.run_id}`"
            " goes on"
        )
    return exit_of_run(status)


def _loaded(status: RunStatus, *, set_aside: int, to: Path | None) -> str:
    text = f"{status.run_id}: {counted(status.counts.total, 'item')}"
    return f"{text}, {counted(set_aside, 'line')} set aside in {to}" if set_aside else text


def exit_of_run(status: RunStatus) -> Exit:
    """5 where anything is uncertain, 1 where anything failed or was never sent, 0 else."""
    if status.counts.uncertain:
        return Exit.UNKNOWN
    unsent = status.state == "cancelled" and status.counts.pending
    return Exit.FAILED if status.counts.failed or unsent else Exit.OK


class _Display:
    """Progress for people: a line rewritten on a terminal, a line now and then elsewhere."""

    def __init__(self, output: "Output") -> None:
        self._output = output
        self._noted_at = time.monotonic()
        self._state: tuple[str, str | None] | None = None

    def show(self, event: RunEvent) -> None:
        run = event.run
        now = time.monotonic()
        text = progress_line(run, now=time.time())
        if event.role == "watcher":
            text = f"watching: {text}"
            if self._state is None and run.owners:
                self._output.note("watching: another process carries it out")
        self._output.progress(text)
        state = (run.state, run.reason)
        changed = self._state is not None and state != self._state
        self._state = state
        if (changed and run.reason) or now - self._noted_at > NOTE_SECONDS:
            self._noted_at = now
            self.done()
            self._output.note(text)

    def done(self) -> None:
        self._output.progress_done()


def progress_line(run: RunStatus, *, now: float) -> str:
    """One line: how many of how many, the rest by state, pace, and when it will be over."""
    counts = asdict(run.counts)
    parts = [f"{run.run_id} {run.state} {run.counts.settled:,}/{run.counts.total:,}"]
    parts += [
        f"{counts[name]:,} {name}" for name in ("sent", "failed", "uncertain") if counts[name]
    ]
    if run.state == "running":
        parts.append(f"{run.per_minute(now):,.0f}/min")
        eta = run.eta_s(now)
        parts.append("" if eta is None else f"{_span(eta)} left")
    elif run.reason:
        parts.append(run.reason)
    if run.resumes_at is not None:
        parts.append(f"goes on at {time.strftime('%H:%M:%S', time.localtime(run.resumes_at))}")
    return ", ".join(part for part in parts if part)


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
