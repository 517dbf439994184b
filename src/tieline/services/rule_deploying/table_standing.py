"""Reading what stands of a decision table: its versions, its columns, the rows that execute."""

from dataclasses import dataclass, field
from typing import Any

from tieline.calls.operation import Request
from tieline.deployments.table_replacement import (
    FoundTable,
    current_table,
    free_name,
    searched_name,
)
from tieline.deployments.table_rows import BareRow, Columns
from tieline.dialects import business_rules as wire
from tieline.errors import BadAnswer, NotFound
from tieline.services.looking_up import listed
from tieline.services.session import Session
from tieline.types import JsonObject


@dataclass(frozen=True, slots=True)
class StandingTable:
    """The table of a rule set. `draft` is a version that is one, or was to become one."""

    id: str
    name: str
    description: str
    schema_id: str
    schema_version: int
    schema: JsonObject
    columns: Columns
    published: int | None
    latest: int
    draft: int | None
    kept: frozenset[int] = frozenset()  # versions that have a snapshot
    rows: tuple[BareRow, ...] = field(default=(), repr=False)  # of the published version

    def base(self) -> list[Any]:
        """Everything a plan depends on beside the rows."""
        return [self.id, self.schema_id, self.schema_version, self.published, self.draft]


async def read_standing(session: Session, name: str) -> StandingTable | None:
    """Find the table that holds a rule set's rules and read what executes; None: there is none."""
    found = current_table(name, await _tables_of(session, name))
    if found is None:
        return None
    try:
        return await _standing(session, found.id)
    except NotFound:  # it was on its way out
        return None


async def name_for_replacement(session: Session, name: str) -> str:
    """A name for a table beside the one that stands."""
    return free_name(name, [each.name for each in await _tables_of(session, name)])


async def table_described(session: Session, name: str, description: str) -> str | None:
    """The id of the table that a deployment made, known by name and description."""
    for found in await _tables_of(session, name):
        if (found.name, found.description) == (name, description):
            return found.id
    return None


async def read_table(session: Session, table_id: str) -> JsonObject:
    """Read a table.

    Raises:
        NotFound: there is none, or it is being deleted.
    """
    return await _object(session, wire.get_table(table_id))


async def read_version(session: Session, table_id: str, version: int) -> JsonObject:
    """Read a version.

    Raises:
        NotFound: there is none.
    """
    return await _object(session, wire.get_version(table_id, version))


async def read_rows(session: Session, table_id: str, version: int) -> list[JsonObject]:
    """All rows of a version, by index."""
    return [row async for row in listed(session, wire.rows(table_id, version))]


async def draft_number(session: Session, table_id: str) -> int | None:
    """The version that is a draft, or becomes or failed to become one."""
    versions = [each async for each in listed(session, wire.versions(table_id))]
    return _draft_of(versions)


async def schema_marked(session: Session, marker: str) -> str | None:
    """The id of the schema that a deployment made, known by what its description says."""
    async for schema in listed(session, wire.schemas()):
        document = schema.get("jsonSchema") or {}
        if document.get("description") == marker and not schema.get("deleted"):
            return str(schema["id"])
    return None


def published_version(table: JsonObject) -> int | None:
    """The number of the version that executes."""
    number = (table.get("published") or {}).get("version")
    return number if isinstance(number, int) else None


async def _tables_of(session: Session, name: str) -> list[FoundTable]:
    return [
        FoundTable(
            str(each["id"]), str(each.get("name")), str(each.get("description") or ""),
            published_version(each),
        )
        async for each in listed(session, wire.tables_named(searched_name(name)))
    ]  # fmt: skip


async def _standing(session: Session, table_id: str) -> StandingTable:
    table = await read_table(session, table_id)
    published = published_version(table)
    versions = [each async for each in listed(session, wire.versions(table_id))]
    numbers = {int(each["version"]): each for each in versions}
    latest = max(numbers, default=0)
    told = numbers[published if published is not None else latest]
    parent = (told.get("contract") or {}).get("parentSchema") or {}
    schema = await _object(session, wire.get_schema(str(parent["id"])))
    columns = Columns.read(told.get("columns") or table.get("columns") or {})
    rows = () if published is None else await read_rows(session, table_id, published)
    return StandingTable(
        id=table_id,
        name=str(table.get("name")),
        description=str(table.get("description") or ""),
        schema_id=str(parent["id"]),
        schema_version=int(schema["version"]),
        schema=schema.get("jsonSchema") or {},
        columns=columns,
        published=published,
        latest=latest,
        draft=_draft_of(versions),
        kept=frozenset(n for n, each in numbers.items() if each.get("snapshot")),
        rows=tuple(columns.bare(row) for row in rows),
    )


def _draft_of(versions: list[JsonObject]) -> int | None:
    drafts = (int(each["version"]) for each in versions if each.get("status") in _UNPUBLISHED)
    return max(drafts, default=None)


_UNPUBLISHED = frozenset({"Draft", "Preparing", "Error", "Failed"})


async def _object(session: Session, request: Request) -> JsonObject:
    answer = await session.calls.call(request, timeout=session.timeout)
    if not isinstance(answer.body, dict):
        raise BadAnswer(f"{request.operation.name}: an object was expected")
    return answer.body
