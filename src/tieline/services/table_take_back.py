"""Taking a table's deployment back: in reverse, from what its journal says was made."""

from collections.abc import Mapping
from typing import Any

from tieline.calls.operation import Request
from tieline.dialects import business_rules as wire
from tieline.errors import BadAnswer, Conflict, NotFound, OutcomeUnknown
from tieline.services.deployment_log import DeploymentLog
from tieline.services.session import Session
from tieline.services.table_change import change_table
from tieline.services.table_standing import (
    published_version,
    read_standing,
    read_table,
    schema_marked,
)

MOST_TRIES = 3


class TableTakeBack:
    """Undoes what a deployment made; what is undone already stays so."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def take(self, facts: Mapping[str, Any], log: DeploymentLog) -> None:
        """Undo in reverse what the facts say was made; done already is fine."""
        table_id, draft, previous = facts.get("table"), facts.get("draft"), facts.get("previous")
        if table_id is not None and not facts.get("created"):
            await self._take_back_draft(table_id, draft, previous, log)
            return
        schema_id = facts.get("schema")
        if table_id is None and (found := await self._made(facts)) is not None:
            table_id = found
        if table_id is not None:
            with log.step("delete table"):
                await self._gone(wire.delete_table(table_id), table_id)
        if schema_id is None and facts.get("marker"):
            schema_id = await schema_marked(self._session, facts["marker"])
        if schema_id is not None:
            with log.step("delete schema"):
                await self._delete_schema(schema_id)

    async def _made(self, facts: Mapping[str, Any]) -> str | None:
        """A table that was made although nobody could say so."""
        if "name" not in facts:
            return None
        found = await read_standing(self._session, facts["name"])
        return found.id if found is not None and found.description == facts["marker"] else None

    async def _take_back_draft(
        self, table_id: str, draft: int | None, previous: int | None, log: DeploymentLog
    ) -> None:
        published = published_version(await read_table(self._session, table_id))
        if previous is not None and published == draft:
            with log.step("roll back"):
                await self._roll_back(table_id, previous)
        elif draft is not None:
            with log.step("delete draft"):
                await self._gone(wire.delete_version(table_id, draft), table_id)

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
        """A schema can go once its table has, which takes the platform a while."""
        pause = 0.25
        while True:
            try:
                await self._gone(wire.delete_schema(schema_id), schema_id)
            except Conflict:
                if pause > 64:  # noqa: PLR2004  # over the 180 seconds a table may take to go
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
