"""Records that try a table out: every row is reached, and what should come back is known."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.rules.check import load_ruleset
from tieline.rules.decision_table import compile_table
from tieline.rules.evaluate import Interpreter
from tieline.rules.model import Ruleset
from tieline.rules.probes import MOST_PROBES, expected_outputs, probe_records, wire_inputs
from tieline.rules.table import Table, execute_table

FIELDS = """
  lang: {type: string, enum: [en, de, fr]}
  text: {type: string}
  n: {type: integer}
  x: {type: number}
  vip: {type: boolean}
  tags: {type: array, items: {type: string}}
  at: {type: string, format: date-time}
"""
IDS = {"Q": "id-q", "R": "id-r"}


def compiled(*conditions: str, more: str = "", then: str = "{queue: Q}") -> tuple[Ruleset, Table]:
    rules = "".join(
        f"- name: r{number}\n  when: |-\n    {when}\n  then: {then}\n"
        for number, when in enumerate(conditions)
    )
    ruleset = load_ruleset(f"ruleset: r\nfields: {FIELDS}{more}\nrules:\n{rules}")
    return ruleset, compile_table(ruleset, queue_ids=IDS)


PROBES: list[tuple[str, list[dict[str, Any]]]] = [
    ('lang eq "de"', [{"lang": "de"}, {}]),
    ('lang neq "en"', [{"lang": "de"}, {}]),
    ('text regex "^ab"', [{"text": "ab"}, {}]),
    ('text neq "ab"', [{"text": "ab-"}, {}]),
    ('text regex "^ab" and text regex "c$" and text neq "abc"', [{}]),
    ("n gt 4", [{"n": 5}, {}]),
    ("n lt 4", [{"n": 3}, {}]),
    ("n gte 4 and n lte 4", [{"n": 4}, {}]),
    ("x gt 0.5", [{"x": 1}, {}]),
    ("vip neq true", [{"vip": False}, {}]),
    ('tags contains "a" and tags contains "b"', [{"tags": ["a", "b"]}, {}]),
    ('exists tags and not tags contains "a"', [{"tags": ["-"]}, {"tags": []}, {}]),
    ('at gt "2026-01-01T00:00:00Z"', [{"at": "2100-01-01T00:00:00.000Z"}, {}]),
    ('at lt "2026-01-01T00:00:00Z"', [{"at": "1970-01-01T00:00:00.000Z"}, {}]),
    ('at eq "2026-01-01T00:00:00Z"', [{"at": "2026-01-01T00:00:00.000Z"}, {}]),
    ("not_exists n", [{}]),
    ("n eq 1 and vip eq true", [{"n": 1, "vip": True}, {}]),
]


@pytest.mark.parametrize(("when", "expected"), PROBES, ids=[row[0] for row in PROBES])
def test_a_row_is_tried_with_a_record_beside_its_literals(
    when: str, expected: list[dict[str, Any]]
) -> None:
    ruleset, table = compiled(when)

    found = probe_records(ruleset, table)

    assert found == expected
    if len(expected) > 1:
        assert execute_table(table, found[0]) is not None


def test_a_probe_is_a_value_that_the_fields_allow() -> None:
    fields = (
        "{n: {type: integer, maximum: 5}, text: {type: string, maxLength: 2},"
        " lang: {type: string, enum: [en, de]}, tags: {type: array, items: {type: string},"
        " maxItems: 1, minItems: 1}}"
    )
    conditions = [
        "n neq 5",
        'text neq "ab"',
        'lang neq "en"',
        'exists tags and not tags contains "a"',
    ]
    rules = "".join(
        f"- {{name: r{number}, when: '{when}', then: {{queue: Q}}}}\n"
        for number, when in enumerate(conditions)
    )
    ruleset = load_ruleset(f"ruleset: r\nfields: {fields}\nrules:\n{rules}")

    found = probe_records(ruleset, compile_table(ruleset, queue_ids=IDS))

    assert found == [{"n": 4}, {"text": "-"}, {"lang": "de"}, {"tags": ["-"]}, {}]


def test_the_cases_of_a_file_are_tried_first_and_nothing_twice() -> None:
    cases = "\ncases:\n- {record: {n: 7}, expect: r0}\n- {record: {n: 5}, expect: r0}"
    ruleset, table = compiled("n gt 4", "n gt 9", more=cases)

    assert probe_records(ruleset, table) == [{"n": 7}, {"n": 5}, {"n": 10}, {}]
    assert probe_records(ruleset, table, most=2) == [{"n": 7}, {"n": 5}]


def test_a_record_the_rules_would_not_evaluate_is_not_tried() -> None:
    ruleset, table = compiled("n gt 4", more="\nrequired: [vip]")

    assert probe_records(ruleset, table) == []


def test_executions_are_metered_so_there_are_fifty_probes_at_most_all_over_the_table() -> None:
    ruleset, table = compiled(*(f"n eq {number}" for number in range(400)))

    tried = [record["n"] for record in probe_records(ruleset, table)]

    assert tried == list(range(7, 400, 8))
    assert len(tried) == MOST_PROBES
    assert [record["n"] for record in probe_records(ruleset, table, most=3)] == [132, 265, 399]


@given(st.integers(1, 60), st.integers(0, 60))
def test_the_last_row_is_always_tried_and_no_row_is_far_from_one_that_is(
    rows: int, most: int
) -> None:
    ruleset, table = compiled(*(f"n eq {number}" for number in range(rows)))

    tried = [record["n"] for record in probe_records(ruleset, table, most=most) if record]

    assert len(tried) == min(rows, most)
    assert not most or tried[-1] == rows - 1
    gaps = [after - before for before, after in pairwise([-1, *tried])]
    assert not most or max(gaps) <= -(-rows // most)


def test_every_probe_is_answered_by_the_table_as_by_the_interpreter() -> None:
    ruleset, table = compiled('lang eq "en" and n gt 3', "vip eq true", "x lt 0.5")
    interpreter = Interpreter(ruleset)

    for record in probe_records(ruleset, table):
        row = execute_table(table, record)
        taken = interpreter.first_match(record)
        assert getattr(taken, "name", None) == (None if row is None else row.rule)


ANSWERS: list[tuple[str, dict[str, Any] | None]] = [
    ("{queue: Q}", {"then_queue": {"queue": {"id": "id-q"}}}),
    ("{queue: {name: R}}", {"then_queue": {"queue": {"id": "id-r"}}}),
    ("{queue: {id: own}}", {"then_queue": {"queue": {"id": "own"}}}),
    (
        "{queue: Q, note: hi}",
        {"then_queue": {"queue": {"id": "id-q"}}, "then_note": "hi"},
    ),
]


@pytest.mark.parametrize(("then", "answer"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_what_the_platform_is_to_answer(then: str, answer: dict[str, Any]) -> None:
    ruleset, table = compiled("n gt 4", then=then)

    assert expected_outputs(ruleset, table, {"n": 5}, queue_ids=IDS) == answer
    assert expected_outputs(ruleset, table, {"n": 4}, queue_ids=IDS) is None


def test_an_output_that_a_rule_does_not_set_is_expected_to_be_null() -> None:
    ruleset = load_ruleset(
        f"ruleset: r\nfields: {FIELDS}\nrules:\n"
        "- {name: a, when: n gt 4, then: {queue: Q}}\n"
        "- {name: b, when: n gt 2, then: {note: hi}}\n"
    )
    table = compile_table(ruleset, queue_ids=IDS)

    assert expected_outputs(ruleset, table, {"n": 3}, queue_ids=IDS) == {
        "then_queue": None,
        "then_note": "hi",
    }


def test_an_execution_takes_the_tables_attributes_only_and_moments_in_utc() -> None:
    _, table = compiled('at gt "2026-01-01T00:00:00Z" and n gt 4 and x gt 1')

    record = {"at": "2026-01-01T01:00:00.5+01:00", "n": 5, "x": None, "lang": "en"}
    assert wire_inputs(table, record) == {"at": "2026-01-01T00:00:00.5Z", "n": 5}
    assert wire_inputs(table, {"at": "soon", "x": Decimal("0.5")}) == {
        "at": "soon",
        "x": Decimal("0.5"),
    }
