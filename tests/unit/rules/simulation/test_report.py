"""What a simulation tells: counts by name, the interval, what moved, and when."""

from collections import Counter
from math import isclose
from typing import Any

import pytest

from tieline.errors import InvalidInput
from tieline.rules.field_type import FieldType
from tieline.rules.model import Condition, Rule, Ruleset
from tieline.rules.simulation.question import Question
from tieline.rules.simulation.report import MOST_HOURS, Simulation
from tieline.rules.simulation.tally import Tally
from tieline.rules.simulation.wilson import interval95

FIELDS = {"n": {"type": "integer"}, "at": {"type": "string", "format": "date-time"}}
LOW = Rule("low", Condition("n", "exists"), {"queue": "b"}, 1)
HIGH = Rule("high", Condition("n", "gt", 5), {"queue": "a"}, 2)
RULES = Ruleset("r", FIELDS, (LOW, HIGH))


def told(tally: Tally, *, rules: Ruleset = RULES) -> dict[str, Any]:
    return Simulation(Question(rules), tally, 12.34567).to_json()


def test_counts_are_told_by_the_names_of_the_rules_in_the_order_they_are_tried() -> None:
    tally = Tally(
        rules=2,
        records=10,
        invalid=2,
        matched=[3, 6],
        won=[3, 3],
        lost=Counter({(1, 0): 3}),
        nanoseconds=[7, 8],
        moved=Counter({("low", "high"): 1, (None, "low"): 2}),
        elsewhere={(None, "low")},
        samples={(None, "low"): [(4, {"n": 1})]},
        invalid_rows=[(0, "why")],
    )

    document = told(tally)

    assert document.pop("series") == {"field": "at", "unit": "hour", "points": []}
    low, high = document.pop("interval95")
    assert (low, high) == interval95(6, 8)
    assert document == {
        "records": 10,
        "invalid": 2,
        "matched": 6,
        "match_rate": 0.75,
        "unmatched": 2,
        "rules": [
            {
                "name": "high",
                "matched": 3,
                "won": 3,
                "lost_to": {},
                "match_rate": 0.375,
                "cost_ns": 7,
            },
            {
                "name": "low",
                "matched": 6,
                "won": 3,
                "lost_to": {"high": 3},
                "match_rate": 0.75,
                "cost_ns": 8,
            },
        ],
        "moved": [
            {
                "from": None,
                "to": "low",
                "count": 2,
                "elsewhere": True,
                "samples": [{"row": 5, "record": {"n": 1}}],
            },
            {"from": "low", "to": "high", "count": 1, "elsewhere": False, "samples": []},
        ],
        "invalid_rows": [{"row": 1, "problem": "why"}],
        "elapsed_ms": 12.346,
    }


def test_nothing_judged_has_a_rate_of_nothing_and_knows_nothing() -> None:
    document = told(Tally(rules=2, records=1, invalid=1))

    assert document["match_rate"] == 0.0
    assert document["interval95"] == [0.0, 1.0]
    assert document["rules"][0]["match_rate"] == 0.0


def test_records_are_told_by_the_hour_and_by_winner() -> None:
    tally = Tally(
        rules=2,
        records=9,
        by_hour=Counter(
            {
                ("2026-01-31T10", 2): 2,
                ("2026-01-31T09", 1): 3,
                ("2026-01-31T09", 2): 1,
                ("2026-01-31T09", 0): 1,
                ("", 0): 2,
            }
        ),
    )

    assert told(tally)["series"] == {
        "field": "at",
        "unit": "hour",
        "points": [
            {"at": "2026-01-31T09", "records": 5, "matched": 4, "won": {"high": 1, "low": 3}},
            {"at": "2026-01-31T10", "records": 2, "matched": 0, "won": {}},
        ],
    }


@pytest.mark.parametrize(("more", "unit"), [(0, "hour"), (1, "day")])
def test_a_history_of_more_than_two_weeks_is_told_by_the_day(more: int, unit: str) -> None:
    hours = [f"2026-01-{1 + n // 24:02}T{n % 24:02}" for n in range(MOST_HOURS + more)]
    tally = Tally(rules=2, records=len(hours), by_hour=Counter({(hour, 0): 1 for hour in hours}))

    series = told(tally)["series"]

    assert series["unit"] == unit
    assert len(series["points"]) == (MOST_HOURS if unit == "hour" else 15)
    first = series["points"][0]
    assert (first["at"], first["records"]) == (
        ("2026-01-01T00", 1) if unit == "hour" else ("2026-01-01", 24)
    )


def test_rules_without_a_time_have_no_series() -> None:
    rules = Ruleset("r", {"n": {"type": "integer"}}, (LOW, HIGH))

    assert told(Tally(rules=2, records=1), rules=rules)["series"] is None


def test_the_time_is_the_field_that_was_named_else_the_first_date_time() -> None:
    assert Question(RULES, time_field="other").time() == FieldType("other", "date-time", {})
    found = Question(RULES).time()
    assert found is not None
    assert (found.name, found.kind) == ("at", "date-time")


def test_the_records_of_two_rule_sets_are_read_by_the_fields_and_rules_of_both() -> None:
    older = Ruleset("o", {"n": {"type": "integer"}, "m": {"type": "number"}}, (HIGH,))

    both = Question(RULES, older).read_by()

    assert set(both.fields) == {"n", "at", "m"}
    assert both.rules == (LOW, HIGH, HIGH)
    assert Question(RULES).read_by() is RULES


def test_two_rule_sets_that_read_one_field_in_two_ways_are_refused() -> None:
    older = Ruleset("o", {"n": {"type": "array", "items": {"type": "string"}}}, ())

    with pytest.raises(InvalidInput) as caught:
        Question(RULES, older)

    assert caught.value.message == (
        "field `n` is integer here and array of string in the older rules: "
        "no record can be right for both"
    )
    assert caught.value.hint == "give the field one type in both files"


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.27753279),
        (10, 10, 0.72246721, 1.0),
        (1, 10, 0.01787621, 0.40415003),
        (5, 10, 0.23659309, 0.76340691),
        (50, 100, 0.40383153, 0.59616847),
    ],
)
def test_a_rate_has_the_wilson_interval(
    successes: int, trials: int, low: float, high: float
) -> None:
    found = interval95(successes, trials)

    assert isclose(found[0], low, abs_tol=1e-7)
    assert isclose(found[1], high, abs_tol=1e-7)
