"""Generated from `src/tieline/services/runs.py` by `make generate`: do not edit."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tieline.blocking.portal import Portal
from tieline.blocking.run_handle import Run
from tieline.runs.run import RunStatus, Tells
from tieline.services.running.items_source import Items
from tieline.services.running.spec import DEFAULT_CONCURRENCY
from tieline.services.runs import AsyncRuns
from tieline.store.ledger.loading import Duplicates


class Runs:
    """`client.runs`."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncRuns, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def in_store(self, store: str) -> "Runs":
        """The runs of another ledger: `sqlite`, or a PostgreSQL URL that several machines share."""
        return Runs(self._async.in_store(store), self._portal)

    def start(
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
    ) -> Run:
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
        return Run(
            self._portal.call(
                partial(
                    self._async.start,
                    items=items,
                    flow=flow,
                    action=action,
                    function=function,
                    rate=rate,
                    concurrency=concurrency,
                    name=name,
                    reference_field=reference_field,
                    duplicates=duplicates,
                    skip_invalid=skip_invalid,
                    wait=wait,
                    item_timeout=item_timeout,
                    user=user,
                    external_contact=external_contact,
                    tells=tells,
                )
            ),
            self._portal,
        )

    def get(self, run: str) -> Run:
        """A run by its id, or the latest of that name.

        Raises:
            NotFound: there is none.
        """
        return Run(self._portal.call(partial(self._async.get, run)), self._portal)

    def list(self) -> Iterator[RunStatus]:
        """Every run of this ledger, newest first."""
        return self._portal.iterate(self._async.list())
