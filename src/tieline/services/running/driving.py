"""Working on a run as its driver: sign on, run the engine, leave the run as it then stands."""

from collections.abc import Callable

import anyio

from tieline.errors import Error
from tieline.runs.run import RunState
from tieline.services.running.carrier import Carrier
from tieline.services.running.engine import Engine, Report
from tieline.services.running.limits import limits_of
from tieline.services.running.telling import tell_endpoints
from tieline.services.session import Session
from tieline.store.ledger.claims import ANY_CHUNK, Share
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.owners import Role
from tieline.store.ledger.reading import Stored

INTERRUPTED = "interrupted"
_OPEN: frozenset[RunState] = frozenset({"running", "paused"})
_LEAVING_SECONDS = 20.0


class Driving:
    """One owner's work on one run. `stop` may be called at any time, from the event loop."""

    def __init__(
        self,
        session: Session,
        store: str,
        ledger: Ledger,
        carrier: Carrier,
        *,
        report: Report | None = None,
    ) -> None:
        self._session = session
        self._store = store
        self._ledger = ledger
        self._carrier = carrier
        self._report = report
        self._engine: Engine | None = None
        self._stopped = False

    async def drive(
        self,
        stored: Stored,
        *,
        role: Role = "driver",
        chunk: int = ANY_CHUNK,
        started: Callable[[], None] = lambda: None,
    ) -> bool:
        """Work until nothing is left to do; False where another driver is alive and does it.

        Raises:
            Error: what holds for every item alike; the run is paused with it as the reason.
        """
        owner = await self._ledger.enlist(stored.no, role)
        if owner is None:
            return False
        reason: str | None = INTERRUPTED
        try:
            started()
            share = await self._prepare(stored, owner, chunk)
            self._engine = Engine(
                self._ledger,
                self._carrier,
                share,
                role=role,
                slots=stored.run.spec.concurrency,
                following=stored.run.spec.following,
                clock=self._session.clock,
                report=self._report,
            )
            if self._stopped:
                self._engine.drain()
            await self._engine.run()
            reason = INTERRUPTED if self._stopped else None
        except Error as error:
            reason = error.message
            raise
        finally:
            with anyio.move_on_after(_LEAVING_SECONDS, shield=True):
                await self._leave(stored.no, owner if self._engine is None else None, reason)
        return True

    def stop(self) -> None:
        """Claim nothing more; `drive` returns when the answers under way are read."""
        self._stopped = True
        if self._engine is not None:
            self._engine.drain()

    @property
    def in_flight(self) -> int:
        """Items whose answers are awaited."""
        return 0 if self._engine is None else self._engine.in_flight

    async def _prepare(self, stored: Stored, owner: int, chunk: int) -> Share:
        session = self._session
        if session.limiter is not None:
            await session.ledgers.share_limits(
                session.limiter, self._store, session.profile.state_dir, clock=session.clock
            )
        await self._ledger.set_state(stored.no, "running", only_from=_OPEN)
        await self._carrier.prepare()
        limits = await limits_of(session, stored.run)
        return Share(stored.no, stored.run.run_id, owner, limits, chunk, stored.run.spec.tells)

    async def _leave(self, run: int, owner: int | None, reason: str | None) -> None:
        mine = owner if self._engine is None else self._engine.owner
        if mine is not None:
            await self._ledger.retire(run, mine)
        if reason is not None:
            await self._ledger.pause_if_deserted(run, reason=reason)
        session = self._session
        await tell_endpoints(self._ledger, session.profile.state_dir, session.clock)
