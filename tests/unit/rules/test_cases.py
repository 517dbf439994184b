"""`rules test`: an example passes, or says why not."""

from typing import Any

import pytest

from tieline.rules.cases import CaseResult, run_cases
from tieline.rules.check import load_ruleset
from tieline.rules.model import Case

RULES = load_ruleset(
    """
ruleset: r
fields: {n: {type: integer}}
rules:
- {name: big, priority: 9, when: n gt 5, then: {queue: a}}
- {name: any, priority: 5, when: exists n, then: {queue: b}}
- {name: off, enabled: false, when: exists n, then: {queue: c}}
"""
)

RUNS: list[tuple[dict[str, Any], str | None, str | None, str]] = [
    ({"n": 9}, "big", "big", ""),
    ({}, None, None, ""),
    ({"n": 1}, "big", "any", "`any` takes it: n is 1, not gt 5"),
    ({"n": 9}, "any", "big", "`big` takes it, and is tried before `any`"),
    ({}, "any", None, "no rule takes it: n is missing"),
    ({"n": 1}, None, "any", "`any` takes it: n is there"),
    ({"n": 1}, "off", "any", "`any` takes it: `off` is not enabled"),
    ({"n": 1}, "nobody", None, "there is no rule `nobody`"),
    ({"n": "x"}, "any", None, "`n` is a string, not integer"),
]


@pytest.mark.parametrize(
    ("record", "expect", "matched", "problem"), RUNS, ids=[f"{row[0]} {row[1]}" for row in RUNS]
)
def test_an_example_passes_or_says_why_not(
    record: dict[str, Any], expect: str | None, matched: str | None, problem: str
) -> None:
    (result,) = run_cases(RULES, (Case("one", record, expect),))

    assert result == CaseResult("one", expect, matched, problem)
    assert result.passed is (problem == "")
    assert result.to_json() == {
        "name": "one",
        "passed": problem == "",
        "expected": expect,
        "matched": matched,
        "problem": problem or None,
    }


def test_an_example_without_a_name_has_its_number() -> None:
    results = run_cases(RULES, (Case("", {}, None), Case("named", {}, None), Case("", {}, None)))

    assert [one.name for one in results] == ["case 1", "named", "case 3"]
