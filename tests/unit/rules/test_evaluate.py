from typing import Any

import pytest

from tieline.rules.check import load_ruleset
from tieline.rules.evaluate import Interpreter, Invalid

FIELDS = """
  tags: {type: array, items: {type: string}}
  lang: {type: string, enum: [en, de]}
  n: {type: integer}
  x: {type: number}
  vip: {type: boolean}
  at: {type: string, format: date-time}
  days: {type: array, items: {type: string, format: date-time}}
"""


def interpreter(when: str, *, more: str = "") -> Interpreter:
    return Interpreter(
        load_ruleset(
            f"ruleset: r\nfields: {FIELDS}{more}\nrules:\n"
            f"- name: only\n  when: |-\n    {when}\n  then: {{queue: Q}}\n"
        )
    )


MEANINGS = [
    ("a missing field makes eq false", 'lang eq "en"', {}, False),
    ("a missing field makes neq false", 'lang neq "en"', {}, False),
    ("a null field makes neq false", 'lang neq "en"', {"lang": None}, False),
    ("not negates the false of a missing field", 'not lang eq "en"', {}, True),
    ("null does not exist", "exists lang", {"lang": None}, False),
    ("null is not_exists", "not_exists lang", {"lang": None}, True),
    ("false exists", "exists vip", {"vip": False}, True),
    ("case matters", 'lang eq "EN"', {"lang": "en"}, False),
    ("contains is membership", 'tags contains "a"', {"tags": ["ab"]}, False),
    ("contains finds a member", 'tags contains "a"', {"tags": ["b", "a"]}, True),
    ("contains is a substring in text", 'lang contains "n"', {"lang": "en"}, True),
    ("regex searches", 'lang regex "n$"', {"lang": "en"}, True),
    ("integer and number by value", "n eq 5.0", {"n": 5}, True),
    ("number and integer by value", "x eq 5", {"x": 5.0}, True),
    ("exact at any size", f"n eq {2**70}", {"n": 2**70 + 1}, False),
    ("exact beside a float", "x eq 9007199254740993", {"x": 9007199254740992.0}, False),
    ("a tenth is a tenth", "x eq 0.1", {"x": 0.1}, True),
    ("beyond every float", "x lt 1e400", {"x": 1e300}, True),
    ("an integer between", "n gt 4.5", {"n": 5}, True),
    (
        "instants, not text",
        'at eq "2026-01-01T00:00:00Z"',
        {"at": "2026-01-01T01:00:00+01:00"},
        True,
    ),
    (
        "neq on instants",
        'at neq "2026-01-01T00:00:00Z"',
        {"at": "2026-01-01t00:00:00.000-00:00"},
        False,
    ),
    (
        "order of instants",
        'at lt "2026-01-01T00:00:00.0000000002Z"',
        {"at": "2026-01-01T00:00:00.0000000001Z"},
        True,
    ),
    (
        "members as instants",
        'days contains "2026-01-01T00:00:00Z"',
        {"days": ["2026-01-01T01:00:00+01:00"]},
        True,
    ),
    ("a float is the decimal it is written as", f"n eq {10**23}", {"n": 1e23}, True),
    ("a cast boolean", 'vip eq "true"', {"vip": True}, True),
    ("a cast number", 'n gte "5"', {"n": 5}, True),
    ("a cast text", "lang eq 5", {"lang": "5"}, True),
    ("a boolean as text", "lang eq true", {"lang": "true"}, True),
    ("unknown fields of a record do not matter", "exists n", {"n": 1, "other": object()}, True),
]


@pytest.mark.parametrize(
    ("when", "record", "expected"), [row[1:] for row in MEANINGS], ids=[row[0] for row in MEANINGS]
)
def test_meaning(when: str, record: Any, expected: bool) -> None:
    found = interpreter(when).first_match(record)

    assert (found is not None) is expected
    assert not isinstance(found, Invalid)


INVALID = [
    ("a boolean is never a number", {"n": True}),
    ("a fraction is no integer", {"n": 5.5}),
    ("a number is no text", {"lang": 5}),
    ("text is no array", {"tags": "a"}),
    ("a null member", {"tags": [None]}),
    ("a wrong member", {"tags": [1]}),
    ("not a date-time", {"at": "yesterday"}),
    ("NaN is not JSON", {"x": float("nan")}),
    ("half a character", {"lang": "\ud800"}),
    ("no object", ["lang"]),
]


@pytest.mark.parametrize("record", [row[1] for row in INVALID], ids=[row[0] for row in INVALID])
def test_a_wrong_type_matches_nothing(record: Any) -> None:
    assert isinstance(interpreter("not exists vip").first_match(record), Invalid)


def test_every_problem_of_a_record_is_told() -> None:
    judge = interpreter("exists n", more="\nrequired: [vip, lang]")

    assert judge.invalid([]) == Invalid(("the record is no object",))
    assert judge.invalid({"n": "x", "tags": 5, "vip": None}) == Invalid(
        (
            "`tags` is a number, not an array",
            "`n` is a string, not integer",
            "`vip` is required and missing",
            "`lang` is required and missing",
        )
    )
    assert judge.invalid({"vip": False, "lang": ""}) is None


def test_a_required_field_must_be_there() -> None:
    found = interpreter("not_exists n", more="\nrequired: [n]").first_match({"n": None})

    assert found == Invalid(("`n` is required and missing",))


def test_the_first_enabled_rule_in_priority_order_wins() -> None:
    ruleset = load_ruleset(
        """
ruleset: r
priority_order: lowest_first
fields: {n: {type: integer}}
rules:
- {name: late, priority: 9, when: n gt 0, then: {queue: a}}
- {name: off, priority: 1, enabled: false, when: n gt 0, then: {queue: b}}
- {name: tie one, priority: 5, when: n gt 0, then: {queue: c}}
- {name: tie two, priority: 5, when: n gt 0, then: {queue: d}}
default: {queue: e}
"""
    )
    engine = Interpreter(ruleset)

    assert engine.first_match({"n": 1}).name == "tie one"
    assert engine.target({"n": 1}) == {"queue": "c"}
    assert engine.target({"n": 0}) == {"queue": "e"}
