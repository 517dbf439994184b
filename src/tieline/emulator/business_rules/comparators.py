"""The 24 comparators: which types each takes and when it holds.

Left is the input, right the row's value. A `Not…` comparator is the negation of the other for an
input that is there; a missing input never gets here.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

ORDERED = frozenset({"integer", "number", "date", "datetime"})
TEXT = frozenset({"string"})
LISTS = frozenset({"stringList"})
SINGLE = ORDERED | TEXT | {"boolean", "enum", "businessRulesQueue"}


class Comparator(NamedTuple):
    """When it holds, and for which core types."""

    holds: Callable[[Any, Any], bool]
    types: frozenset[str]


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, list):
        return right[0] in left
    return right in left


def _is_run(left: list[str], right: list[str]) -> bool:
    width = len(right)
    return any(left[at : at + width] == right for at in range(len(left) - width + 1))


def _in_order(left: list[str], right: list[str]) -> bool:
    rest = iter(right)
    return all(item in rest for item in left)


_POSITIVE: Mapping[str, Comparator] = {
    "Equals": Comparator(lambda left, right: left == right, SINGLE),
    "StartsWith": Comparator(lambda left, right: left.startswith(right), TEXT),
    "EndsWith": Comparator(lambda left, right: left.endswith(right), TEXT),
    "Contains": Comparator(_contains, TEXT | LISTS),
    "ContainsAny": Comparator(lambda left, right: not set(left).isdisjoint(right), LISTS),
    "ContainsAll": Comparator(lambda left, right: set(right) <= set(left), LISTS),
    "ContainsExactly": Comparator(lambda left, right: set(left) == set(right), LISTS),
    "ContainsSequence": Comparator(_is_run, LISTS),
    "IsSubset": Comparator(lambda left, right: set(left) <= set(right), LISTS),
    "IsSubsequence": Comparator(_in_order, LISTS),
}
_ORDER: Mapping[str, Comparator] = {
    "GreaterThan": Comparator(lambda left, right: left > right, ORDERED),
    "GreaterThanOrEquals": Comparator(lambda left, right: left >= right, ORDERED),
    "LessThan": Comparator(lambda left, right: left < right, ORDERED),
    "LessThanOrEquals": Comparator(lambda left, right: left <= right, ORDERED),
}


def _negation(of: Comparator) -> Comparator:
    return Comparator(lambda left, right: not of.holds(left, right), of.types)


COMPARATORS: Mapping[str, Comparator] = {
    **_ORDER,
    **_POSITIVE,
    **{f"Not{name}": _negation(one) for name, one in _POSITIVE.items()},
}
"""By the name on the wire: `Equals`, `NotEquals`, `GreaterThan` and so on."""
