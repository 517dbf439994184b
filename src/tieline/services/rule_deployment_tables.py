"""Rules to a decision table: a draft beside what executes, tried out before it takes its place.

    schema → table or draft → rows → read back → try out → keep what stands → publish → canary

Executions use the version before until the publish, which is one instant. A step that fails removes
the draft, or what was made for it; a published version that decides wrongly is rolled back at once.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tieline.calls.operation import Request
from tieline.deployments.journal import Deployment, History, RuleTarget
from tieline.deployments.table_rows import (
    extended_schema,
    plan_rows,
    rule_names,
    schema_change,
)
from tieline.dialects import business_rules as wire
from tieline.errors import (
    BadAnswer,
    Conflict,
    Error,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    StalePlan,
    Unsupported,
)
from tieline.rules.decision_table import compile_table
from tieline.rules.diff import RulesPlan, fingerprint
from tieline.rules.table import Table
from tieline.services.deployment_log import DeploymentLog
from tieline.services.rule_source import CheckedRules
from tieline.services.session import Session
from tieline.services.table_change import change_table
from tieline.services.table_draft import Draft
from tieline.services.table_standing import (
    StandingTable,
    published_version,
    read_standing,
    read_table,
    schema_marked,
)
from tieline.services.table_take_back import TableTakeBack

MOST_TRIES = 3


class TableTarget:
    """One rule set on its way to the decision table of its name."""

    kind: RuleTarget = "table"

    def __init__(self, session: Session) -> None:
        self._session = session
        self._back = TableTakeBack(session)
        self._standing: StandingTable | None = None

    async def plan(self, rules: CheckedRules, history: History) -> tuple[RulesPlan, list[str]]:
        """Compare the compiled rows with those that execute.

        Raises:
            Unsupported: a table cannot say what the rules say, or its columns are fixed.
            Conflict: there is a draft that no deployment of ours made.
        """
        table = compile_table(rules.ruleset, queue_ids=rules.queue_ids)
        found = self._standing = await read_standing(self._session, table.name)
        _require_ours(found, history, table.name)
        _require_columns(found, table)
        known = {} if history.standing is None else history.standing.facts.get("names", {})
        target = f"decision table {table.name}"
        plan = plan_rows(target, table, () if found is None else found.rows, rules_of=known)
        change = None if found is None else schema_change(table, found.schema)
        base = fingerprint([plan.base, None if found is None else found.base()])
        desired = fingerprint([plan.desired, extended_schema(table, None, marker="")["properties"]])
        changes = plan.changes if change is None else (change, *plan.changes)
        return replace(plan, base=base, desired=desired, changes=changes), _notes(found, table)

    def facts(self, rules: CheckedRules, plan: RulesPlan, history: History) -> dict[str, Any]:
        """What makes the deployment's own schema, table and draft known again."""
        del plan
        found, unfinished = self._standing, history.unfinished
        facts: dict[str, Any] = {"names": rule_names(_compiled(rules))}
        if unfinished is None or "marker" not in unfinished.facts:
            facts["name"] = rules.ruleset.name
            facts["marker"] = f"Deployed by Tieline, {secrets.token_hex(8)}"
            facts["previous"] = None if found is None else found.published
            facts["latest"] = 0 if found is None else found.latest
        return facts

    async def apply(
        self, rules: CheckedRules, plan: RulesPlan, log: DeploymentLog
    ) -> Mapping[str, Any]:
        """Take the steps, from the state that was planned for.

        Raises:
            ChecksFailed: the platform decides otherwise than the rules say; nothing is in use.
            Error: a step was refused; the message says what became of what was made.
        """
        del plan
        table = _compiled(rules)
        try:
            draft = await self._draft(rules, table, log)
            if not await draft.is_published():
                await self._prepare(draft, log)
                with log.step("publish"):
                    await draft.publish()
            with log.step("canary"):
                await draft.canary()
        except Error as error:
            await self._clean(log, error, table.name)
            raise
        return {
            "table": draft.table_id,
            "version": draft.version,
            "previous": log.facts["previous"],
            "rules": {r.name: f"{draft.table_id}#{r.name}" for r in rules.ruleset.ordered()},
        }

    async def rollback(self, deployment: Deployment, log: DeploymentLog) -> Mapping[str, Any]:
        """Let the version before execute again; where there was none, the table goes.

        Raises:
            StalePlan: another version was published since.
            Conflict: a flow uses the table that would go.
        """
        facts = dict(deployment.facts)
        table_id = facts.get("table")
        if table_id is None:
            await self._back.take(facts, log)
            return {}
        try:
            published = published_version(await read_table(self._session, table_id))
        except NotFound:
            return {"table": None}
        if published not in (facts.get("draft"), facts.get("previous")):
            raise StalePlan(
                f"version {published} was published since; nothing was changed",
                hint="`tieline rules plan` shows the difference",
            )
        await self._back.take(facts, log)
        return {"table": None if facts.get("created") else table_id, "version": facts["previous"]}

    async def _draft(self, rules: CheckedRules, table: Table, log: DeploymentLog) -> Draft:
        found = self._standing
        if found is None:
            return await self._new_table(rules, table, log)
        if schema_change(table, found.schema) is not None:
            with log.step("schema", table=found.id):
                document = extended_schema(table, found.schema, marker="")
                request = wire.put_schema(found.schema_id, document, version=found.schema_version)
                await change_table(self._session, request, found.id)
        number: int | None = log.facts.get("draft")
        if number is None or number not in (found.draft, found.published):
            number = await self._new_draft(found, log)
        draft = Draft(self._session, found.id, number, rules, table)
        with log.step("ready"):
            await draft.ready()
            if not await draft.is_published() and found.published is not None:
                await change_table(self._session, wire.sync_version(found.id, number), found.id)
        return draft

    async def _new_draft(self, found: StandingTable, log: DeploymentLog) -> int:
        with log.step("draft", table=found.id) as learned:
            number = found.draft
            for _ in range(MOST_TRIES):
                if number is not None:
                    break
                try:
                    body = await change_table(
                        self._session, wire.create_version(found.id), found.id
                    )
                    number = int(body["version"])
                except (OutcomeUnknown, Conflict):
                    again = await read_standing(self._session, await self._name(found.id))
                    number = None if again is None else again.draft
            if number is None:
                raise BadAnswer("table_versions.create: no draft stands after it was asked for")
            learned["draft"] = log.facts["draft"] = number
        return number

    async def _new_table(self, rules: CheckedRules, table: Table, log: DeploymentLog) -> Draft:
        schema_id = log.facts.get("schema") or await self._new_schema(table, log)
        if rules.division_id is None:
            raise InvalidInput(
                "a decision table belongs to a division, and these rules name no queue to take "
                "one from",
                hint="give the file a `queue`",
            )
        request = wire.create_table(
            name=table.name, description=log.facts["marker"], division_id=rules.division_id,
            schema_id=schema_id, columns=table.columns_json(),
        )  # fmt: skip
        with log.step("table") as learned:
            table_id = await self._settled(request, table.name, log.facts["marker"])
            learned |= {"table": table_id, "created": True, "draft": 1}
            log.facts.update(learned)
        return Draft(self._session, table_id, 1, rules, table)

    async def _settled(self, request: Request, name: str, marker: str) -> str:
        for _ in range(MOST_TRIES):
            try:
                return str((await change_table(self._session, request, name))["id"])
            except (OutcomeUnknown, Conflict) as error:
                found = await read_standing(self._session, name)
                if found is not None and found.description == marker:
                    return found.id
                if isinstance(error, Conflict):
                    raise
        raise BadAnswer("tables.create: no table stands after it was asked for")

    async def _new_schema(self, table: Table, log: DeploymentLog) -> str:
        marker = log.facts["marker"]
        with log.step("schema") as learned:
            schema_id = await schema_marked(self._session, marker)
            for _ in range(MOST_TRIES):
                if schema_id is not None:
                    break
                document = extended_schema(table, None, marker=marker)
                try:
                    schema_id = str(
                        (await change_table(self._session, wire.create_schema(document), marker))[
                            "id"
                        ]
                    )
                except OutcomeUnknown:
                    schema_id = await schema_marked(self._session, marker)
            if schema_id is None:
                raise BadAnswer("schemas.create: no schema stands after it was asked for")
            learned["schema"] = log.facts["schema"] = schema_id
        return schema_id

    async def _prepare(self, draft: Draft, log: DeploymentLog) -> None:
        with log.step("rows"):
            await draft.fill()
        with log.step("read back"):
            await draft.compare()
        with log.step("try out") as learned:
            learned["tried"] = await draft.try_out()
        previous = log.facts["previous"]
        kept = frozenset[int]() if self._standing is None else self._standing.kept
        if previous is not None and previous not in kept:
            with log.step("keep"):
                await self._keep(draft.table_id, previous, log.id)

    async def _keep(self, table_id: str, version: int, name: str) -> None:
        """Keep the version that would be gone back to; one that is kept already is fine."""
        request = wire.snapshot_version(table_id, version, name=f"before {name}")
        for _ in range(MOST_TRIES):
            try:
                await change_table(self._session, request, table_id)
            except Conflict:
                return
            except OutcomeUnknown:
                continue
            return

    async def _clean(self, log: DeploymentLog, error: Error, name: str) -> None:
        """Put back what stood before the deployment, and say in the error whether that worked."""
        try:
            await self._back.take(log.facts, log)
        except Error as trouble:
            told = f"what it made could not be taken back ({trouble.message}): run it again"
            log.left = [name]
        else:
            told = "what it made was taken back"
        error.message = f"{name}: {error.message}; {told}"
        error.args = (error.message,)

    async def _name(self, table_id: str) -> str:
        return str((await read_table(self._session, table_id)).get("name"))


def _compiled(rules: CheckedRules) -> Table:
    return compile_table(rules.ruleset, queue_ids=rules.queue_ids)


def _require_ours(found: StandingTable | None, history: History, name: str) -> None:
    """A draft that somebody else works on is not ours to fill or to publish."""
    if found is None or found.draft is None:
        return
    facts = history.unfinished.facts if history.unfinished is not None else {}
    made_here = found.description == facts.get("marker")
    started = found.draft == facts.get("latest", -1) + 1 and found.published == facts["previous"]
    if not (made_here or started or found.draft == facts.get("draft")):
        raise Conflict(
            f"{name} has a draft, version {found.draft}, that this deployment did not make",
            status=409,
            hint="publish or delete that draft first",
        )


def _require_columns(found: StandingTable | None, table: Table) -> None:
    missing = [] if found is None else found.columns.missing(table)
    if missing:
        raise Unsupported(
            f"the decision table {table.name} has no column for {missing[0]}, and a table's "
            "columns never change once it is published",
            hint="give the ruleset another name: it gets a table of its own, which flows then use",
        )


def _notes(found: StandingTable | None, table: Table) -> list[str]:
    if found is None:
        return [f"the table is made, with {len(table.inputs) + len(table.outputs)} columns"]
    return []
