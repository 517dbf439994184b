"""Item states of a run.

`sent` is committed before the request leaves: a crash can leave an item sent, never lost. Nobody
can know what became of the request of an owner that died before it read the answer: such an item
is `uncertain`, and is never sent again unasked.

    pending ──claim──▶ sent ──▶ done | failed | uncertain
       ▲                │                         │
       └── not carried ─┘        runs resolve ────┴──▶ done | failed | pending

An item that is sent and has an execution id was launched for certain: when its owner dies it stays
`sent`, and the next owner follows it to its end instead of launching it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tieline.types import Json, JsonObject

ItemState = Literal["pending", "sent", "done", "failed", "uncertain"]
STATES: tuple[ItemState, ...] = get_args(ItemState)

NEXT: Mapping[ItemState, frozenset[ItemState]] = {
    "pending": frozenset({"sent"}),
    "sent": frozenset({"done", "failed", "uncertain", "pending"}),
    "uncertain": frozenset({"done", "failed", "pending"}),  # a late answer, or `runs resolve`
    "done": frozenset(),
    "failed": frozenset(),
}


@dataclass(frozen=True, slots=True)
class NewItem:
    """One item as read: `line` counts from 1 in its source; `reference` is the user's own id.

    `text` is the input's JSON as it was written, so that no digit of a number is lost on the way.
    """

    line: int
    text: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A part of the source that is no item. `raw` is what stood there, at most its first 4 KiB."""

    line: int
    message: str
    raw: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An item this owner must carry out. `execution_id` set: launched already, only follow it."""

    seq: int
    reference: str
    input: JsonObject
    execution_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a claimed item.

    `to` of `sent` notes the execution id of a launch that goes on. `to` of `pending` gives the item
    back: its request was certainly not carried out.
    """

    seq: int
    to: ItemState
    status: str | None = None  # the outcome's own word: completed, timed_out, …
    execution_id: str | None = None
    correlation_id: str | None = None
    result: Json = None
    error: Json = None


def may_become(state: ItemState, then: ItemState) -> bool:
    """Tell whether the machine allows the move; staying where one is is no move."""
    return then in NEXT[state]


def is_settled(state: ItemState) -> bool:
    """True where nothing of this item is left to do or to find out."""
    return not NEXT[state]
