"""A batch of history, ready to be counted, and what tells of its records."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.rules.evaluate import Interpreter
from tieline.rules.simulation.bitmap import unpack
from tieline.rules.simulation.columns import Chunk
from tieline.rules.simulation.hours import Hours
from tieline.rules.simulation.tally import MOST_SAMPLES

RecordAt = Callable[[int], Mapping[str, Any]]
"""Reads the record at a place of the batch."""
Problem = tuple[int, str]
"""A row of the history, from 0, and what is wrong with the record there."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A chunk, and how to see its records.

    `unread` counts rows that could not become records of the chunk (a CSV row of too few cells):
    they are records all the same, and invalid. `problems` are the earliest of all invalid rows.
    """

    chunk: Chunk
    record_at: RecordAt
    hours: Hours | None = None
    unread: int = 0
    problems: tuple[Problem, ...] = ()


Piece = Callable[[], Iterable[Batch]]
"""A part of a history that was read and is yet to be decoded, so that another thread may do it."""


def problems_of(
    chunk: Chunk,
    record_at: RecordAt,
    interpreter: Interpreter,
    *,
    otherwise: str = "a value of a wrong type",
) -> list[Problem]:
    """What is wrong with the earliest invalid records of a chunk, where the interpreter can say."""
    places = np.flatnonzero(~unpack(chunk.valid, chunk.length))[:MOST_SAMPLES]
    found = []
    for place in places:
        invalid = interpreter.invalid(record_at(int(place)))
        told = (otherwise,) if invalid is None else invalid.problems
        found.append((chunk.row(int(place)), "; ".join(told)))
    return found
