"""Routing rules deployed from a file: planned by reading, applied, looked at, taken back.

`auto` takes the target that fits: the guides' rules in the guide dialect; on the platform a
queue's conditional group routing where the rules use its metrics only, else a decision table.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio.to_thread

from tieline.deployments.journal import Deployment, History, RuleTarget, read_history
from tieline.errors import (
    Conflict,
    Error,
    InvalidInput,
    LimitExceeded,
    StalePlan,
    Unsupported,
)
from tieline.rules.diff import RulesPlan, check_fresh
from tieline.rules.group_routing import uses_metrics_only
from tieline.rules.model import Ruleset
from tieline.services.deploying.log import DeploymentLog
from tieline.services.deploying.telling import told_deployment
from tieline.services.rule_deploying.announcing import MatchRates, announce_rules, measured_rates
from tieline.services.rule_deploying.guide_target import GuideTarget
from tieline.services.rule_deploying.queue_target import QueueTarget
from tieline.services.rule_deploying.source import CheckedRules, Source, checked_rules
from tieline.services.rule_deploying.table_target import OtherColumns, TableTarget
from tieline.services.rule_deploying.target import Deployed, HeldJournal, RulesStatus, Target, Wish
from tieline.services.session import Session
from tieline.store.deployments import FileJournal, journal_path


class AsyncPlannedRules:
    """A plan, and the rules that it was made for; nothing is changed before `apply`."""

    def __init__(
        self, session: Session, target: Target, rules: CheckedRules, journal: HeldJournal
    ) -> None:
        """Take what `AsyncRules.plan` found."""
        self._session = session
        self._target = target
        self._rules = rules
        self._journal = journal
        self._plan = RulesPlan("", "", "", (), 0)
        self._notes: tuple[str, ...] = ()
        self._resumes = False

    async def refresh(self) -> None:
        """Read what stands and plan again.

        Raises:
            Unsupported: the target cannot say what the rules say.
        """
        history = read_history(self._journal.entries())
        self._plan, notes = await self._target.plan(self._rules, history)
        self._notes = (*self._rules.doubts, *notes)
        self._resumes = history.unfinished is not None

    @property
    def plan(self) -> RulesPlan:
        """The difference, as data."""
        return self._plan

    def to_json(self) -> dict[str, Any]:
        """The document of `rules plan`."""
        return {
            "ruleset": self._rules.ruleset.name,
            "dialect": self._session.dialect.name,
            "kind": self._target.kind,
            "file": self._rules.digest,
            "resumes": self._resumes,
            **self._plan.to_json(),
            "notes": list(self._notes),
        }

    def remember(self) -> None:
        """Note that this plan was shown: `check_shown` then holds an `apply` of it to it."""
        plan = self._plan
        self._journal.append(
            {"event": "planned", "desired": plan.desired, "base": plan.base, "plan": plan.id}
        )

    def check_shown(self, plan_id: str | None = None) -> None:
        """Refuse a plan that is another one than the one that was shown, if one was.

        Raises:
            StalePlan: nothing was changed.
        """
        if plan_id is not None and plan_id != self._plan.id:
            raise StalePlan(f"the plan is {self._plan.id[:12]} by now, not {plan_id[:12]}")
        shown = read_history(self._journal.entries()).planned.get(self._plan.desired)
        if plan_id is None and shown is not None and shown != self._plan.base:
            raise StalePlan(
                f"{self._plan.target} changed since the plan was shown: "
                f"{shown[:12]} is {self._plan.base[:12]} by now"
            )

    async def apply(self, *, history: Path | None = None) -> Deployed:
        """Carry the plan out, from the very state it was made from.

        A deployment that was cut off is taken up. Doing it again changes nothing. Where a webhook
        is set up, it is told of each rule, with the match rate that `history` (a file as
        `rules simulate` reads) gives it.

        Raises:
            InvalidInput: the history cannot be read; nothing was changed.
            StalePlan: the remote side changed since; nothing was changed.
            Error: a step was refused; the message says what became of those before it.
        """
        async with told_deployment(self._session, "rules", self._rules.ruleset.name) as told:
            deployed = await self._apply(history)
            told.version, told.change = deployed.deployment, deployed.change
        return deployed

    async def _apply(self, history: Path | None) -> Deployed:
        rates = await self._rates(history)
        with self._journal.held():
            past = read_history(self._journal.entries())
            fresh, _ = await self._target.plan(self._rules, past)
            check_fresh(self._plan, fresh.base)
            ruleset, kind = self._rules.ruleset.name, self._target.kind
            if not self._plan.changes and past.unfinished is None:
                standing = past.standing
                return Deployed("none", ruleset, kind, None if standing is None else standing.id)
            log = DeploymentLog.begin(
                self._journal,
                self._session.clock,
                "apply",
                desired=self._plan.desired,
                file=self._rules.digest,
                continues=past.unfinished,
                facts=self._target.facts(self._rules, self._plan, past),
            )
            try:
                facts = await self._target.apply(self._rules, self._plan, log)
            except Error as error:
                log.end("incomplete" if log.left else "undone", message=error.message)
                raise
            with log.step("tell") as learned:
                learned["told"] = self._tell(facts["rules"], log.id, rates)
            log.end("deployed")
        return Deployed("applied", ruleset, kind, log.id, len(self._plan.changes), facts)

    async def _rates(self, history: Path | None) -> MatchRates:
        if history is None:
            return MatchRates()
        return await anyio.to_thread.run_sync(measured_rates, self._rules.ruleset, history)

    def _tell(self, rule_ids: Mapping[str, str], deployment: str, rates: MatchRates) -> int:
        ruleset = self._rules.ruleset
        records = [case.record for case in ruleset.cases] or [{}]
        return announce_rules(
            self._session, ruleset, rule_ids,
            deployment=deployment, rates=rates, records=records,
        )  # fmt: skip


class AsyncRules:
    """`client.rules`."""

    def __init__(
        self, session: Session, *, open_journal: Callable[[Path], HeldJournal] = FileJournal
    ) -> None:
        self._session = session
        self._open_journal = open_journal

    async def plan(
        self,
        source: Source,
        *,
        target: Wish = "auto",
        force: bool = False,
        replace_table: bool = False,
    ) -> AsyncPlannedRules:
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
        rules = await checked_rules(self._session, source, proofs="tell" if force else "demand")
        other_columns: OtherColumns = "replace" if replace_table else "refuse"
        made = self._target(rules.ruleset, target, other_columns)
        planned = AsyncPlannedRules(
            self._session, made, rules, self._journal(rules.ruleset, made.kind)
        )
        await planned.refresh()
        return planned

    async def status(self, source: Source, *, target: Wish = "auto") -> RulesStatus:
        """Say what stands of a rule file's rules, and how its last deployments went."""
        rules = await checked_rules(self._session, source, proofs="skip")
        made = self._target(rules.ruleset, target)
        history = read_history(self._journal(rules.ruleset, made.kind).entries())
        pending, problem = None, ""
        try:
            plan, _ = await made.plan(rules, history)
            pending = len(plan.changes)
        except (Conflict, Unsupported, LimitExceeded) as error:
            problem = error.message
        return RulesStatus(rules.ruleset.name, made.kind, rules.digest, pending, history, problem)

    async def rollback(self, source: Source, *, target: Wish = "auto") -> Deployed:
        """Put back what stood before the last deployment, or before one that was cut off.

        Raises:
            InvalidInput: no deployment of these rules stands, as far as this machine knows.
            StalePlan: what was deployed was changed since; nothing was changed.
        """
        rules = await checked_rules(self._session, source, proofs="skip")
        async with told_deployment(self._session, "rules", rules.ruleset.name) as told:
            deployed = await self._roll_back(rules, target)
            told.state, told.change = "rolled_back", deployed.change
            told.version = deployed.deployment
        return deployed

    async def _roll_back(self, rules: CheckedRules, target: Wish) -> Deployed:
        made = self._target(rules.ruleset, target)
        journal = self._journal(rules.ruleset, made.kind)
        with journal.held():
            history = read_history(journal.entries())
            deployment = _to_take_back(history)
            log = DeploymentLog.begin(
                journal, self._session.clock, "rollback",
                desired="", file=deployment.file, continues=history.unfinished, of=deployment,
                facts={},
            )  # fmt: skip
            try:
                facts = await made.rollback(deployment, log)
            except Error as error:
                unfinished = log.left or history.unfinished is not None
                log.end("incomplete" if unfinished else "undone", message=error.message)
                raise
            log.end("deployed")
        return Deployed("rolled_back", rules.ruleset.name, made.kind, deployment.id, facts=facts)

    def _target(
        self, ruleset: Ruleset, wish: Wish, other_columns: OtherColumns = "replace"
    ) -> Target:
        if self._session.dialect.name == "guide":
            if wish != "auto":
                raise Unsupported(f"the guide dialect has no {wish} to deploy rules to")
            return GuideTarget(self._session)
        kind = "queue" if wish == "auto" and uses_metrics_only(ruleset) else wish
        if kind == "queue":
            return QueueTarget(self._session)
        return TableTarget(self._session, other_columns=other_columns)

    def _journal(self, ruleset: Ruleset, kind: RuleTarget) -> HeldJournal:
        profile = self._session.profile
        path = journal_path(
            profile.state_dir, ruleset=ruleset.name, target=kind,
            place=f"{profile.api} {profile.base_url}",
        )  # fmt: skip
        return self._open_journal(path)


def _to_take_back(history: History) -> Deployment:
    unfinished = history.unfinished
    if unfinished is not None and unfinished.action == "rollback":
        by_id = {each.id: each for each in history.deployments}
        if unfinished.of in by_id:
            return by_id[unfinished.of]
    found = unfinished or history.standing
    if found is None:
        raise InvalidInput(
            "there is nothing to roll back: no deployment of these rules stands",
            hint="deployments are known to the machine and state directory they were made from",
        )
    return found
