from pathlib import Path
from typing import Any

import pytest

from tieline.errors import InvalidInput, LimitExceeded
from tieline.rules.check import check_rule_file, load_ruleset
from tieline.rules.model import Condition
from tieline.rules.rule_file import read_rule_file, rule_file_from_json

EXAMPLES = Path(__file__).parents[3] / "examples" / "rules"
FIELDS = {
    "lang": {"type": "string", "enum": ["en", "de"]},
    "n": {"type": "integer"},
    "x": {"type": "number"},
    "vip": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "numbers": {"type": "array", "items": {"type": "integer"}},
    "at": {"type": "string", "format": "date-time"},
    "thing": {"type": "object"},
    "maybe": {"type": ["string", "null"]},
    "listed": {"enum": [1, 2, None]},
}


def codes(when: Any, **more: Any) -> list[tuple[str, str]]:
    document = {
        "ruleset": "r",
        "fields": FIELDS,
        "rules": [{"name": "one", "when": when, "then": {"queue": "Q"}, **more}],
    }
    checked = check_rule_file(rule_file_from_json(document))
    return [(finding.severity, finding.code) for finding in checked.findings]


FINE = [
    'lang eq "en"', 'lang contains "e"', 'lang regex "^e"', "lang eq 5", "n gt 4.5", 'n eq "5"',
    "x lt 1e400", "vip eq true", 'vip eq "false"', 'tags contains "a"', "tags contains 5",
    'numbers contains "5"', 'at gte "2026-01-01T00:00:00Z"', 'at contains "2026"',
    "exists thing", 'maybe eq "a"', "listed eq 1", f"n eq {2**70}",
]  # fmt: skip


@pytest.mark.parametrize("when", FINE)
def test_nothing_is_wrong_with(when: str) -> None:
    assert codes(when) == []


WRONG = [
    ('lang eq "en', "syntax"),
    ('language eq "en"', "unknown-field"),
    ('n eq "five"', "type-mismatch"),
    ("n eq true", "type-mismatch"),
    ("vip eq 1", "type-mismatch"),
    ('vip eq "True"', "type-mismatch"),
    ("n eq null", "type-mismatch"),
    ('numbers contains "a"', "type-mismatch"),
    ('at eq "2026-01-01"', "type-mismatch"),
    ("at gt 5", "type-mismatch"),
    ('lang gt "en"', "operator-not-for-type"),
    ("vip gte true", "operator-not-for-type"),
    ('tags eq "a"', "operator-not-for-type"),
    ('tags regex "a"', "operator-not-for-type"),
    ("n contains 5", "operator-not-for-type"),
    ('n regex "5"', "operator-not-for-type"),
    ('thing eq "a"', "operator-not-for-type"),
    ("not " * 10 + "exists n", "depth-exceeded"),
    ('lang regex "("', "bad-regex"),
    ('lang regex "(?=a)"', "bad-regex"),
    ({"type": "and", "children": []}, "empty-group"),
    ({"type": "or"}, "empty-group"),
    ({"type": "not", "children": []}, "not-arity"),
    ({"type": "not"}, "not-arity"),
    ({"type": "nand", "children": []}, "syntax"),
    ({"type": "and", "children": [{"field": "n", "operator": "exists"}], "field": "n"}, "syntax"),
    ({"field": "n", "operator": "gt"}, "syntax"),
    ({"field": "n", "operator": "above", "value": 5}, "syntax"),
    ({"operator": "eq", "value": 5}, "syntax"),
    ({"field": "n", "operator": "eq", "value": [5]}, "type-mismatch"),
    (5, "syntax"),
]


@pytest.mark.parametrize(("when", "code"), WRONG, ids=[str(row[0])[:40] for row in WRONG])
def test_one_error_is_found_in(when: Any, code: str) -> None:
    assert codes(when) == [("error", code)]


NUMBERS_ONLY = "it applies to numbers and date-times"
ONLY_EXISTENCE = "an object can only be tested with exists and not_exists"
A_MOMENT = 'a date-time such as "2026-01-31T09:00:00Z"'
SAID = [
    ('language eq "en"', "there is no field `language`; did you mean `lang`?"),
    ("zzz eq 1", "there is no field `zzz`; declare it under `fields`"),
    ('n eq "five"', '`n` is an integer; "five" is not a number'),
    ('x eq "05"', '`x` is a number; "05" is not a number'),
    ("n eq null", "`n` is an integer; null is not a number"),
    ("vip eq 1", "`vip` is a boolean; 1 is not true or false"),
    ("lang eq null", "`lang` is a string; null is not text"),
    ('numbers contains "a"', '`numbers` is an array of integer; "a" is not a number'),
    ("tags contains null", "`tags` is an array of string; null is not text"),
    ('at eq "2026-01-01"', f'`at` is a date-time; "2026-01-01" is not {A_MOMENT}'),
    ("at gt 5", f"`at` is a date-time; 5 is not {A_MOMENT}"),
    ('lang gt "en"', f"`gt` does not apply to `lang`, string; {NUMBERS_ONLY}"),
    ("lang gte 5", "`gte` does not apply to `lang`, string; declare `lang` as a number"),
    ("vip lt 1", f"`lt` does not apply to `vip`, boolean; {NUMBERS_ONLY}"),
    ("tags lte 5", f"`lte` does not apply to `tags`, array of string; {NUMBERS_ONLY}"),
    ('tags eq "a"',
     "`eq` does not apply to `tags`, array of string; use `contains` to look for a member"),
    ('tags neq "a"',
     "`neq` does not apply to `tags`, array of string; use `contains` to look for a member"),
    ('tags regex "a"', "`regex` does not apply to `tags`, array of string; it applies to strings"),
    ('n regex "5"', "`regex` does not apply to `n`, integer; it applies to strings"),
    ("n contains 5", "`contains` does not apply to `n`, integer; it applies to arrays and strings"),
    ("vip contains true",
     "`contains` does not apply to `vip`, boolean; it applies to arrays and strings"),
    ('thing eq "a"', f"`eq` does not apply to `thing`, object; {ONLY_EXISTENCE}"),
    ('lang regex "("', '"(" is not RE2 syntax: missing ): ('),
    ("exists n 5", "`exists` ignores its value 5; `contains` or `eq` was probably meant"),
    ('not_exists lang "x"',
     '`not_exists` ignores its value "x"; `contains` or `eq` was probably meant'),
]  # fmt: skip


@pytest.mark.parametrize(("when", "message"), SAID, ids=[row[0] for row in SAID])
def test_a_finding_says_what_to_write_instead(when: str, message: str) -> None:
    document = {
        "ruleset": "r",
        "fields": FIELDS,
        "rules": [{"name": "one", "when": f"exists n and {when}", "then": {"queue": "Q"}}],
    }

    (finding,) = check_rule_file(rule_file_from_json(document)).findings

    told = finding.to_json()
    assert (told["message"], told["rule"]) == (message, "one")
    assert (told["path"], told["line"], told["column"]) == ("rules[0].when", None, 14)


def test_findings_stand_in_the_order_of_the_file() -> None:
    text = (
        "rules:\n- {name: a, when: m gt 1 and k gt 1, then: {queue: Q}, more: 1}\n"
        "fields: {bad: 5}\nruleset: r\n"
    )

    checked = check_rule_file(read_rule_file(text))

    assert [(one.at.line, one.at.column) for one in checked.findings] == [
        (2, 19), (2, 30), (2, 56), (3, 10),
    ]  # fmt: skip


def test_a_value_behind_exists_is_a_warning_and_an_error_under_strict() -> None:
    document = {
        "ruleset": "r",
        "fields": FIELDS,
        "rules": [
            {
                "name": "guide",
                "when": {"type": "condition", "field": "tags", "operator": "exists", "value": "a"},
                "then": {"queue": "Q"},
            }
        ],
    }
    file = rule_file_from_json(document)

    normal, strict = check_rule_file(file), check_rule_file(file, strictness="strict")

    assert [(one.severity, one.code) for one in normal.findings] == [("warning", "value-ignored")]
    assert normal.ok
    assert not strict.ok
    assert [one.code for one in strict.findings] == ["value-ignored"]
    assert normal.ruleset.rules[0].when == Condition("tags", "exists")


def test_a_tree_ten_thousand_deep_is_one_finding() -> None:
    tree: Any = {"field": "n", "operator": "exists"}
    for _ in range(10_000):
        tree = {"type": "not", "children": [tree]}

    assert codes(tree) == [("error", "depth-exceeded")]


def test_a_group_of_ten_thousand_terms_is_fine() -> None:
    assert (
        codes({"type": "or", "children": [{"field": "n", "operator": "eq", "value": 1}] * 10_000})
        == []
    )


def test_ten_thousand_rules_are_read() -> None:
    rule = "- {{name: r{}, priority: {}, when: 'n gt {}', then: {{queue: Q}}}}\n"
    text = "ruleset: r\nfields: {n: {type: integer}}\nrules:\n" + "".join(
        rule.format(number, number, number) for number in range(10_000)
    )

    assert len(load_ruleset(text).rules) == 10_000


def test_more_rules_than_a_simulation_can_tell_apart_are_refused_by_their_number() -> None:
    text = "ruleset: r\nrules: [" + "{}," * 50_001 + "]"

    with pytest.raises(LimitExceeded, match="50,001 rules, more than the 50,000 allowed"):
        read_rule_file(text)


def test_every_mistake_of_the_example_has_its_code_line_and_column() -> None:
    file = read_rule_file((EXAMPLES / "misspelt.yaml").read_bytes())
    found = [(one.code, one.at.line, one.at.column) for one in check_rule_file(file).findings]

    assert found == [
        ("syntax", 11, 28),
        ("unknown-field", 14, 11),
        ("type-mismatch", 17, 11),
        ("operator-not-for-type", 20, 11),
        ("depth-exceeded", 23, 11),
        ("bad-regex", 26, 11),
        ("value-ignored", 29, 11),
        ("empty-group", 32, 11),
        ("not-arity", 35, 11),
        ("duplicate-name", 37, 11),
        ("syntax", 41, 5),
    ]


PLACES = [
    ("plain", "when: n gt 1 and m eq 2", 1, 18),
    ("double quotes", r'when: "lang eq \"en\" and m eq 2"', 1, 27),
    ("single quotes", "when: 'lang eq \"it''s\" and m eq 2'", 1, 28),
    ("literal block", "when: |\n    n gt 1\n    and m eq 2", 3, 7),
    ("folded block", "when: >-\n    n gt 1\n    and m eq 2", 3, 7),
    ("plain over two lines", "when: n gt 1\n    and m eq 2", 2, 7),
]


@pytest.mark.parametrize(
    ("when", "line", "column"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES]
)
def test_the_place_is_right_in_every_style_of_scalar(when: str, line: int, column: int) -> None:
    head = "ruleset: r\nfields: {n: {type: integer}, lang: {type: string}}\nrules:\n- name: a\n"
    file = read_rule_file(f"{head}  then: {{queue: Q}}\n  {when}\n")

    (finding,) = check_rule_file(file).findings

    assert (finding.code, finding.at.line, finding.at.column) == (
        "unknown-field",
        line + 5,
        column + 2,
    )
    assert file.show(finding).split("\n")[0][(finding.at.column or 1) - 1 :].startswith("m eq 2")


BAD_FIELDS = [
    {"type": "banana"},
    {"type": "string", "maxLength": "x"},
    {"type": "string", "pattern": "("},
    {"type": "number", "multipleOf": 0},
    {"type": "array"},
    {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    {},
    5,
]


@pytest.mark.parametrize("schema", BAD_FIELDS, ids=str)
def test_a_field_whose_schema_is_of_no_use_is_said(schema: Any) -> None:
    document = {"ruleset": "r", "fields": {"f": schema}, "rules": []}

    (finding,) = check_rule_file(rule_file_from_json(document)).findings

    assert (finding.code, finding.at.path) == ("syntax", "fields.f")


def test_unknown_keys_are_named_with_the_nearest_known_one() -> None:
    document = {"ruleset": "r", "fields": {}, "rules": [], "requierd": []}

    (finding,) = check_rule_file(rule_file_from_json(document)).findings

    assert finding.to_json()["message"] == (
        "a rule file has no key `requierd`; did you mean `required`?"
    )


QUEUES = [
    ("a number", 5, True),
    ("an empty mapping", {}, True),
    ("an empty name", " ", True),
    ("an id that is no text", {"id": 7}, True),
    ("a name", "Support", False),
    ("an id", {"id": "5b8e1c9d"}, False),
]


@pytest.mark.parametrize(
    ("queue", "refused"), [row[1:] for row in QUEUES], ids=[row[0] for row in QUEUES]
)
def test_a_queue_is_a_name_or_an_id_wherever_it_stands(queue: Any, *, refused: bool) -> None:
    rule = {"name": "a", "when": "exists n", "then": {"queue": queue}}
    document = {
        "ruleset": "r",
        "queue": queue,
        "fields": FIELDS,
        "rules": [rule],
        "default": {"queue": queue},
    }

    findings = check_rule_file(rule_file_from_json(document)).findings

    paths = sorted(finding.at.path for finding in findings)
    assert paths == (["default", "queue", "rules[0].then"] if refused else [])


def test_an_unknown_queue_is_shown_where_it_is_written() -> None:
    text = (
        "ruleset: r\nfields: {n: {type: integer}}\nrules:\n- name: a\n  when: exists n\n"
        "  then:\n    queue: Suport\n"
    )

    (finding,) = check_rule_file(read_rule_file(text), queues=["Support"]).findings

    assert (finding.at.line, finding.at.column) == (7, 12)


NAMES = [
    ("empty", "", "`name` is text and cannot be empty"),
    ("a number", 5, "`name` is text; put it in quotes"),
    ("an escape sequence", "\x1b[31mred", "`name` holds the control character U+001B"),
    ("two lines", "a\nb", "`name` holds the control character U+000A"),
]


@pytest.mark.parametrize(
    ("name", "message"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES]
)
def test_a_name_is_a_line_of_characters(name: Any, message: str) -> None:
    rule = {"name": name, "when": "exists n", "then": {"queue": "Q"}}
    document = {"ruleset": "r", "fields": FIELDS, "rules": [rule]}

    (finding,) = check_rule_file(rule_file_from_json(document)).findings

    assert (finding.to_json()["message"], finding.at.path) == (message, "rules[0].name")


SHAPES = [
    ("no type", {"children": []}, "a node with `children` needs a `type`; `and`, `or`, `not` or "),
    ("nothing", {}, "a node with no `field` needs a `type`"),
    ("no operator", {"field": "n", "value": 1}, "has no operator; one of eq, neq"),
    ("not of nothing", {"type": "not", "children": []}, "has exactly one child, this has 0"),
]


@pytest.mark.parametrize(
    ("tree", "message"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES]
)
def test_a_tree_is_told_what_it_lacks(tree: Any, message: str) -> None:
    rule = {"name": "a", "when": tree, "then": {"queue": "Q"}}
    document = {"ruleset": "r", "fields": FIELDS, "rules": [rule]}

    (finding,) = check_rule_file(rule_file_from_json(document)).findings

    assert message in finding.to_json()["message"]
    assert not finding.hint.startswith("put several")


def test_a_queue_nobody_knows_is_named_with_the_nearest_one() -> None:
    document = {"ruleset": "r", "queue": "Suport", "fields": {}, "rules": []}

    (finding,) = check_rule_file(rule_file_from_json(document), queues=["Support"]).findings

    assert finding.code == "unknown-queue"
    assert finding.hint == "did you mean `Support`?"


@pytest.mark.parametrize("text", ["a: 1", "[1]", "5", "rules: 5", "ruleset: r"])
def test_what_is_no_rule_file_at_all_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a rule file"):
        read_rule_file(text)


QUEUES: list[tuple[dict[str, Any], str | None]] = [
    ({"queue": "Q"}, None),
    ({"queue": {"id": "id-q"}}, None),
    ({"queue": {"name": "Q"}}, None),
    ({"queue": {"id": "x", "name": "Q"}}, "x"),
    ({"queue": {"name": "P"}}, "P"),
    ({"queue": "zzz"}, "zzz"),
    ({"note": "x"}, None),
]


@pytest.mark.parametrize(("then", "missing"), QUEUES, ids=[str(row[0]) for row in QUEUES])
def test_a_queue_is_known_by_its_name_or_its_id(then: dict[str, Any], missing: str | None) -> None:
    document = {
        "ruleset": "r",
        "fields": FIELDS,
        "rules": [{"name": "one", "when": "exists n", "then": then}],
        "default": {"queue": "Q"},
    }
    file = rule_file_from_json(document)

    told = [
        (one.code, one.rule, one.at.path, one.message)
        for one in check_rule_file(file, queues=["id-q", "Q"]).findings
    ]

    message = f"there is no queue `{missing}`"
    wrong = [("unknown-queue", "one", "rules[0].then", message)]
    assert told == ([] if missing is None else wrong)
    assert check_rule_file(file).ok


def test_the_queue_of_the_default_is_checked_too() -> None:
    document = {"ruleset": "r", "fields": {}, "rules": [], "default": {"queue": "zzz"}}

    (finding,) = check_rule_file(rule_file_from_json(document), queues=["Q"]).findings

    assert (finding.rule, finding.at.path, finding.hint) == (None, "default", "")


def test_casts_are_shown() -> None:
    document = {
        "ruleset": "r",
        "fields": FIELDS,
        "rules": [{"name": "a", "when": 'n gte "5" and vip eq "true"', "then": {"queue": "Q"}}],
    }

    checked = check_rule_file(rule_file_from_json(document))

    casts = checked.casts
    assert checked.rules == 1
    assert [(one.rule, one.field, one.written, one.read) for one in casts] == [
        ("a", "n", "5", 5),
        ("a", "vip", "true", True),
    ]
    assert [one.at.column for one in casts] == [1, 15]

    assert [str(cast) for cast in casts] == [
        '`n`: "5" is read as 5',
        '`vip`: "true" is read as true',
    ]
