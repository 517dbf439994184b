"""Rules to a decision table: a draft beside what executes, tried out before it takes its place.

Executions use the version before until the publish, which is one instant. Where the rules need
columns that a published table will never have, a table beside it is made, if that is asked for.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from tieline.deployments.journal import Deployment, History, RuleTarget
from tieline.deployments.table_replacement import described
from tieline.deployments.table_rows import plan_rows, rule_names
from tieline.deployments.table_schema import extended_schema, new_schema, retyped, schema_change
from tieline.errors import Conflict, Error, NotFound, StalePlan, Unsupported
from tieline.rules.decision_table import compile_table
from tieline.rules.diff import Change, RulesPlan, fingerprint
from tieline.rules.table import Table
from tieline.services.deploying.log import DeploymentLog
from tieline.services.rule_deploying.source import CheckedRules
from tieline.services.rule_deploying.table_deployment import TableDeployment
from tieline.services.rule_deploying.table_standing import (
    StandingTable,
    name_for_replacement,
    published_version,
    read_standing,
    read_table,
)
from tieline.services.rule_deploying.table_take_back import TableTakeBack
from tieline.services.session import Session
from tieline.types import JsonObject

OtherColumns = Literal["refuse", "replace"]
"""What to do with rules that need other columns than the published table has."""


class TableTarget:
    """One rule set on its way to its decision table."""

    kind: RuleTarget = "table"

    def __init__(self, session: Session, *, other_columns: OtherColumns) -> None:
        self._session = session
        self._other_columns = other_columns
        self._standing: StandingTable | None = None
        self._replaced: StandingTable | None = None
        self._name = ""

    async def plan(self, rules: CheckedRules, history: History) -> tuple[RulesPlan, list[str]]:
        """Compare the compiled rows with those that execute.

        Raises:
            Unsupported: a table cannot say what the rules say, or its columns are fixed.
            Conflict: there is a draft that no deployment of ours made.
        """
        table = _compiled(rules)
        found = await read_standing(self._session, table.name)
        facts = {} if history.unfinished is None else history.unfinished.facts
        reasons = [] if found is None else _unfit(found, table)
        if found is not None and reasons:
            self._require_replacing(found, reasons, facts)
            self._standing, self._replaced = None, found
            if _replaces(facts, found):
                self._name = str(facts["name"])
            else:
                self._name = await name_for_replacement(self._session, table.name)
        else:
            _require_ours(found, facts)
            self._standing, self._replaced = found, None
            self._name = table.name if found is None else found.name
        _require_same_table(self._name, facts)
        return self._compared(table, found, history), self._notes(table, reasons)

    def facts(self, rules: CheckedRules, plan: RulesPlan, history: History) -> dict[str, Any]:
        """What makes the deployment's own schema, table and draft known again."""
        del plan
        found, unfinished = self._standing, history.unfinished
        facts: dict[str, Any] = {"names": rule_names(_compiled(rules))}
        if unfinished is not None and "marker" in unfinished.facts:
            return facts
        replaced = None if self._replaced is None else self._replaced.id
        marker = f"Deployed by Tieline, {secrets.token_hex(8)}"
        return facts | {
            "name": self._name,
            "marker": marker,
            "description": described(marker, replaced),
            "replaces": replaced,
            "previous": None if found is None else found.published,
            "latest": 0 if found is None else found.latest,
        }

    async def apply(
        self, rules: CheckedRules, plan: RulesPlan, log: DeploymentLog
    ) -> Mapping[str, Any]:
        """Take the steps, from the state that was planned for.

        Raises:
            ChecksFailed: the platform decides otherwise than the rules say; nothing is in use.
            Error: a step was refused; the message says what became of what was made.
        """
        del plan
        table = replace(_compiled(rules), name=self._name)
        steps = TableDeployment(self._session, rules, table, self._standing, log)
        try:
            draft = await steps.run()
        except Error as error:
            await steps.roll_back(error)
            raise
        replaced = log.facts.get("replaces")
        return {
            "table": draft.table_id,
            "name": self._name,
            "version": draft.version,
            "previous": log.facts["previous"],
            **({} if replaced is None else {"replaces": replaced}),
            "rules": {r.name: f"{draft.table_id}#{r.name}" for r in rules.ruleset.ordered()},
        }

    async def rollback(self, deployment: Deployment, log: DeploymentLog) -> Mapping[str, Any]:
        """Let the version before execute again; where there was none, the table goes.

        Raises:
            StalePlan: another version was published since.
            Conflict: a flow uses the table that would go.
        """
        facts = dict(deployment.facts)
        back = TableTakeBack(self._session)
        table_id = facts.get("table")
        if table_id is None:
            await back.take(facts, log)
            return {"table": facts.get("replaces")}
        try:
            published = published_version(await read_table(self._session, table_id))
        except NotFound:
            return {"table": facts.get("replaces")}
        if published not in (facts.get("draft"), facts.get("previous")):
            raise StalePlan(
                f"version {published} was published since; nothing was changed",
                hint="`tieline rules plan` shows the difference",
            )
        await back.take(facts, log)
        if facts.get("created"):
            return {"table": facts.get("replaces")}
        return {"table": table_id, "version": facts["previous"]}

    def _require_replacing(
        self, found: StandingTable, reasons: list[str], facts: JsonObject
    ) -> None:
        if self._other_columns == "replace" or _replaces(facts, found):
            return
        raise Unsupported(
            f"the decision table {found.name} cannot hold these rules: {reasons[0]}, and a "
            "table's columns never change once it is published",
            hint="`--replace-table` makes a table beside it; flows call a table by its id and go "
            "on using this one until you point them at the other",
        )

    def _compared(self, table: Table, found: StandingTable | None, history: History) -> RulesPlan:
        standing = self._standing
        known = {} if history.standing is None else history.standing.facts.get("names", {})
        rows = () if standing is None else standing.rows
        plan = plan_rows(f"decision table {self._name}", table, rows, rules_of=known)
        base = fingerprint([plan.base, None if found is None else found.base()])
        schema = new_schema(table, marker="")
        change = None
        if standing is not None:
            schema = extended_schema(table, standing.schema)
            change = schema_change(table, standing.schema)
        elif self._replaced is not None:
            before = {"id": self._replaced.id, "name": self._replaced.name}
            change = Change("add", f"table {self._name}", before, {"name": self._name}, ())
        desired = fingerprint([plan.desired, schema["properties"]])
        changes = plan.changes if change is None else (change, *plan.changes)
        return replace(plan, base=base, desired=desired, changes=changes)

    def _notes(self, table: Table, reasons: list[str]) -> list[str]:
        columns = len(table.inputs) + len(table.outputs)
        if self._replaced is not None:
            before = self._replaced
            replaces = f"REPLACES the decision table {before.name} ({before.id})"
            flows = f"FLOWS GO ON USING {before.name}, which stays as it is, until you point them"
            return [f"{replaces}: {'; '.join(reasons)}", f"{flows} at the id of {self._name}"]
        if self._standing is None:
            return [f"the table is made, with {columns} columns"]
        return []


def _compiled(rules: CheckedRules) -> Table:
    return compile_table(rules.ruleset, queue_ids=rules.queue_ids)


def _unfit(found: StandingTable, table: Table) -> list[str]:
    return [*found.columns.unfit(table), *retyped(table, found.schema)]


def _replaces(facts: JsonObject, found: StandingTable) -> bool:
    """Whether an unfinished deployment is making a table beside this one already."""
    return facts.get("replaces") == found.id


def _require_same_table(name: str, facts: JsonObject) -> None:
    """What is unfinished is finished or taken back before another table is begun with."""
    if facts.get("name") not in (None, name):
        raise Conflict(
            f"a deployment to {facts['name']} was cut off, and these rules go to {name}",
            status=409,
            hint="`tieline rules rollback` takes back what was half done",
        )


def _require_ours(found: StandingTable | None, facts: JsonObject) -> None:
    """A draft that somebody else works on is not ours to fill or to publish."""
    if found is None or found.draft is None:
        return
    made_here = found.description == facts.get("description")
    started = found.draft == facts.get("latest", -1) + 1 and found.published == facts["previous"]
    if not (made_here or started or found.draft == facts.get("draft")):
        raise Conflict(
            f"{found.name} has a draft, version {found.draft}, that this deployment did not make",
            status=409,
            hint="publish or delete that draft first",
        )
