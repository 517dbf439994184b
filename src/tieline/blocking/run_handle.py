"""Generated from `src/tieline/services/run_handle.py` by `make generate`: do not edit."""

from collections.abc import Iterator
from functools import partial
from typing import Literal

from tieline.blocking.portal import Portal
from tieline.runs.run import RunStatus
from tieline.services.run_handle import AsyncRun, RunEvent
from tieline.services.running.resolving import LookedUp
from tieline.store.ledger.reading import Item
from tieline.types import Json


class Run:
    """A handle on one run; made by `runs.start` and `runs.get`.

    Nothing is carried out before `events`, `wait` or `resume` is asked for, here or in another
    process. Whoever asks while another living process carries it out only watches.
    """

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncRun, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    @property
    def run_id(self) -> str:
        """What names the run everywhere."""
        return self._async.run_id

    @property
    def set_aside(self) -> int:
        """How many lines `skip_invalid` took when this handle's `start` read the items."""
        return self._async.set_aside

    def show(self) -> RunStatus:
        """Look how it stands, without a scan whatever its size."""
        return self._portal.call(self._async.show)

    def wait(self) -> RunStatus:
        """Carry the run out, or watch who does, until it is over, cancelled or paused.

        Raises:
            Error: what holds for every item alike (permission, target, store); the run is paused
                and can be resumed.
        """
        return self._portal.call(self._async.wait)

    def resume(self, *, keep_items: bool = False) -> RunStatus:
        """Go on with a run that was interrupted, killed or paused; as `wait`.

        Raises:
            Conflict: see `check_resumable`.
        """
        return self._portal.call(partial(self._async.resume, keep_items=keep_items))

    def check_resumable(self, *, keep_items: bool = False) -> None:
        """Refuse to go on with a cancelled run, or where the items file was changed since.

        Raises:
            Conflict: it was cancelled; or the file was changed, and `keep_items` does not say that
                the items are to stay as they were read.
        """
        return self._portal.call(partial(self._async.check_resumable, keep_items=keep_items))

    def events(self) -> Iterator[RunEvent]:
        """Carry the run out, or watch who does, and tell how it goes, at most ten times a second.

        Leaving the iteration early stops the run: what is under way is finished first.
        """
        return self._portal.iterate(self._async.events())

    def watch(self) -> Iterator[RunEvent]:
        """Watch who carries the run out, until it is over or nobody does; carry nothing out."""
        return self._portal.iterate(self._async.watch())

    def stop(self) -> None:
        """Let the `events`, `wait`, `watch` or `resume` under way end.

        What is in flight is settled first.
        """
        return self._portal.call(self._async.stop)

    def cancel(self) -> RunStatus:
        """Send nothing more. What was sent is followed to its end by whoever carries it out."""
        return self._portal.call(self._async.cancel)

    def items(self) -> Iterator[Item]:
        """Every item in the order of its source, as it stands."""
        return self._portal.iterate(self._async.items())

    def uncertain(self) -> Iterator[Item]:
        """The items of which nobody knows whether they were carried out."""
        return self._portal.iterate(self._async.uncertain())

    def look_up(self) -> LookedUp:
        """Settle uncertain items by what can be found out. Audited one by one.

        Looked at are the executions the items are known to have, the audit log of this state folder
        (an answer that was recorded there before the process died), and the history of a data
        action in the guide dialect: an item is the one invocation of its whole input and time that
        fits no other item.

        Raises:
            Error: the far side cannot be read; what was settled before stays so.
        """
        return self._portal.call(self._async.look_up)

    def settle(
        self,
        reference: str,
        *,
        outcome: Literal["done", "failed", "pending"],
        execution_id: str | None = None,
        result: Json = None,
        note: str | None = None,
    ) -> None:
        """Settle one uncertain item by hand; audited.

        `pending` has it sent again at the next `resume`: for whoever knows that it was not carried
        out, or that the target may be invoked twice without harm.

        Raises:
            NotFound: no uncertain item has this reference.
        """
        return self._portal.call(
            partial(
                self._async.settle,
                reference,
                outcome=outcome,
                execution_id=execution_id,
                result=result,
                note=note,
            )
        )
