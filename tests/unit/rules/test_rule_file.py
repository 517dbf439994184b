"""What a reader of a rule file is told, word for word: the sentence, the place, the rule."""

from typing import Any

import pytest

from tieline.errors import InvalidInput
from tieline.rules.check import check_rule_file, usable
from tieline.rules.model import Case, Position
from tieline.rules.rule_file import (
    MOST_FINDINGS,
    read_cases,
    read_rule_file,
    rule_file_from_json,
)

BROKEN = """\
ruleset: ""
descripton: x
description: 5
queue: Suport
priority_order: upwards
default: 5
fields:
  n: {type: integer}
  bad: {type: banana}
required: [n, nobody]
rules:
- {name: a, when: n gt 1, then: {queue: Q}, priority: high, enabled: maybe}
- {name: a, when: n gt 1, then: {queue: Q}}
- {nam: b, when: n gt 1, then: {queue: Q}}
- {name: 5, when: n gt 1, then: {queue: Q}}
- {name: c, then: {queue: Q}}
- {name: d, when: n gt 1}
- {name: e, when: n gt 1, then: {}}
- {name: f, when: n gt 1, then: Q}
- just text
- {name: " ", when: m gt 1, then: {queue: Q}, priority: true}
- {name: g, when: n gt, then: {queue: Q}, description: [1]}
- name: h
  when: {type: and, children: [{field: m, operator: eq, value: 1}]}
  then: {queue: Nowhere}
  priority: 1.5
cases:
- {record: {n: 1}, expect: a}
- {record: 5, expect: a}
- {record: {n: 1}}
- {record: {n: 1}, expect: 5}
- {record: {n: 1}, expect: null, name: 5, foo: 1}
- 5
"""
BANANA = "its `type` must be one of string, integer, number, boolean, array, object, not 'banana'"
A_CASE = "a case has a `record` and `expect`, the name of a rule or null"
SAID: list[tuple[int, int, str | None, str, str]] = [
    (1, 10, None, "ruleset", "`ruleset` is text and cannot be empty"),
    (2, 1, None, "descripton",
     "a rule file has no key `descripton`; did you mean `description`?"),
    (3, 14, None, "description", "`description` is text; put it in quotes"),
    (4, 8, None, "queue", "there is no queue `Suport`; did you mean `Support`?"),
    (5, 17, None, "priority_order", "`priority_order` is highest_first or lowest_first"),
    (6, 10, None, "default", "`default` is a mapping such as {queue: …}"),
    (9, 3, None, "fields.bad", f"the field `bad` cannot be used: {BANANA}"),
    (10, 15, None, "required[1]", "`required` names the unknown field `nobody`"),
    (12, 55, "a", "rules[0].priority", "`priority` is a whole number"),
    (12, 70, "a", "rules[0].enabled", "`enabled` is true or false"),
    (13, 10, "a", "rules[1]",
     "another rule (line 12) is called `a` too; give it a name of its own"),
    (14, 3, None, "rules[2]", "`name` is missing"),
    (14, 4, None, "rules[2].nam", "a rule has no key `nam`; did you mean `name`?"),
    (15, 10, None, "rules[3].name", "`name` is text; put it in quotes"),
    (16, 3, "c", "rules[4]", "the rule has no `when`"),
    (17, 3, "d", "rules[5]",
     "the rule has no `then`; say where a record goes: `then: {queue: …}`"),
    (18, 33, "e", "rules[6].then", "`then` is a mapping such as {queue: …}"),
    (19, 33, "f", "rules[7].then", "`then` is a mapping such as {queue: …}"),
    (20, 3, None, "rules[8]", "a rule is a mapping with name, when and then"),
    (21, 10, " ", "rules[9].name", "`name` is text and cannot be empty"),
    (21, 21, " ", "rules[9].when", "there is no field `m`; declare it under `fields`"),
    (21, 57, " ", "rules[9].priority", "`priority` is a whole number"),
    (22, 23, "g", "rules[10].when", "expected a value, found the end"),
    (22, 56, "g", "rules[10].description", "`description` is text"),
        (24, 32, "h", "rules[11].when.children[0]",
     "there is no field `m`; declare it under `fields`"),
    (25, 17, "h", "rules[11].then", "there is no queue `Nowhere`"),
    (26, 13, "h", "rules[11].priority", "`priority` is a whole number"),
    (29, 3, None, "cases[1]", A_CASE),
    (30, 3, None, "cases[2]", A_CASE),
    (31, 3, None, "cases[3]", A_CASE),
    (32, 40, None, "cases[4].name", "`name` is text; put it in quotes"),
    (32, 43, None, "cases[4].foo", "a case has no key `foo`; known are name, record, expect"),
    (33, 3, None, "cases[5]", A_CASE),
]  # fmt: skip


def test_every_fault_of_a_file_is_told_at_once_with_its_place() -> None:
    file = read_rule_file(BROKEN)

    checked = check_rule_file(file, queues=["Support", "Q"])

    told = [one.to_json() for one in checked.findings]
    keys = ("line", "column", "rule", "path", "message")
    assert [tuple(one[key] for key in keys) for one in told] == SAID
    assert {one["severity"] for one in told} == {"error"}
    assert {one["code"] for one in told} == {
        "syntax", "unknown-field", "unknown-queue", "duplicate-name",
    }  # fmt: skip


def test_what_could_be_read_of_a_broken_file_is_kept() -> None:
    file = read_rule_file(BROKEN)

    assert file.rules == 12
    assert file.ruleset.rules == ()
    assert [rule.name for rule in file.faulty] == ["a", "a", "", "", "d", "e", "f", " ", "h"]
    assert [rule.priority for rule in file.faulty][:2] == [0, 0]
    assert all(rule.enabled for rule in file.faulty)
    assert file.ruleset.default is None
    assert file.ruleset.required == ("n", "nobody")
    assert file.ruleset.cases == (
        Case("", {"n": 1}, "a", Position("cases[0]", 28, 3)),
        Case("", {"n": 1}, None, Position("cases[4]", 32, 3)),
    )


WHOLE = """\
$schema: https://example.com/schema.json
ruleset: r
description: all of it
queue: {id: q}
priority_order: lowest_first
fields: {n: {type: integer}}
required: [n]
default: {queue: D}
rules:
- {name: a, when: n gt 1, then: {queue: Q}, description: why, priority: -3, enabled: false}
- {name: b, when: n gt 2, then: {queue: Q, note: x}}
cases:
- {name: one, record: {n: 5}, expect: b}
"""


def test_a_whole_file_is_read_to_the_last_key() -> None:
    file = read_rule_file(WHOLE.encode())

    ruleset = file.ruleset
    assert file.findings == ()
    assert (file.rules, file.source, file.faulty) == (2, WHOLE, ())
    assert (ruleset.name, ruleset.description) == ("r", "all of it")
    assert (ruleset.queue, ruleset.default) == ({"id": "q"}, {"queue": "D"})
    assert (ruleset.priority_order, ruleset.required) == ("lowest_first", ("n",))
    assert dict(ruleset.fields) == {"n": {"type": "integer"}}
    one, two = ruleset.rules
    assert (one.name, one.description, one.priority, one.enabled) == ("a", "why", -3, False)
    assert (two.name, two.description, two.priority, two.enabled) == ("b", "", 0, True)
    assert two.then == {"queue": "Q", "note": "x"}
    assert (one.at, two.at) == (Position("rules[0]", 10, 3), Position("rules[1]", 11, 3))
    assert ruleset.cases == (Case("one", {"n": 5}, "b"),)
    assert ruleset.cases[0].at == Position("cases[0]", 13, 3)
    assert file.places == {
        "queue": Position("queue", 4, 8),
        "default": Position("default", 8, 18),
        "rules[0].then": Position("rules[0].then", 10, 41),
        "rules[1].then": Position("rules[1].then", 11, 41),
        "fields.n": Position("fields.n", 6, 10),
    }


def test_what_a_file_may_leave_out_has_a_meaning() -> None:
    ruleset = read_rule_file("ruleset: r\nfields: {}\nrules: []").ruleset

    assert (ruleset.queue, ruleset.default, ruleset.description) == (None, None, "")
    assert (ruleset.priority_order, ruleset.required, ruleset.cases) == ("highest_first", (), ())


def test_highest_first_may_be_written_too() -> None:
    text = "ruleset: r\npriority_order: highest_first\nfields: {}\nrules: []"

    assert read_rule_file(text).ruleset.priority_order == "highest_first"


FILE_KEYS = (
    "$schema, ruleset, description, queue, priority_order, fields, required, default, rules, cases"
)
NO_FIELDS = "`fields` is missing: a mapping of names to JSON Schemas"
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"ruleset": "r", "rules": []}, "fields", NO_FIELDS),
    ({"ruleset": "r", "fields": 5, "rules": []}, "fields", NO_FIELDS),
    ({"fields": {}, "rules": []}, "ruleset", "`ruleset` is missing"),
    ({"ruleset": "r", "fields": {}, "rules": [], "required": 5},
     "required", "`required` is a list of names"),
    ({"ruleset": "r", "fields": {}, "rules": [], "required": [5]},
     "required", "`required` is a list of names"),
    ({"ruleset": "r", "fields": {}, "rules": [], "required": ["x"]},
     "required[0]", "`required` names the unknown field `x`"),
    ({"ruleset": "r", "fields": {}, "rules": [], "cases": 5}, "cases", "`cases` is a list"),
    ({"ruleset": "r", "fields": {}, "rules": [], "zzz": 5}, "zzz",
     f"a rule file has no key `zzz`; known are {FILE_KEYS}"),
    ({"ruleset": "r", "fields": {}, "rules": [{"name": "a", "then": {"queue": "Q"},
      "when": {"field": "n", "operator": "exists"}, "prio": 1}]}, "rules[0].prio",
     "a rule has no key `prio`; did you mean `priority`?"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "path", "message"), FAULTS, ids=[row[2] for row in FAULTS])
def test_a_fault_of_parsed_json_has_a_path_and_no_line(
    document: dict[str, Any], path: str, message: str
) -> None:
    first = rule_file_from_json(document).findings[0]

    assert (first.to_json()["message"], first.at) == (message, Position(path))


def test_two_rules_of_one_name_need_no_line_to_be_told_apart() -> None:
    rule = {"name": "a", "when": "exists n", "then": {"queue": "Q"}}
    document = {"ruleset": "r", "fields": {"n": {"type": "integer"}}, "rules": [rule, rule]}

    (finding,) = rule_file_from_json(document).findings

    assert (finding.message, finding.rule) == ("another rule is called `a` too", "a")
    assert finding.at == Position("rules[1]")


def test_a_file_of_nonsense_is_told_its_first_thousand_faults() -> None:
    document = {"ruleset": "r", "fields": {}, "rules": [5] * (MOST_FINDINGS + 1)}

    file = rule_file_from_json(document)

    assert len(file.findings) == MOST_FINDINGS
    assert file.rules == MOST_FINDINGS + 1


def test_a_rule_whose_fault_is_past_the_thousandth_is_not_used() -> None:
    late = {"name": "late", "when": "exists n", "then": {"queue": "Q"}, "priority": "x"}
    document = {"ruleset": "r", "fields": {}, "rules": [*[5] * MOST_FINDINGS, late]}

    file = rule_file_from_json(document)

    assert file.ruleset.rules == ()
    assert [rule.name for rule in file.faulty] == ["late"]


def test_what_is_no_rule_file_says_what_one_has() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_rule_file("a: 1")

    assert caught.value.message == "this is not a rule file: it has no list of `rules`"
    assert caught.value.hint == "a rule file has `ruleset`, `fields` and a list of `rules`"


def test_rules_with_an_error_are_refused_with_the_first_one_and_all_in_the_details() -> None:
    text = "ruleset: r\nfields: {n: {type: integer}}\nrules:\n" + "".join(
        f"- {{name: {name}, when: {when}, then: {{queue: Q}}}}\n"
        for name, when in (("w", "exists n 5"), ("a", "m gt 1"), ("b", "n eq x"))
    )
    checked = check_rule_file(read_rule_file(text))

    with pytest.raises(InvalidInput) as caught:
        usable(checked)

    assert caught.value.message == (
        "the rules have an error at line 5, column 19: there is no field `m` (and 1 more)"
    )
    assert caught.value.hint == "declare it under `fields`"
    assert [one["code"] for one in caught.value.details] == ["unknown-field", "syntax"]
    assert not checked.ok


def test_one_error_without_a_line_is_refused_without_one() -> None:
    document = {"ruleset": "r", "fields": {}, "rules": [], "required": 5}

    with pytest.raises(InvalidInput) as caught:
        usable(check_rule_file(rule_file_from_json(document)))

    assert caught.value.message == "the rules have an error: `required` is a list of names"
    assert caught.value.hint == "`tieline rules check` lists them with their lines"


CASES = "- {name: x, record: {n: 1}, expect: a}\n- {record: {}, expect: null}\n"


@pytest.mark.parametrize(
    "text", [CASES, "cases:\n" + CASES, CASES.encode()], ids=["list", "cases", "bytes"]
)
def test_cases_stand_in_a_file_of_their_own_as_list_or_under_cases(text: bytes | str) -> None:
    assert read_cases(text) == (Case("x", {"n": 1}, "a"), Case("", {}, None))


def test_a_file_without_cases_is_no_file_of_cases() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_cases("ruleset: r")

    assert caught.value.message == "this file has no list of `cases`"


def test_a_case_that_cannot_be_used_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_cases("- {record: {}, expect: a}\n- {record: {}}\n")

    assert caught.value.message == f"a case cannot be used: {A_CASE}"
    (detail,) = caught.value.details
    assert (detail["path"], detail["line"], detail["column"]) == ("cases[1]", 2, 3)
