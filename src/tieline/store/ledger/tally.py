"""How a transaction moves a run's counters: gathered while items move, written once."""

from dataclasses import dataclass, field

from tieline.runs.item import STATES, ItemState
from tieline.store.ledger.database import Session


@dataclass(slots=True)
class Tally:
    """Differences by state; `orphans` counts sent items without an owner."""

    by_state: dict[ItemState, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    orphans: int = 0

    def move(self, origin: ItemState, to: ItemState, count: int = 1) -> None:
        """Note items that changed their state."""
        self.by_state[origin] -= count
        self.by_state[to] += count

    def write(self, session: Session, run: int) -> None:
        """Move the run's counters, where there is anything to move."""
        if self.orphans or any(self.by_state.values()):
            session.rows("move_run", run=run, orphans=self.orphans, **self.by_state)
