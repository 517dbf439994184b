"""Comparing machine numbers with exact literals, exactly.

An integer meets a literal with a fraction at the next integer. A double means its shortest decimal
text, as JSON writes it; texts are ordered as their doubles are, so only the one double nearest to
the literal has to be compared digit by digit.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from tieline.rules.exact_number import Number
from tieline.rules.simulation.bitmap import Flags

LARGEST_EXPONENT = 400  # beyond every double and every 64-bit integer


def compare_integers(numbers: npt.NDArray[Any], operator: str, literal: Number) -> Flags:
    """Compare integers of any width with an exact number."""
    if _is_astronomical(literal):
        return _all(numbers, holds=_sign_holds(operator, 1 if literal > 0 else -1))
    floor = math.floor(literal)
    if floor != literal:
        # Between floor and floor + 1: nothing is equal, and the order is that of the floor.
        operator, literal = {"gte": "gt", "lt": "lte"}.get(operator, operator), floor
        if operator in {"eq", "neq"}:
            return _all(numbers, holds=operator == "neq")
    limits = np.iinfo(numbers.dtype)
    if not limits.min <= floor <= limits.max:
        return _all(numbers, holds=_sign_holds(operator, 1 if floor > 0 else -1))
    return _MACHINE[operator](numbers, numbers.dtype.type(floor))


def compare_doubles(numbers: npt.NDArray[np.float64], operator: str, literal: Number) -> Flags:
    """Compare doubles, each meaning its shortest decimal text, with an exact number."""
    if _is_astronomical(literal):
        return _all(numbers, holds=_sign_holds(operator, 1 if literal > 0 else -1))
    nearest = _nearest_double(literal)
    if math.isinf(nearest):
        return _all(numbers, holds=_sign_holds(operator, 1 if nearest > 0 else -1))
    text = Decimal(repr(nearest))
    if text == literal:
        return _MACHINE[operator](numbers, nearest)
    # No double is equal to the literal; the nearest lies on one side of it, all others as they do.
    match operator:
        case "eq" | "neq":
            return _all(numbers, holds=operator == "neq")
        case "gt" | "gte":
            return _MACHINE["gte" if text > literal else "gt"](numbers, nearest)
        case _:
            return _MACHINE["lte" if text < literal else "lt"](numbers, nearest)


_MACHINE: dict[str, Callable[[Any, Any], Flags]] = {
    "eq": np.equal,
    "neq": np.not_equal,
    "gt": np.greater,
    "gte": np.greater_equal,
    "lt": np.less,
    "lte": np.less_equal,
}


def _is_astronomical(literal: Number) -> bool:
    """Whether making an int or a double of it would build a number of many digits."""
    return isinstance(literal, Decimal) and literal != 0 and literal.adjusted() > LARGEST_EXPONENT


def _nearest_double(literal: Number) -> float:
    try:
        return float(literal)
    except OverflowError:  # an int of hundreds of digits
        return math.inf if literal > 0 else -math.inf


def _sign_holds(operator: str, sign: int) -> bool:
    """Whether every number compares so with a literal beyond all of them."""
    return operator == "neq" or operator in ({"lt", "lte"} if sign > 0 else {"gt", "gte"})


def _all(numbers: npt.NDArray[Any], *, holds: bool) -> Flags:
    return np.full(len(numbers), holds, dtype=np.bool_)
