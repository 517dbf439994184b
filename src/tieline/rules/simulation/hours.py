"""The hour each record is counted under, in UTC."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

import numpy as np
import numpy.typing as npt

from tieline.rules.instant import instant_from_text, instant_text
from tieline.rules.simulation.bitmap import unpack
from tieline.rules.simulation.columns import Coded, Column, Numbered

SECONDS = 3600
NO_HOUR = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """For each record a code, and what the codes stand for: `2026-01-31T14`, or `NO_HOUR`."""

    codes: npt.NDArray[np.int64]
    texts: list[str]


def hours_of(column: Column | None, length: int) -> Hours:
    """The hours of a column of date-times; a record that holds none is under `NO_HOUR`."""
    match column:
        case Numbered():
            numbers = np.floor_divide(column.numbers.astype(np.int64), SECONDS * column.scale)
            distinct, codes = np.unique(numbers, return_inverse=True)
            texts = [instant_text(Decimal(int(hour) * SECONDS))[:13] for hour in distinct]
            return _within(column, codes, texts)
        case Coded():
            values = [column.values.value(code) for code in range(len(column.values))]
            return _within(column, column.codes.astype(np.int64), [_hour(text) for text in values])
        case _:
            return Hours(np.zeros(length, dtype=np.int64), [NO_HOUR])


def _hour(text: object) -> str:
    instant = instant_from_text(text) if isinstance(text, str) else None
    return NO_HOUR if instant is None else instant_text(instant.to_integral_value(ROUND_FLOOR))[:13]


def _within(column: Numbered | Coded, codes: npt.NDArray[np.int64], texts: list[str]) -> Hours:
    present = unpack(column.present, len(codes))
    return Hours(np.where(present, codes, len(texts)), [*texts, NO_HOUR])
