"""`rules fmt`, and the whole file as data."""

from decimal import Decimal

import pytest

from tieline.errors import InvalidInput
from tieline.rules.check import load_ruleset
from tieline.rules.format import expression_to, format_source, ruleset_to_json
from tieline.rules.model import And, Condition
from tieline.rules.rule_file import read_rule_file

HEAD = "ruleset: r\nfields: {s: {type: string}, b: {type: boolean}}\nrules:\n"


def rule(when: str) -> str:
    return f"- name: with {len(when)} characters\n  when: {when}\n  then: {{queue: Q}}\n"


def conditions(source: str) -> list[object]:
    file = read_rule_file(source)
    assert not file.findings
    return [one.when for one in file.ruleset.rules]


def test_a_condition_with_an_anchor_keeps_it_and_its_aliases_stay() -> None:
    source = HEAD + rule('&w   s=="a"') + rule("*w") + rule("b==true")

    formatted = format_source(source)

    assert formatted == source.replace('s=="a"', 's eq "a"').replace("b==true", "b eq true")
    assert conditions(formatted) == conditions(source)


@pytest.mark.parametrize(
    "code", [0x00, 0x1B, 0x7F, 0x80, 0x85, 0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF], ids=hex
)
def test_a_character_yaml_would_not_keep_is_written_as_an_escape(code: int) -> None:
    source = HEAD + rule(f"'s == \"x\\u{code:04x} y\"'")

    formatted = format_source(source)

    assert f"\\u{code:04x}" in formatted
    assert conditions(formatted) == conditions(source)
    assert format_source(formatted) == formatted


START = "ruleset: r # a comment\nrules:\n- name: a\n"

SPELLINGS = [
    ("plain", "when: n  >=  5   # why\n", "when: n gte 5   # why\n"),
    ("text", 'when: lang == "en"\n', 'when: lang eq "en"\n'),
    ("quotes that are needed no more", 'when: "n gt 5"\n', "when: n gt 5\n"),
    ("quotes that are needed", "when: 'lang eq \"a: b\"'\n", "when: 'lang eq \"a: b\"'\n"),
    ("single quotes inside", "when: |-\n    lang eq \"it's, so\"\n",
     "when: 'lang eq \"it''s, so\"'\n"),
    ("a parenthesis first", "when: (n==1 or n==2)   and x<3\n",
     "when: (n eq 1 or n eq 2) and x lt 3\n"),
    ("a backquote first", "when: '`and` eq 1'\n", "when: '`and` eq 1'\n"),
    ("a digit is no plain start", "when: not n eq 1\n", "when: not n eq 1\n"),
    ("several lines that fit on one", "when: n eq 1\n    and x eq 2\n",
     "when: n eq 1 and x eq 2\n"),
    ("a literal block", "when: |\n    n eq 1\n    and x eq 2\n  then: {queue: Q}\n",
     "when: n eq 1 and x eq 2\n  then: {queue: Q}\n"),
    ("flow style", "then: {queue: Q}\n- {name: b, when: n==1, then: {queue: Q}}\n",
     "then: {queue: Q}\n- {name: b, when: n eq 1, then: {queue: Q}}\n"),
    ("a tree stays", "when: {field: n, operator: eq, value: 1}\n",
     "when: {field: n, operator: eq, value: 1}\n"),
    ("no condition", "then: {queue: Q}\n", "then: {queue: Q}\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"), [row[1:] for row in SPELLINGS], ids=[row[0] for row in SPELLINGS]
)
def test_a_condition_is_respelled_and_all_else_left(before: str, after: str) -> None:
    assert format_source(f"{START}  {before}") == f"{START}  {after}"
    assert format_source(f"{START}  {after}") == f"{START}  {after}"


def test_a_condition_that_does_not_fit_on_a_line_stays_as_it_was_broken() -> None:
    first, second = "number_one eq 1111111111111111111111111", "number_two eq " + "2" * 40
    fits = f"{START}  when: {first}\n    and {second[:-7]}\n"
    broken = f"{START}  when: {first}\n    and {second}\n"

    assert format_source(fits) == f"{START}  when: {first} and {second[:-7]}\n"
    assert format_source(broken) == broken


def test_the_widest_line_has_a_hundred_columns() -> None:
    def written(length: int) -> str:
        return f"{START}  when: n eq 1\n    and n eq {'9' * length}\n"

    longest = 100 - len("  when: n eq 1 and n eq ")

    joined = format_source(written(longest)).split("\n")[3]
    assert len(joined) == 100
    assert format_source(written(longest + 1)) == written(longest + 1)


def test_a_long_condition_on_one_line_is_still_respelled() -> None:
    name = "n" * 120

    assert format_source(f"{START}  when: {name}==1\n") == f"{START}  when: {name} eq 1\n"


def test_json_is_left_to_formatters_of_json() -> None:
    text = ' {"ruleset": "r", "rules": [{"name": "a", "when": "n==1"}]}'

    assert format_source(text) == text


def test_a_file_without_rules_is_left() -> None:
    assert format_source("ruleset: r\n") == "ruleset: r\n"


def test_a_condition_that_cannot_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidInput) as caught:
        format_source(f"{START}  when: n eq\n")

    assert caught.value.message == (
        "the condition at line 4 cannot be formatted: expected a value, found the end"
    )
    assert caught.value.hint == "`tieline rules check` shows where"


WHOLE = """
ruleset: r
description: all of it
queue: {id: q}
priority_order: lowest_first
fields: {x: {type: number, minimum: 0.5}}
required: [x]
default: {queue: D}
rules:
- {name: a, description: why, when: x gt 0.5, then: {queue: Q}, priority: 3, enabled: false}
- {name: b, when: exists x, then: {queue: Q}}
cases:
- {name: one, record: {x: 2.5}, expect: b}
"""


def test_a_whole_file_becomes_data_and_back() -> None:
    ruleset = load_ruleset(WHOLE)

    assert ruleset_to_json(ruleset, form="text") == {
        "ruleset": "r",
        "description": "all of it",
        "queue": {"id": "q"},
        "priority_order": "lowest_first",
        "fields": {"x": {"type": "number", "minimum": 0.5}},
        "required": ["x"],
        "rules": [
            {
                "name": "a",
                "description": "why",
                "priority": 3,
                "enabled": False,
                "when": "x gt 0.5",
                "then": {"queue": "Q"},
            },
            {"name": "b", "priority": 0, "when": "exists x", "then": {"queue": "Q"}},
        ],
        "default": {"queue": "D"},
        "cases": [{"name": "one", "record": {"x": 2.5}, "expect": "b"}],
    }


def test_what_a_file_leaves_out_its_data_leaves_out() -> None:
    ruleset = load_ruleset("ruleset: r\nfields: {}\nrules: []")

    assert ruleset_to_json(ruleset, form="tree") == {
        "ruleset": "r",
        "priority_order": "highest_first",
        "fields": {},
        "rules": [],
    }


def test_an_expression_has_two_forms() -> None:
    both = And((Condition("n", "gt", Decimal("0.5")), Condition("n", "exists")))

    assert expression_to("text", both) == "n gt 0.5 and exists n"
    assert expression_to("tree", both) == {
        "type": "and",
        "children": [
            {"type": "condition", "field": "n", "operator": "gt", "value": 0.5},
            {"type": "condition", "field": "n", "operator": "exists"},
        ],
    }
