"""Searching the rows of a version by what stands in their cells."""

from collections.abc import Mapping
from typing import Any

from tieline.emulator.business_rules import errors
from tieline.emulator.business_rules.columns import Column
from tieline.emulator.business_rules.comparators import ORDERED
from tieline.emulator.business_rules.errors import Flaw
from tieline.emulator.business_rules.limits import LONGEST_SEARCH_VALUE
from tieline.emulator.business_rules.literals import SPECIALS, Literal, cast
from tieline.emulator.business_rules.rows import readable, rows_path, view
from tieline.emulator.business_rules.values import comparable, type_flaw
from tieline.emulator.call import Answer, Call
from tieline.emulator.paging import numbered_page
from tieline.types import JsonObject

OPERATORS = (
    "Equals", "StartsWith", "GreaterThan", "GreaterThanOrEquals", "LessThan", "LessThanOrEquals",
    "ContainsItem",
)  # fmt: skip


def search_rows(call: Call) -> Answer:
    """List the rows for which all predicates hold; a cell left to its default counts as that."""
    place = readable(call)
    columns = call.world.business_rules.columns(*place)
    predicates = _predicates(call.require("filter")["filter"], columns)
    views = [
        view(place, index)
        for index, row in enumerate(place.version["rows"])
        if all(_holds(predicate, columns, row) for predicate in predicates)
    ]
    return Answer(200, numbered_page(call, views, uris=f"{rows_path(place)}/search"))


def _predicates(sent: Any, columns: Mapping[str, Column]) -> list[JsonObject]:
    found = sent.get("predicates") if isinstance(sent, dict) else None
    if not isinstance(found, list) or not found:
        raise errors.invalid([("filter.predicates", "at least one predicate")])
    flaws: list[Flaw] = []
    for index, predicate in enumerate(found):
        flaw = _flaw(predicate, columns)
        if flaw is not None:
            flaws.append((f"filter.predicates[{index}]", flaw))
    if flaws:
        raise errors.invalid(flaws)
    return found


def _flaw(predicate: Any, columns: Mapping[str, Column]) -> str | None:
    if not isinstance(predicate, dict):
        return "a predicate"
    column = columns.get(str(predicate.get("columnId")))
    operator, value = predicate.get("operator"), predicate.get("value")
    special = predicate.get("special")
    if column is None:
        return "columnId names a column of the table"
    if operator not in OPERATORS:
        return f"operator is one of {', '.join(OPERATORS)}"
    if (value is None) == (special is None):
        return "exactly one of value and special"
    if special is not None:
        if operator != "Equals":
            return "a special is compared by Equals"
        return None if special in SPECIALS else f"special is one of {', '.join(SPECIALS)}"
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_SEARCH_VALUE:
        return f"value is a text of 1 to {LONGEST_SEARCH_VALUE} characters"
    return _fit_flaw(operator, column, value)


def _fit_flaw(operator: str, column: Column, value: str) -> str | None:
    kind = column.attribute.core.name
    if (operator == "ContainsItem") != (kind == "stringList"):
        return f"{operator} does not fit {kind}"
    if operator == "StartsWith" and column.attribute.core.literal != "string":
        return f"{operator} does not fit {kind}"
    if operator.startswith(("Greater", "Less")) and kind not in ORDERED:
        return f"{operator} does not fit {kind}"
    if operator in {"ContainsItem", "StartsWith"}:
        return None
    flaw = type_flaw(column.attribute, cast(column.attribute, value))
    return None if flaw is None else f"value is {flaw}"


def _holds(predicate: JsonObject, columns: Mapping[str, Column], row: JsonObject) -> bool:
    column = columns[predicate["columnId"]]
    side = "outputs" if column.comparator is None else "inputs"
    cell = row[side].get(column.id)
    literal: Literal | None = column.default if cell is None else cell["literal"]
    if predicate.get("special") is not None:
        return literal is not None and literal.get("special") == predicate["special"]
    if literal is None or "special" in literal:
        return False
    operator, wanted = predicate["operator"], predicate["value"]
    held = literal[column.attribute.core.literal]
    if operator == "ContainsItem":
        return wanted in held
    if operator == "StartsWith":
        return bool(held.startswith(wanted))
    left = comparable(column.attribute, held)
    right = comparable(column.attribute, cast(column.attribute, wanted))
    match operator:
        case "Equals":
            return bool(left == right)
        case "GreaterThan":
            return bool(left > right)
        case "GreaterThanOrEquals":
            return bool(left >= right)
        case "LessThan":
            return bool(left < right)
        case _:
            return bool(left <= right)
