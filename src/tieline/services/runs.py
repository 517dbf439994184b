"""Runs: a hundred thousand invocations under a rate limit, each accounted for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tieline.invocations.checks import check_input
from tieline.runs.run import RunStatus, Tells
from tieline.services.run_handle import AsyncRun
from tieline.services.running.carrier import PipelineCarrier
from tieline.services.running.items_source import Items, ItemsSource
from tieline.services.running.spec import DEFAULT_CONCURRENCY, RunOptions, new_run_id, run_spec
from tieline.services.session import Session
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.loading import Duplicates, Loading

_PAGE = 100


class AsyncRuns:
    """`client.runs`."""

    def __init__(self, session: Session, *, store: str = "sqlite") -> None:
        self._session = session
        self._store = store

    def in_store(self, store: str) -> "AsyncRuns":
        """The runs of another ledger: `sqlite`, or a PostgreSQL URL that several machines share."""
        return AsyncRuns(self._session, store=store)

    async def start(
        self,
        *,
        items: Items,
        flow: str | None = None,
        action: str | None = None,
        function: str | None = None,
        rate: str | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        name: str | None = None,
        reference_field: str | None = None,
        duplicates: Duplicates = "refuse",
        skip_invalid: Path | None = None,
        wait: bool = True,
        item_timeout: float = 120.0,
        user: str | None = None,
        external_contact: str | None = None,
        tells: Tells = "run",
    ) -> AsyncRun:
        """Check items against the target and write a run to the ledger; all of them, or nothing.

        `items` are a path (.jsonl, .csv, `-` for stdin) or the inputs themselves. `reference_field`
        names the member that identifies an item. Without `wait` an item is done when it is
        launched. Webhooks that want `runs.*` are told of the run's end, or of each item's end too
        (`tells="items"`). Nothing is sent before `events` or `wait` is asked for on what this
        returns.

        Raises:
            InvalidInput: an item or an option is wrong (its line); nothing was written.
            Error: no such target, or it cannot be read now; nothing was written.
        """
        options = RunOptions(
            rate=rate,
            concurrency=concurrency,
            name=name,
            reference_field=reference_field,
            following="completion" if wait else "launch",
            item_timeout=item_timeout,
            user=user,
            external_contact=external_contact,
            tells=tells,
        )
        source = ItemsSource(items, reference_field=reference_field, rejects=skip_invalid)
        spec = run_spec(
            flow=flow,
            action=action,
            function=function,
            options=options,
            profile=self._session.profile.name,
            source=source.name,
        )
        known = await PipelineCarrier(self._session, spec).find()
        source.check = partial(check_input, known)
        run_id = new_run_id(datetime.fromtimestamp(self._session.clock.wall(), UTC))
        ledger = await self._ledger()
        loading = Loading(run_id, spec, source.sha256, duplicates=duplicates)
        await ledger.load(loading, source)
        stored = await ledger.find(run_id)
        return AsyncRun(self._session, self._store, ledger, stored, set_aside=source.rejected)

    async def get(self, run: str) -> AsyncRun:
        """A run by its id, or the latest of that name.

        Raises:
            NotFound: there is none.
        """
        ledger = await self._ledger()
        return AsyncRun(self._session, self._store, ledger, await ledger.find(run))

    async def list(self) -> AsyncIterator[RunStatus]:
        """Every run of this ledger, newest first."""
        ledger = await self._ledger()
        below: int | None = None
        while page := await ledger.list(limit=_PAGE, below=below):
            for stored in page:
                yield stored.run
            below = page[-1].no

    async def _ledger(self) -> Ledger:
        session = self._session
        return await session.ledgers.get(
            self._store, session.profile.state_dir, clock=session.clock
        )
