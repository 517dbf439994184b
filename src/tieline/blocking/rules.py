"""Generated from `src/tieline/services/rules.py` by `make generate`: do not edit."""

from functools import partial
from pathlib import Path
from typing import Any

from tieline.blocking.portal import Portal
from tieline.rules.diff import RulesPlan
from tieline.services.rule_deploying.source import Source
from tieline.services.rule_deploying.target import Deployed, RulesStatus, Wish
from tieline.services.rules import AsyncPlannedRules, AsyncRules


class PlannedRules:
    """A plan, and the rules that it was made for; nothing is changed before `apply`."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncPlannedRules, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def refresh(self) -> None:
        """Read what stands and plan again.

        Raises:
            Unsupported: the target cannot say what the rules say.
        """
        return self._portal.call(self._async.refresh)

    @property
    def plan(self) -> RulesPlan:
        """The difference, as data."""
        return self._async.plan

    def to_json(self) -> dict[str, Any]:
        """The document of `rules plan`."""
        return self._async.to_json()

    def remember(self) -> None:
        """Note that this plan was shown: `check_shown` then holds an `apply` of it to it."""
        return self._async.remember()

    def check_shown(self, plan_id: str | None = None) -> None:
        """Refuse a plan that is another one than the one that was shown, if one was.

        Raises:
            StalePlan: nothing was changed.
        """
        return self._async.check_shown(plan_id)

    def apply(self, *, history: Path | None = None) -> Deployed:
        """Carry the plan out, from the very state it was made from.

        A deployment that was cut off is taken up. Doing it again changes nothing. Where a webhook
        is set up, it is told of each rule, with the match rate that `history` (a file as
        `rules simulate` reads) gives it.

        Raises:
            InvalidInput: the history cannot be read; nothing was changed.
            StalePlan: the remote side changed since; nothing was changed.
            Error: a step was refused; the message says what became of those before it.
        """
        return self._portal.call(partial(self._async.apply, history=history))


class Rules:
    """`client.rules`."""

    __slots__ = ("_async", "_portal")

    def __init__(self, wrapped: AsyncRules, portal: Portal) -> None:
        self._async = wrapped
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._async).removeprefix("Async")

    def plan(
        self,
        source: Source,
        *,
        target: Wish = "auto",
        force: bool = False,
        replace_table: bool = False,
    ) -> PlannedRules:
        """Check the rules, prove them, and say what a deployment would change.

        Args:
            source: The rule file, or a rule set that `tieline.rules.check.load_ruleset` made.
            target: Where it goes; `table` and `queue` are the platform's.
            force: Deploy rules that are unreachable, shadowed or in conflict all the same.
            replace_table: Where the rules need other columns than the published table has, make a
                table beside it, with an id of its own that flows are then to be pointed at.

        Raises:
            InvalidInput: the file cannot be deployed; nothing was sent but questions.
            Unsupported: the target cannot say what the rules say.
        """
        return PlannedRules(
            self._portal.call(
                partial(
                    self._async.plan,
                    source,
                    target=target,
                    force=force,
                    replace_table=replace_table,
                )
            ),
            self._portal,
        )

    def status(self, source: Source, *, target: Wish = "auto") -> RulesStatus:
        """Say what stands of a rule file's rules, and how its last deployments went."""
        return self._portal.call(partial(self._async.status, source, target=target))

    def rollback(self, source: Source, *, target: Wish = "auto") -> Deployed:
        """Put back what stood before the last deployment, or before one that was cut off.

        Raises:
            InvalidInput: no deployment of these rules stands, as far as this machine knows.
            StalePlan: what was deployed was changed since; nothing was changed.
        """
        return self._portal.call(partial(self._async.rollback, source, target=target))
