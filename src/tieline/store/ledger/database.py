"""What the ledger's transactions need of a database; SQLite and PostgreSQL implement it.

Everything here blocks; the ledger calls it from a thread.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Row = tuple[Any, ...]


class Session(Protocol):
    """One transaction under way."""

    @property
    def now(self) -> float:
        """Wall seconds of the clock that all users of this database share."""
        ...

    @property
    def tick(self) -> tuple[str, float]:
        """Seconds for rate limits, and the epoch they count from; jumps only with the epoch."""
        ...

    def rows(self, statement: str, **values: Any) -> list[Row]:
        """Run a named statement; its rows, none where it gives none."""
        ...

    def insert_items(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Write new items by the fastest way there is."""
        ...

    def change_items(
        self, changes: Sequence[Mapping[str, Any]], *, run: int, owner: int, origin: str
    ) -> list[Row]:
        """Move items of `owner` out of the state `origin`; (seq, state) of those that moved."""
        ...

    def load_limit(self, key: str) -> tuple[str, str] | None:
        """Epoch and state of a rate limit, locked until the transaction ends; None at first."""
        ...

    def save_limit(self, key: str, epoch: str, state: str) -> None:
        """Write what `load_limit` locked."""
        ...


class Database(Protocol):
    """A database that holds a ledger, its schema brought up to date."""

    @property
    def one_machine(self) -> bool:
        """True where all who use it run on this machine."""
        ...

    def transaction(self) -> AbstractContextManager[Session]:
        """All or nothing, durable once it ends without an error.

        Raises:
            StoreUnavailable: disk full, locked for too long, gone. It may or may not have been
                committed where the connection broke.
        """
        ...

    def close(self) -> None:
        """Give the connection up."""
        ...
