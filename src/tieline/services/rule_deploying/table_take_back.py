"""Taking a table's deployment back: in reverse, from what its journal says was made."""

from collections.abc import Mapping
from typing import Any

from tieline.calls.operation import Request
from tieline.dialects import business_rules as wire
from tieline.errors import BadAnswer, Conflict, NotFound, OutcomeUnknown
from tieline.services.deploying.log import DeploymentLog
from tieline.services.rule_deploying.table_change import MOST_TRIES, change_table
from tieline.services.rule_deploying.table_import import cancel_imports, import_name
from tieline.services.rule_deploying.table_standing import (
    draft_number,
    published_version,
    read_table,
    schema_marked,
    table_described,
)
from tieline.services.session import Session

# A deleted table can take the platform three minutes to go, and its schema goes after it.
_LONGEST_PAUSE_SECONDS = 64.0


class TableTakeBack:
    """Undoes what a deployment made; what is undone already stays so."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def take(self, facts: Mapping[str, Any], log: DeploymentLog) -> str:
        """Undo in reverse what the facts say was made; returns in words what stands then."""
        table_id = facts.get("table")
        if table_id is not None and not facts.get("created"):
            return await self._take_back_draft(table_id, facts, log)
        if table_id is None and facts.get("description"):
            table_id = await table_described(self._session, facts["name"], facts["description"])
        if table_id is not None:
            with log.step("delete table"):
                await self._gone(wire.delete_table(table_id), table_id)
        schema_id = facts.get("schema")
        if schema_id is None and facts.get("marker"):
            schema_id = await schema_marked(self._session, facts["marker"])
        if schema_id is not None:
            with log.step("delete schema"):
                await self._delete_schema(schema_id)
        replaced = facts.get("replaces")
        stands = "" if replaced is None else f"; the table before it, {replaced}, is as it was"
        return f"nothing that it made is left{stands}"

    async def _take_back_draft(
        self, table_id: str, facts: Mapping[str, Any], log: DeploymentLog
    ) -> str:
        draft, previous = facts.get("draft"), facts.get("previous")
        if draft is None:
            draft = await self._made_draft(table_id, facts)
        published = published_version(await read_table(self._session, table_id))
        if previous is not None and published == draft:
            with log.step("roll back"):
                await self._roll_back(table_id, previous)
            return f"version {previous} executes again"
        if draft is not None:
            if facts.get("imports"):
                with log.step("cancel import"):
                    name = import_name(facts["marker"])
                    await cancel_imports(self._session, table_id, name)
            with log.step("delete draft"):
                await self._gone(wire.delete_version(table_id, draft), table_id)
        executes = "nothing executes" if previous is None else f"version {previous} executes"
        gone = "" if draft is None else "its draft was deleted, "
        return f"{gone}{executes} as before"

    async def _made_draft(self, table_id: str, facts: Mapping[str, Any]) -> int | None:
        """A draft that was made although nobody could say so: the next number is its own."""
        number = await draft_number(self._session, table_id)
        return number if number == facts.get("latest", -1) + 1 else None

    async def _roll_back(self, table_id: str, version: int) -> None:
        request = wire.rollback_version(table_id, version, reason="taken back by Tieline")
        for _ in range(MOST_TRIES):
            try:
                await change_table(self._session, request, table_id)
            except (OutcomeUnknown, Conflict) as error:
                if published_version(await read_table(self._session, table_id)) == version:
                    return
                if isinstance(error, Conflict):
                    raise
            else:
                return
        raise BadAnswer(f"table_versions.rollback: version {version} does not execute")

    async def _delete_schema(self, schema_id: str) -> None:
        """A schema can go once its table has."""
        pause = 0.25
        while True:
            try:
                await self._gone(wire.delete_schema(schema_id), schema_id)
            except Conflict:
                if pause > _LONGEST_PAUSE_SECONDS:
                    raise
                await self._session.clock.sleep(pause)
                pause *= 2
            else:
                return

    async def _gone(self, request: Request, subject: str) -> None:
        """Delete; what is gone already is fine, and deleting twice does no harm."""
        for attempt in range(MOST_TRIES):
            try:
                await change_table(self._session, request, subject)
            except NotFound:
                return
            except OutcomeUnknown:
                if attempt == MOST_TRIES - 1:
                    raise
            else:
                return
