"""A deployment while it goes on: every step is on disk before it is taken and after it was."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tieline.clock import Clock, rfc3339
from tieline.deployments.journal import Action, Deployment, State
from tieline.store.deployments import Journal


class DeploymentLog:
    """Writes one deployment's entries; `facts` is what it and those before it learned."""

    def __init__(self, journal: Journal, clock: Clock, facts: dict[str, Any], name: str) -> None:
        self._journal = journal
        self._clock = clock
        self.facts = facts
        self.id = name
        self.left: list[str] = []  # what a failed deployment could not put back

    @classmethod
    def begin(
        cls,
        journal: Journal,
        clock: Clock,
        action: Action,
        *,
        desired: str,
        file: str,
        continues: Deployment | None,
        of: Deployment | None = None,
        facts: dict[str, Any],
    ) -> "DeploymentLog":
        """Start one; it inherits the facts of an unfinished one that it continues."""
        inherited = {} if continues is None else dict(continues.facts)
        log = cls(journal, clock, {**inherited, **facts}, f"dep_{secrets.token_hex(8)}")
        entry: dict[str, Any] = {"action": action, "desired": desired, "file": file, "facts": facts}
        if continues is not None:
            entry["continues"] = continues.id
        if of is not None:
            entry["of"] = of.id
        log._write("begin", entry)
        return log

    @contextmanager
    def step(self, name: str, **facts: Any) -> Iterator[dict[str, Any]]:
        """Take a step; what is put into the yielded dictionary is kept with its end."""
        self._step(name, "before", facts)
        learned: dict[str, Any] = {}
        yield learned
        self._step(name, "after", learned)

    def end(self, state: State, *, message: str = "", **facts: Any) -> None:
        """Write how it ended."""
        self.facts |= facts
        self._write("end", {"state": state, "message": message, "facts": facts})

    def _step(self, name: str, phase: str, facts: dict[str, Any]) -> None:
        self.facts |= facts
        entry: dict[str, Any] = {"step": name, "phase": phase}
        if facts:
            entry["facts"] = facts
        self._write("step", entry)

    def _write(self, event: str, entry: dict[str, Any]) -> None:
        at = rfc3339(self._clock.wall())
        self._journal.append({"event": event, "deployment": self.id, "at": at, **entry})
