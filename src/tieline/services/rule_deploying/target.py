"""What a deployment of rules is made of: where rules go, what was done, what stands."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tieline.deployments.journal import Deployment, History, RuleTarget
from tieline.rules.diff import RulesPlan
from tieline.services.deploying.log import DeploymentLog
from tieline.services.rule_deploying.source import CheckedRules
from tieline.store.deployments import Journal

Wish = Literal["auto", "table", "queue"]
"""Where the rules are to go; `table` and `queue` are the platform's."""


class HeldJournal(Journal, Protocol):
    """A journal that one process at a time may deploy with."""

    def held(self) -> AbstractContextManager[None]:
        """See `FileJournal.held`."""
        ...


class Target(Protocol):
    """Where rules go, and how they come back from there."""

    @property
    def kind(self) -> RuleTarget:
        """`guide`, `table` or `queue`."""
        ...

    async def plan(self, rules: CheckedRules, history: History) -> tuple[RulesPlan, list[str]]:
        """Compare by reading; the sentences say what the plan does not."""
        ...

    def facts(self, rules: CheckedRules, plan: RulesPlan, history: History) -> dict[str, Any]:
        """What the journal begins with, so that the deployment can be continued and taken back."""
        ...

    async def apply(
        self, rules: CheckedRules, plan: RulesPlan, log: DeploymentLog
    ) -> Mapping[str, Any]:
        """Carry a fresh plan out; what it returns is part of the result."""
        ...

    async def rollback(self, deployment: Deployment, log: DeploymentLog) -> Mapping[str, Any]:
        """Put back what stood before."""
        ...


@dataclass(frozen=True, slots=True)
class Deployed:
    """What `apply` or `rollback` did; `facts` depend on the target: ids of rules, a version."""

    change: Literal["none", "applied", "rolled_back"]
    ruleset: str
    target: RuleTarget
    deployment: str | None
    changes: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The document of `rules apply` and `rules rollback`."""
        return {
            "change": self.change,
            "ruleset": self.ruleset,
            "target": self.target,
            "deployment": self.deployment,
            "changes": self.changes,
            **self.facts,
        }


@dataclass(frozen=True, slots=True)
class RulesStatus:
    """What stands, and whether it is what the file says.

    `pending` counts the differences; None where they cannot be told, for the reason in `problem`.
    """

    ruleset: str
    target: RuleTarget
    file: str
    pending: int | None
    history: History
    problem: str = ""

    @property
    def state(self) -> str:
        """`none`, `deployed`, or how an unfinished deployment was left."""
        if self.history.unfinished is not None:
            return self.history.unfinished.state
        return "none" if self.history.standing is None else "deployed"

    def to_json(self) -> dict[str, Any]:
        """The document of `rules status`."""
        standing, unfinished = self.history.standing, self.history.unfinished
        return {
            "ruleset": self.ruleset,
            "target": self.target,
            "state": self.state,
            "file": self.file,
            "in_sync": self.pending == 0,
            "pending": self.pending,
            "problem": self.problem,
            "standing": None if standing is None else standing.to_json(),
            "unfinished": None if unfinished is None else unfinished.to_json(),
            "deployments": [each.to_json() for each in self.history.deployments],
        }
