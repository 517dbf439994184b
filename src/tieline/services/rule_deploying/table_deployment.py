"""The steps of one deployment to a decision table, in the order they are taken.

    schema → table → draft → rows → read back → try out → keep → publish → canary
    and back, where one of them fails: roll_back

Each looks at what stands before it changes anything, and is in the journal before it is taken and
after it was: a process that died at any of them leaves what the next one goes on from.
"""

from dataclasses import dataclass, replace
from typing import Any

from tieline.deployments.table_csv import imported_rows
from tieline.deployments.table_rows import Columns
from tieline.deployments.table_schema import extended_schema, new_schema, schema_change
from tieline.dialects import business_rules as wire
from tieline.dialects.reading import identifier_of, version_of
from tieline.errors import Conflict, Error, InvalidInput, OutcomeUnknown
from tieline.rules.table import Table
from tieline.services.deploying.log import DeploymentLog
from tieline.services.looking_up import read_object
from tieline.services.rule_deploying.source import CheckedRules
from tieline.services.rule_deploying.table_change import MOST_TRIES, change_table, make_once
from tieline.services.rule_deploying.table_draft import Draft
from tieline.services.rule_deploying.table_filling import compare, fill, rows_in_place
from tieline.services.rule_deploying.table_import import NotImported, import_name, import_rows
from tieline.services.rule_deploying.table_standing import (
    StandingTable,
    draft_number,
    schema_marked,
    table_described,
)
from tieline.services.rule_deploying.table_take_back import TableTakeBack
from tieline.services.rule_deploying.table_trial import canary, try_out
from tieline.services.session import Session
from tieline.types import JsonObject


@dataclass(frozen=True, slots=True)
class TableDeployment:
    """One rule set on its way into a table: the `standing` one, or one that is made for it."""

    session: Session
    rules: CheckedRules
    table: Table
    standing: StandingTable | None
    log: DeploymentLog

    async def run(self) -> Draft:
        """Take the steps.

        Raises:
            ChecksFailed: the platform decides otherwise than the rules say.
            Error: a step was refused.
        """
        await self.schema()
        table_id = await self.made_table() if self.standing is None else self.standing.id
        draft = await self.draft(table_id)
        if not await draft.is_published():
            draft = await self.rows(draft)
            await self.read_back(draft)
            await self.try_out(draft)
            await self.keep()
            await self.publish(draft)
        await self.canary(draft)
        return draft

    async def schema(self) -> None:
        """Make the schema of a table that is to be made, or extend that of the standing one."""
        if self.standing is None:
            await self._new_schema()
        elif schema_change(self.table, self.standing.schema) is not None:
            await self._extended_schema(self.standing)

    async def made_table(self) -> str:
        """Make the table; it begins with a draft, version 1."""
        facts = self.log.facts
        if self.rules.division_id is None:
            raise InvalidInput(
                "a decision table belongs to a division, and these rules name no queue to take "
                "one from",
                hint="give the file a `queue`",
            )
        name, description = str(facts["name"]), str(facts["description"])
        request = wire.create_table(
            name=name, description=description, division_id=self.rules.division_id,
            schema_id=str(facts["schema"]), columns=self.table.columns_json(),
        )  # fmt: skip
        with self.log.step("table") as learned:
            table_id = await make_once(
                self.session, request, name,
                read=lambda body: identifier_of(body, "tables.create"),
                look=lambda: table_described(self.session, name, description),
            )  # fmt: skip
            learned |= {"table": table_id, "created": True, "draft": 1}
        facts |= learned
        return table_id

    async def draft(self, table_id: str) -> Draft:
        """Have a draft that can be changed: the new table's, or one with the rows that execute."""
        number = self.log.facts.get("draft")
        standing = self.standing
        if standing is not None and (
            number is None or number not in (standing.draft, standing.published)
        ):
            number = await self._new_draft(standing)
        draft = Draft(self.session, table_id, int(number or 1), self.rules, self.table)
        with self.log.step("ready"):
            await draft.ready()
            if standing is not None and not await draft.is_published():
                await draft.change(wire.sync_version(table_id, draft.version))
        return draft

    async def rows(self, draft: Draft) -> Draft:
        """Make its rows the wanted ones: as one file where they are many, else by calls."""
        columns = await draft.columns()
        there = await rows_in_place(draft, columns)
        count = imported_rows(self.table, standing=there)
        if count:
            draft = await self._imported(draft, columns, count)
        with self.log.step("rows"):
            await fill(draft, columns)
        return draft

    async def read_back(self, draft: Draft) -> None:
        """See that the rows are kept as they were sent."""
        with self.log.step("read back"):
            await compare(draft, await draft.columns())

    async def try_out(self, draft: Draft) -> None:
        """See that the draft decides as the rules do."""
        with self.log.step("try out") as learned:
            learned["tried"] = await try_out(draft)

    async def keep(self) -> None:
        """Keep the version that executes by a snapshot; one that is kept already is fine."""
        previous, standing = self.log.facts.get("previous"), self.standing
        if previous is None or standing is None or previous in standing.kept:
            return
        request = wire.snapshot_version(standing.id, previous, name=f"before {self.log.id}")
        with self.log.step("keep"):
            for _ in range(MOST_TRIES):
                try:
                    await change_table(self.session, request, standing.id)
                except Conflict:
                    return
                except OutcomeUnknown:
                    continue
                return

    async def publish(self, draft: Draft) -> None:
        """Let executions use the draft."""
        with self.log.step("publish"):
            await draft.publish()

    async def canary(self, draft: Draft) -> None:
        """See that executions use it, and are decided as the rules say."""
        with self.log.step("canary"):
            await canary(draft)

    async def roll_back(self, error: Error) -> None:
        """Put back what stood before, and say in the error what stands now."""
        try:
            told = await TableTakeBack(self.session).take(self.log.facts, self.log)
        except Error as trouble:
            told = f"it could not be taken back ({trouble.message}): run the command again"
            self.log.left = [self.table.name]
        error.message = f"{self.table.name}: {error.message}; {told}"
        error.args = (error.message,)

    async def _new_schema(self) -> None:
        marker = str(self.log.facts["marker"])
        if self.log.facts.get("schema") is not None:
            return
        with self.log.step("schema") as learned:
            learned["schema"] = self.log.facts["schema"] = await make_once(
                self.session, wire.create_schema(new_schema(self.table, marker=marker)), marker,
                read=lambda body: identifier_of(body, "schemas.create"),
                look=lambda: schema_marked(self.session, marker),
            )  # fmt: skip

    async def _extended_schema(self, standing: StandingTable) -> None:
        document = extended_schema(self.table, standing.schema)
        request = wire.put_schema(standing.schema_id, document, version=standing.schema_version)

        async def extended() -> JsonObject | None:
            found = await read_object(self.session, wire.get_schema(standing.schema_id))
            schema: JsonObject = found.get("jsonSchema") or {}
            return schema if schema_change(self.table, schema) is None else None

        with self.log.step("schema", **self._place(standing)):
            await make_once(
                self.session, request, standing.id, read=lambda body: body, look=extended
            )

    async def _new_draft(self, standing: StandingTable) -> int:
        with self.log.step("draft", **self._place(standing)) as learned:
            learned["draft"] = self.log.facts["draft"] = await make_once(
                self.session, wire.create_version(standing.id), standing.id,
                read=lambda body: version_of(body, "table_versions.create"),
                look=lambda: draft_number(self.session, standing.id),
            )  # fmt: skip
        return int(learned["draft"])

    def _place(self, standing: StandingTable) -> dict[str, Any]:
        """The table, and whether this deployment made it although nobody could say so."""
        made_here = standing.description == self.log.facts["description"]
        return {"table": standing.id, **({"created": True} if made_here else {})}

    async def _imported(self, draft: Draft, columns: Columns, count: int) -> Draft:
        name = import_name(str(self.log.facts["marker"]))
        with self.log.step("import rows", imports=True) as learned:
            try:
                number = await import_rows(draft, columns, count, name)
            except NotImported as reason:
                learned["not_imported"] = str(reason)
                return draft
            learned |= {"draft": number, "imported": count}
        self.log.facts |= learned
        return replace(draft, version=number)
