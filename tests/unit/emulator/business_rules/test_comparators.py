"""What each comparator means, on the platform's own words; both ways for each `Not…`."""

from typing import Any

import pytest
from emulator_driver import Driver
from table_driver import TableDriver, attribute

from tieline.emulator.business_rules.comparators import COMPARATORS

ALL_24 = (
    "Equals NotEquals GreaterThan GreaterThanOrEquals LessThan LessThanOrEquals StartsWith "
    "NotStartsWith EndsWith NotEndsWith Contains NotContains ContainsAny NotContainsAny "
    "ContainsAll NotContainsAll ContainsExactly NotContainsExactly ContainsSequence "
    "NotContainsSequence IsSubset NotIsSubset IsSubsequence NotIsSubsequence"
)
PROPERTIES = {
    "string": attribute("string"),
    "integer": attribute("integer"),
    "number": attribute("number"),
    "boolean": attribute("boolean"),
    "date": attribute("date"),
    "datetime": attribute("datetime"),
    "enum": attribute("enum", enum=["a", "A"]),
    "stringList": attribute("stringList"),
    "result": attribute("string"),
}
NOON = "2026-01-01T12:00:00.000Z"
# type, comparator, input, row, whether it holds
CASES: list[tuple[str, str, Any, Any, bool]] = [
    ("string", "Equals", "a", "a", True),
    ("string", "Equals", "A", "a", False),
    ("string", "StartsWith", "abc", "ab", True),
    ("string", "StartsWith", "Abc", "ab", False),
    ("string", "EndsWith", "abc", "bc", True),
    ("string", "EndsWith", "abc", "ab", False),
    ("string", "Contains", "abc", "b", True),
    ("string", "Contains", "abc", "ac", False),
    ("enum", "Equals", "a", "a", True),
    ("enum", "Equals", "A", "a", False),
    ("boolean", "Equals", False, False, True),
    ("integer", "Equals", 5, 5, True),
    ("number", "Equals", 1.0, 1, True),
    ("number", "Equals", 0.1, 0.1, True),
    ("number", "GreaterThan", 1.5, 1, True),
    ("number", "GreaterThan", 1, 1.0, False),
    ("integer", "GreaterThanOrEquals", 5, 5, True),
    ("integer", "LessThan", 4, 5, True),
    ("integer", "LessThan", 5, 5, False),
    ("integer", "LessThanOrEquals", 5, 5, True),
    ("date", "LessThan", "2026-01-31", "2026-02-01", True),
    ("date", "Equals", "2026-01-31", "2026-01-31", True),
    ("datetime", "Equals", "2026-01-01T13:00:00.000+01:00", NOON, True),
    ("datetime", "GreaterThan", "2026-01-01T12:00:00.001Z", NOON, True),
    ("stringList", "Contains", ["a", "b"], ["b"], True),
    ("stringList", "Contains", ["ab"], ["b"], False),
    ("stringList", "ContainsAny", ["a", "b"], ["b", "c"], True),
    ("stringList", "ContainsAny", ["a"], ["b", "c"], False),
    ("stringList", "ContainsAll", ["a", "b", "c"], ["c", "a"], True),
    ("stringList", "ContainsAll", ["a"], ["c", "a"], False),
    ("stringList", "ContainsExactly", ["a", "b"], ["b", "a"], True),
    ("stringList", "ContainsExactly", ["a", "b", "c"], ["b", "a"], False),
    ("stringList", "ContainsSequence", ["x", "a", "b"], ["a", "b"], True),
    ("stringList", "ContainsSequence", ["a", "x", "b"], ["a", "b"], False),
    ("stringList", "IsSubset", ["b", "a"], ["a", "b", "c"], True),
    ("stringList", "IsSubset", ["d"], ["a", "b", "c"], False),
    ("stringList", "IsSubsequence", ["a", "c"], ["a", "b", "c"], True),
    ("stringList", "IsSubsequence", ["c", "a"], ["a", "b", "c"], False),
]
POSITIVE = [name for name in COMPARATORS if f"Not{name}" in COMPARATORS]


async def executed(driver: Driver, kind: str, comparator: str, cell: Any, inputs: Any) -> bool:
    """Whether a table of one column and one row matches."""
    table = await TableDriver(driver).make(
        PROPERTIES, ((kind, comparator),), ("result",), name=f"{kind} {comparator}"
    )
    await table.add((cell, "matched"))
    got = await table.execute(inputs, version=1)
    assert got.status == 200, got.raw
    await table.send("DELETE", "", version=None)
    driver.app.clock.advance(1)
    return bool(got.json["totalMatchRowCount"])


def test_there_are_the_platforms_24() -> None:
    assert set(COMPARATORS) == set(ALL_24.split())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]} {case[4]}")
async def test_a_comparator_holds_as_the_platform_says(
    platform: Driver, case: tuple[str, str, Any, Any, bool]
) -> None:
    kind, comparator, left, right, holds = case
    assert await executed(platform, kind, comparator, right, {kind: left}) is holds
    if comparator in POSITIVE:
        negated = await executed(platform, kind, f"Not{comparator}", right, {kind: left})
        assert negated is not holds


@pytest.mark.parametrize("comparator", sorted(COMPARATORS))
async def test_a_missing_input_satisfies_wildcard_and_null_only(
    platform: Driver, comparator: str
) -> None:
    kind = min(COMPARATORS[comparator].types & set(PROPERTIES))
    cell = {"stringList": ["a"], "integer": 1, "date": "2026-01-01", "string": "a"}.get(kind, True)

    for inputs in ({}, {kind: None}):
        assert await executed(platform, kind, comparator, {"special": "Wildcard"}, inputs)
        assert await executed(platform, kind, comparator, {"special": "Null"}, inputs)
        assert not await executed(platform, kind, comparator, cell, inputs)


async def test_null_is_for_a_missing_input_only(platform: Driver) -> None:
    cell = {"special": "Null"}

    assert not await executed(platform, "string", "Equals", cell, {"string": ""})
    assert not await executed(platform, "string", "NotEquals", cell, {"string": ""})


async def test_empty_is_the_empty_text_or_list(platform: Driver) -> None:
    cell = {"special": "Empty"}

    assert await executed(platform, "string", "Equals", cell, {"string": ""})
    assert not await executed(platform, "string", "Equals", cell, {"string": "a"})
    assert not await executed(platform, "string", "Equals", cell, {})
    assert await executed(platform, "stringList", "ContainsExactly", cell, {"stringList": []})


async def test_current_time_is_now_or_today(platform: Driver) -> None:
    told = (await platform.get("/_emulator/clock")).json
    cell, today = {"special": "CurrentTime"}, told["now"][:10]

    assert await executed(platform, "date", "Equals", cell, {"date": today})
    assert await executed(
        platform, "datetime", "LessThan", cell, {"datetime": "2020-01-01T00:00:00.000Z"}
    )
    assert not await executed(
        platform, "datetime", "LessThan", cell, {"datetime": "2120-01-01T00:00:00.000Z"}
    )
