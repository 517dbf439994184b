"""Settling uncertain items on the command line."""

from dataclasses import dataclass
from typing import Any, Literal

from tieline.cli.context import Options
from tieline.cli.exits import Exit
from tieline.cli.running import with_run
from tieline.services.run_handle import AsyncRun
from tieline.services.running.resolving import LookedUp

ALL = "all"
ITEM_COLUMNS = ("reference", "line", "state", "status", "execution_id", "correlation_id")


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person knows of an item."""

    reference: str
    outcome: Literal["done", "failed", "pending"]
    execution_id: str | None
    note: str | None


def resolve_run(
    options: Options,
    store: str,
    key: str,
    *,
    how: Literal["list", "look up"],
    by_hand: ByHand | None,
) -> int:
    """Settle what was asked for, then print what is still uncertain."""

    async def work(run: AsyncRun) -> list[dict[str, Any]]:
        if how == "look up":
            _say(options, await run.look_up())
        if by_hand is not None:
            await _settle(run, by_hand)
        return [item.to_json() async for item in run.uncertain()]

    left = with_run(options, store, key, work)
    options.output.records(left, columns=ITEM_COLUMNS)
    return Exit.UNKNOWN if left else Exit.OK


def _say(options: Options, found: LookedUp) -> None:
    options.output.note(f"{found.settled} items settled by look-up")
    for reference in found.ambiguous:
        options.output.note(f"{reference}: ambiguous, more than one invocation or item fits")


async def _settle(run: AsyncRun, by_hand: ByHand) -> None:
    references = [by_hand.reference]
    if by_hand.reference == ALL:
        references = [item.reference async for item in run.uncertain()]
    for reference in references:
        await run.settle(
            reference,
            outcome=by_hand.outcome,
            execution_id=by_hand.execution_id,
            note=by_hand.note,
        )
