"""Velocity's operators over JSON values; what cannot be compared or computed is false or null."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from tieline.contracts.velocity.cursor import TemplateError
from tieline.contracts.velocity.values import is_true, to_text

# Twice the platform's request limit: anything longer was going to be refused anyway.
LONGEST_TEXT = 1_048_576

Scope = dict[str, Any]
Value = Callable[[Scope], Any]

ORDER: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
SUMS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def binary(sign: str, left: Value, right: Value) -> Value:
    """Make the closure of one operator; `&&` and `||` look at the right side only if they must."""
    match sign:
        case "&&":
            return lambda scope: is_true(left(scope)) and is_true(right(scope))
        case "||":
            return lambda scope: is_true(left(scope)) or is_true(right(scope))
        case "==":
            return lambda scope: _equal(left(scope), right(scope))
        case "!=":
            return lambda scope: not _equal(left(scope), right(scope))
        case "<" | "<=" | ">" | ">=":
            return lambda scope: _ordered(sign, left(scope), right(scope))
        case _:
            return lambda scope: arithmetic(sign, left(scope), right(scope))


def _equal(left: Any, right: Any) -> bool:
    """Compare by value; unlike things are equal when they print alike, as in Velocity 2."""
    if type(left) is type(right) or (_is_number(left) and _is_number(right)):
        return bool(left == right)
    return left is not None and right is not None and to_text(left) == to_text(right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ordered(sign: str, left: Any, right: Any) -> bool:
    return _is_number(left) and _is_number(right) and bool(ORDER[sign](left, right))


def arithmetic(sign: str, left: Any, right: Any) -> Any:
    """Compute; `+` joins texts, whole numbers divide to whole numbers, division by zero is null."""
    if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        return _joined(left, right)
    if not (_is_number(left) and _is_number(right)):
        return None
    if sign in SUMS:
        return SUMS[sign](left, right)
    if right == 0:
        return None
    if sign == "%":
        return left % right
    whole = isinstance(left, int) and isinstance(right, int)
    return int(left / right) if whole else left / right


def _joined(left: Any, right: Any) -> str:
    text = ("" if left is None else to_text(left)) + ("" if right is None else to_text(right))
    if len(text) > LONGEST_TEXT:
        raise TemplateError(f"the template made a text of more than {LONGEST_TEXT} characters")
    return text
