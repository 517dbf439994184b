"""Why a rule matched, or did not, as people are told."""

from typing import Any

import pytest

from tieline.errors import InvalidInput
from tieline.rules.check import load_ruleset
from tieline.rules.evaluate import Invalid
from tieline.rules.model import Ruleset
from tieline.rules.trace import refusal, trace_record

FIELDS = """
  tags: {type: array, items: {type: string}}
  lang: {type: string}
  n: {type: integer}
  vip: {type: boolean}
  a b: {type: boolean}
"""


def ruleset(*conditions: str, more: str = "") -> Ruleset:
    rules = "".join(
        f"- name: r{number}\n  when: |-\n    {when}\n  then: {{queue: Q{number}}}\n"
        for number, when in enumerate(conditions)
    )
    return load_ruleset(f"ruleset: r\nfields: {FIELDS}{more}\nrules:\n{rules}")


TOLD: list[tuple[str, dict[str, Any], bool, str]] = [
    ("n gte 5", {"n": 7}, True, "n is 7, so gte 5"),
    ("n gte 5", {"n": 3}, False, "n is 3, not gte 5"),
    ("n gte 5", {}, False, "n is missing"),
    ("n gte 5", {"n": None}, False, "n is missing"),
    ("exists n", {"n": 0}, True, "n is there"),
    ("not_exists n", {"n": 0}, False, "n is there"),
    ("exists n", {}, False, "n is missing"),
    ("not n eq 5", {"n": 5}, False, "n is 5, so eq 5"),
    ("not n eq 5", {"n": 6}, True, "n is 6, not eq 5"),
    ('lang eq "en"', {"lang": "de"}, False, 'lang is "de", not eq "en"'),
    ("vip eq true", {"vip": True}, True, "vip is true, so eq true"),
    ("`a b` eq true", {"a b": False}, False, "`a b` is false, not eq true"),
    ('tags contains "x"', {"tags": ["a", "b"]}, False, 'tags is ["a", "b"], not contains "x"'),
    ('tags contains "6"', {"tags": list("123456")}, True,
     'tags is ["1", "2", "3", "4", "5"], so contains "6"'),
    ("n gt 1 and vip eq true", {"n": 2, "vip": True}, True,
     "n is 2, so gt 1 and vip is true, so eq true"),
    ("n gt 1 and vip eq true and n lt 9", {"n": 0, "vip": False}, False, "n is 0, not gt 1"),
    ("n gt 1 or vip eq true", {"n": 0, "vip": True}, True, "vip is true, so eq true"),
    ("n gt 1 or vip eq true", {"n": 0}, False, "n is 0, not gt 1 and vip is missing"),
    ("n gt 1 and n gt 2 and n gt 3 and n gt 4 and n gt 5", {"n": 9}, True,
     "n is 9, so gt 1 and n is 9, so gt 2 and n is 9, so gt 3 and n is 9, so gt 4 and …"),
    ("n gt 1 and n gt 2 and n gt 3 and n gt 4", {"n": 9}, True,
     "n is 9, so gt 1 and n is 9, so gt 2 and n is 9, so gt 3 and n is 9, so gt 4"),
    ("n gt 1 or n gt 2 or n gt 3 or n gt 4 or n gt 5", {}, False, "n is missing and …"),
    ('lang eq "x"', {"lang": "y" * 58}, False, f'lang is "{"y" * 58}", not eq "x"'),
    ('lang eq "x"', {"lang": "y" * 59}, False, f'lang is "{"y" * 58}…, not eq "x"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "record", "matched", "because"), TOLD, ids=[f"{row[0]} {row[2]}" for row in TOLD]
)
def test_the_comparison_that_decided_is_told(
    when: str, record: dict[str, Any], matched: bool, because: str
) -> None:
    (step,) = trace_record(ruleset(when), record).steps

    assert (step.matched, step.because) == (matched, because)


def test_every_rule_answers_and_the_first_to_match_takes_the_record() -> None:
    rules = ruleset("n gt 5", "n gt 1", "n gt 0", more="\ndefault: {queue: D}")

    assert trace_record(rules, {"n": 3}).to_json() == {
        "matched": "r1",
        "then": {"queue": "Q1"},
        "trace": [
            {"rule": "r0", "matched": False, "because": "n is 3, not gt 5"},
            {"rule": "r1", "matched": True, "because": "n is 3, so gt 1"},
            {
                "rule": "r2",
                "matched": True,
                "because": "n is 3, so gt 0; but `r1` takes it first",
            },
        ],
    }


@pytest.mark.parametrize("default", [None, {"queue": "D"}], ids=["without", "with"])
def test_what_no_rule_takes_goes_to_the_default(default: Any) -> None:
    rules = ruleset("n gt 5", more="\ndefault: {queue: D}" if default else "")

    trace = trace_record(rules, {"n": 3})

    assert (trace.matched, trace.then) == (None, default)


def test_a_record_that_is_not_evaluated_is_refused_with_every_problem() -> None:
    with pytest.raises(InvalidInput) as caught:
        trace_record(ruleset("n gt 5"), {"n": "x", "vip": 1, "lang": 2, "tags": 3})

    told = ["`tags` is a number, not an array", "`lang` is a number, not string"]
    told += ["`n` is a string, not integer", "`vip` is a number, not boolean"]
    assert caught.value.message == f"the record cannot be evaluated: {'; '.join(told[:3])}"
    assert list(caught.value.details) == [
        {"loc": ["record"], "type": "type", "message": one} for one in told
    ]
    assert refusal(Invalid(("why",))).message == "the record cannot be evaluated: why"
