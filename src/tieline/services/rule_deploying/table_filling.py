"""Bringing a draft's rows to what is wanted by calls, and reading them back."""

from collections.abc import Sequence

from tieline.deployments.table_rows import BareRow, Columns, bare_row, common_rows
from tieline.dialects import business_rules as wire
from tieline.errors import BadAnswer, Error, OutcomeUnknown
from tieline.services.rule_deploying.table_change import MOST_TRIES
from tieline.services.rule_deploying.table_draft import Draft
from tieline.services.rule_deploying.table_standing import read_rows
from tieline.types import JsonObject


async def rows_in_place(draft: Draft, columns: Columns) -> int:
    """How many rows from the first on are what is wanted."""
    return common_rows(await _standing(draft, columns), _wanted(draft))


async def fill(draft: Draft, columns: Columns) -> None:
    """Make its rows the ones that are wanted: what stands up to the first difference stays."""
    lost: Error | None = None
    for _ in range(MOST_TRIES):
        standing = await read_rows(draft.session, draft.table_id, draft.version)
        common = common_rows([columns.bare(row) for row in standing], _wanted(draft))
        try:
            await _remove(draft, standing[common:])
            await _add(draft, common, columns)
        except OutcomeUnknown as error:
            lost = error
            continue
        return
    raise lost or BadAnswer("the rows of the draft do not settle")


async def compare(draft: Draft, columns: Columns) -> None:
    """Read the rows back.

    Raises:
        BadAnswer: they are not what was sent.
    """
    standing, wanted = await _standing(draft, columns), _wanted(draft)
    common = common_rows(standing, wanted)
    if common == len(standing) == len(wanted):
        return
    if common == len(wanted):
        raise BadAnswer(
            f"{draft.table.name}: the draft has {len(standing)} rows where {common} were sent"
        )
    rule = draft.table.rows[common].rule
    whose = "the default" if rule is None else f"the rule `{rule}`"
    raise BadAnswer(
        f"{draft.table.name}: row {common + 1} of {len(wanted)}, of {whose}, was not kept as it "
        "was sent"
    )


async def _standing(draft: Draft, columns: Columns) -> list[BareRow]:
    found = await read_rows(draft.session, draft.table_id, draft.version)
    return [columns.bare(row) for row in found]


def _wanted(draft: Draft) -> list[BareRow]:
    return [bare_row(row) for row in draft.table.rows]


async def _remove(draft: Draft, rows: Sequence[JsonObject]) -> None:
    ids = [str(row["id"]) for row in rows]
    for start in range(0, len(ids), wire.MOST_REMOVED):
        piece = ids[start : start + wire.MOST_REMOVED]
        await draft.change(wire.remove_rows(draft.table_id, draft.version, piece))


async def _add(draft: Draft, first: int, columns: Columns) -> None:
    ids = columns.ids()
    bodies = [draft.table.row_json(row, ids) for row in draft.table.rows[first:]]
    for start in range(0, len(bodies), wire.MOST_ADDED):
        piece = bodies[start : start + wire.MOST_ADDED]
        await draft.change(wire.add_rows(draft.table_id, draft.version, piece))
