from typing import Any

import pytest

from tieline.audit.merkle import EMPTY_ROOT
from tieline.audit.problem import Problem
from tieline.audit.query import Query
from tieline.dashboard.views.audit import health_view, pair_view, read_search, record_row
from tieline.services.state_reading.audit import Pair
from tieline.services.state_reading.verifying import Health
from tieline.store.segments.verify import Verification

INTENT: dict[str, Any] = {"log": "l", "seq": 4, "time": "2026-01-31T12:00:00.000Z",
                          "phase": "intent", "operation": "flows.launch"}  # fmt: skip
OUTCOME = {**INTENT, "seq": 5, "phase": "outcome", "status": "completed", "latency_ms": 12.3}


def verified(*problems: Problem) -> Verification:
    return Verification(6, 1, 6, EMPTY_ROOT, problems=problems)


HEALTH = [
    (Health("not yet"), "verifying", "sent"),
    (Health("no log"), "no log", "pending"),
    (Health("unreadable", message="disk gone"), "cannot be verified", "failed"),
    (Health("intact", 1.0, 0, verified()), "intact", "done"),
    (Health("problems", 1.0, 0, verified(Problem("altered", "a record"))), "1 problem", "failed"),
]


@pytest.mark.parametrize(("health", "word", "tone"), HEALTH, ids=[row[0].state for row in HEALTH])
def test_health_is_a_word_and_never_a_colour_alone(health: Health, word: str, tone: str) -> None:
    view = health_view(health)

    assert (view.word, view.tone) == (word, tone)


def test_a_verification_of_what_is_new_says_how_much_was_verified_before() -> None:
    assert "the first 4 of them earlier" in health_view(Health("intact", 1.0, 4, verified())).told


def test_of_ten_thousand_problems_the_first_are_listed_and_all_are_counted() -> None:
    problems = [Problem("altered", "x" * 10_000, record=n) for n in range(10_000)]

    view = health_view(Health("problems", 1.0, 0, verified(*problems)))

    assert (view.word, len(view.problems)) == ("10,000 problems", 50)
    assert all(len(one) < 500 for one in view.problems)


def test_a_form_becomes_a_query_and_empty_fields_are_none() -> None:
    search = read_search({"status": " failed ", "target": "", "below": "17", "other": "x"})

    assert search.query == Query(status="failed")
    assert search.below == 17


@pytest.mark.parametrize("below", ["", "-1", "1e3", "x", "\u0661"])
def test_a_place_that_is_none_is_the_newest(below: str) -> None:
    assert read_search({"below": below}).below is None


def test_a_field_that_is_too_long_is_said_and_not_looked_for() -> None:
    search = read_search({"id": "x" * 301})

    assert search.problem.startswith("id:")
    assert search.query == Query()


def test_a_pair_says_what_a_missing_or_a_second_outcome_means() -> None:
    told = [
        pair_view(Pair(INTENT, INTENT, ())).told,
        pair_view(Pair(OUTCOME, None, (OUTCOME,))).told,
        pair_view(Pair(OUTCOME, INTENT, (OUTCOME, OUTCOME))).told,
        pair_view(Pair(OUTCOME, INTENT, (OUTCOME,))).told,
    ]

    assert "uncertain" in told[0]
    assert "names no intent" in told[1]
    assert "2 outcomes" in told[2]
    assert told[3] == ""


def test_a_record_with_anything_in_its_fields_is_a_row() -> None:
    row = record_row({**OUTCOME, "status": ["x"], "latency_ms": "soon", "operation": {"a": 1}})

    assert (row.status, row.latency, row.operation) == ("['x']", "", "{'a': 1}")
