"""What compiles for which target, and what is refused with its place."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tieline.errors import InvalidInput, LimitExceeded, Unsupported
from tieline.rules.check import check_rule_file, load_ruleset, usable
from tieline.rules.decision_table import compile_table
from tieline.rules.guide_rules import compile_guide
from tieline.rules.model import Ruleset
from tieline.rules.rule_file import rule_file_from_json
from tieline.rules.table import InputColumn, Table

FIELDS = """
  lang: {type: string, enum: [en, de, fr]}
  text: {type: string, maxLength: 20}
  n: {type: integer, minimum: 0}
  x: {type: number}
  vip: {type: boolean}
  tags: {type: array, items: {type: string}}
  numbers: {type: array, items: {type: integer}}
  at: {type: string, format: date-time}
"""
IDS = {"Q": "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03"}


def ruleset(when: str, *, more: str = "", then: str = "{queue: Q}") -> Ruleset:
    return load_ruleset(
        f"ruleset: r\nfields: {FIELDS}{more}\nrules:\n"
        f"- name: only\n  when: |-\n    {when}\n  then: {then}\n"
    )


def cells(table: Table) -> list[list[str]]:
    return [
        sorted(
            f"{column.key} {column.comparator} {cell.value}" for column, cell in row.inputs.items()
        )
        for row in table.rows
    ]


ROWS = [
    ('lang eq "en"', [["lang Equals en"]]),
    ('lang neq "en"', [["lang NotEquals en"]]),
    ('not lang eq "en"', [["lang Equals Null"], ["lang NotEquals en"]]),
    ("exists n", [["n Equals 0"], ["n NotEquals 0"]]),
    ("not_exists n", [["n Equals Null"]]),
    ("n gt 4.5", [["n GreaterThanOrEquals 5"]]),
    ("not n gt 4.5", [["n Equals Null"], ["n LessThanOrEquals 4"]]),
    ("n gt 2 and n gt 5", [["n GreaterThan 5"]]),
    ("n neq 1 and n neq 2", [
        ["n GreaterThan 1", "n LessThan 2"], ["n GreaterThan 2"], ["n LessThan 1"],
    ]),
    ("vip neq true", [["vip Equals False"]]),
    ('tags contains "a" and tags contains "b"', [["tags ContainsAll ('a', 'b')"]]),
    ('not tags contains "a"', [["tags ContainsAll Null"], ["tags NotContainsAny ('a',)"]]),
    ('text regex "^ab"', [["text StartsWith ab"]]),
    ('text regex "ab$"', [["text EndsWith ab"]]),
    ('text regex "^ab$"', [["text Equals ab"]]),
    ('text contains "a" and text contains "ab"', [["text Contains ab"]]),
    ('text eq "a" or text eq "a"', [["text Equals a"]]),
    ('at gte "2026-01-01T01:00:00+01:00"', [["at GreaterThanOrEquals 2026-01-01T00:00:00.000Z"]]),
    ('at eq "2026-01-01T00:00:00.12Z"', [["at Equals 2026-01-01T00:00:00.120Z"]]),
    ('text regex "^ab" and text regex "^a"', [["text StartsWith ab"]]),
    ('text regex "ab$" and text regex "b$"', [["text EndsWith ab"]]),
    ('not text regex "^ab" and not text regex "^a"', [
        ["text Equals Null"], ["text NotStartsWith a"],
    ]),
    ('exists text and not text regex "ab$" and not text regex "b$"', [
        ["text Equals -", "text NotEndsWith b"], ["text NotEndsWith b", "text NotEquals -"],
    ]),
    ('exists text and not text contains "ab" and not text contains "b"', [
        ["text Equals -", "text NotContains b"], ["text NotContains b", "text NotEquals -"],
    ]),
    ("exists vip", [["vip Equals True"], ["vip NotEquals True"]]),
    ("vip neq false", [["vip Equals True"]]),
    ("not vip eq true", [["vip Equals Null"], ["vip Equals False"]]),
    ("exists tags", [["tags ContainsAll ('-',)"], ["tags NotContainsAny ('-',)"]]),
    ("not_exists tags", [["tags ContainsAll Null"]]),
    ('exists tags and not (tags contains "b" or tags contains "a")', [
        ["tags ContainsAll ('-',)", "tags NotContainsAny ('a', 'b')"],
        ["tags NotContainsAny ('-', 'a', 'b')"],
    ]),
    ("exists at", [
        ["at Equals 1970-01-01T00:00:00.000Z"], ["at NotEquals 1970-01-01T00:00:00.000Z"],
    ]),
    ("exists lang", [["lang Equals en"], ["lang NotEquals en"]]),
    ("exists x", [["x Equals 0"], ["x NotEquals 0"]]),
    ("exists text", [["text Equals -"], ["text NotEquals -"]]),
    ('lang regex "e"', [["lang NotEquals fr"]]),
    ('not lang regex "e"', [["lang Equals Null"], ["lang Equals fr"]]),
    ('not lang contains "x"', [["lang Equals Null"], ["lang Equals en"], ["lang NotEquals en"]]),
    ("not n eq 4.5", [["n Equals Null"], ["n Equals 0"], ["n NotEquals 0"]]),
    ("n neq 4.5", [["n Equals 0"], ["n NotEquals 0"]]),
    ("n lte 4.5", [["n LessThanOrEquals 4"]]),
    ("n lt -4.5", [["n LessThanOrEquals -5"]]),
    ("n gte -4.5", [["n GreaterThanOrEquals -4"]]),
    ("n neq 1", [["n NotEquals 1"]]),
    ("n gte 2 and n gte 5", [["n GreaterThanOrEquals 5"]]),
    ("n lt 2 and n lt 1", [["n LessThan 1"]]),
    ("n lte 2 and n lte 1", [["n LessThanOrEquals 1"]]),
    ("x gt 0.5 and x gt 0.25", [["x GreaterThan 0.5"]]),
    ("x eq 0.0000000001", [["x Equals 1e-10"]]),
    ("x neq 1 and x neq 2", [
        ["x GreaterThan 1", "x LessThan 2"], ["x GreaterThan 2"], ["x LessThan 1"],
    ]),
    (f"n eq {2**63 - 1}", [[f"n Equals {2**63 - 1}"]]),
    ("exists lang and exists n", [
        ["lang Equals en", "n Equals 0"], ["lang Equals en", "n NotEquals 0"],
        ["lang NotEquals en", "n Equals 0"], ["lang NotEquals en", "n NotEquals 0"],
    ]),
    ("vip eq true and (n gt 1 or n gt 2)", [
        ["n GreaterThan 1", "vip Equals True"], ["n GreaterThan 2", "vip Equals True"],
    ]),
    ("vip eq true or vip eq true and n gt 1", [["vip Equals True"]]),
]  # fmt: skip


@pytest.mark.parametrize(("when", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_rows_of_a_condition(when: str, expected: list[list[str]]) -> None:
    assert sorted(cells(compile_table(ruleset(when), queue_ids=IDS))) == sorted(expected)


REFUSED = [
    ('text regex "ab"', "regular expressions"),
    ('text regex "^a.b"', "regular expressions"),
    ('text neq "a" and text neq "b"', "two NotEquals"),
    ('text contains "a" and text contains "b"', "two Contains"),
    ("numbers contains 5", "no counterpart"),
    ("x eq 0.00000000001", "10 decimals"),
    ('at eq "2026-01-01T00:00:00.0001Z"', "milliseconds"),
    ('at contains "2026"', "date-time's text"),
    (f"n eq {2**70}", "64 bits"),
]


@pytest.mark.parametrize(("when", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_a_table_cannot_say_is_refused_with_its_line(when: str, message: str) -> None:
    with pytest.raises(Unsupported, match=message) as caught:
        compile_table(ruleset(when), queue_ids=IDS)

    assert caught.value.details[0]["line"] in (15, 13)
    assert caught.value.message.startswith("line 1")


NEVER = [
    'text regex "^ab" and text regex "^b"', 'text regex "ab$" and text regex "a$"',
    'text eq "a" and text eq "b"', 'text eq "a" and not text eq "a"', "not_exists n and n gt 1",
    "not_exists n and exists n", 'lang contains "x"', "n eq 4.5",
]  # fmt: skip


@pytest.mark.parametrize("when", NEVER)
def test_a_condition_that_never_holds_has_no_row(when: str) -> None:
    either = ruleset(f"{when} or vip eq true")

    assert cells(compile_table(either, queue_ids=IDS)) == [["vip Equals True"]]
    with pytest.raises(Unsupported) as caught:
        compile_table(ruleset(when), queue_ids=IDS)
    assert caught.value.message == ("the rules compare nothing; a decision table needs a condition")


PATTERNS = "of regular expressions the platform has only ^text, text$ and ^text$"
CANNOT: list[tuple[str, str]] = [
    ('text regex "ab"', PATTERNS),
    ("x eq 0.00000000001", "the platform keeps 10 decimals"),
    ('at eq "2026-01-01T00:00:00.0001Z"', "the platform's date-times have milliseconds"),
    ('at contains "2026"', "the platform does not look into a date-time's text"),
    ('at regex "2026"', "the platform does not look into a date-time's text"),
    (f"n eq {2**63}", "the platform's integers have 64 bits"),
]


@pytest.mark.parametrize(("when", "reason"), CANNOT, ids=[row[0] for row in CANNOT])
def test_a_comparison_the_platform_cannot_make_is_told_with_its_place(
    when: str, reason: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        compile_table(ruleset(when), queue_ids=IDS)

    field, operator, _ = when.split(" ")
    assert caught.value.message == (
        f"line 15, column 5: `{field} {operator}` cannot be a decision table's condition: {reason}"
    )
    assert caught.value.hint == "deploy it with the guide dialect, or rewrite the condition"
    assert list(caught.value.details) == [
        {
            "loc": ["rules[0].when"],
            "type": "inexpressible",
            "message": reason,
            "line": 15,
            "column": 5,
        }
    ]


TWICE = [
    ('text neq "a" and text neq "b"', "NotEquals"),
    ('text contains "a" and text contains "b"', "Contains"),
    ('exists text and not text contains "a" and not text contains "b"', "NotContains"),
    ('not text regex "^ab" and not text regex "^b"', "NotStartsWith"),
    ('not text regex "ab$" and not text regex "a$"', "NotEndsWith"),
]


@pytest.mark.parametrize(("when", "comparator"), TWICE, ids=[row[1] for row in TWICE])
def test_two_comparisons_that_need_one_column_are_told(when: str, comparator: str) -> None:
    with pytest.raises(Unsupported) as caught:
        compile_table(ruleset(when), queue_ids=IDS)

    assert caught.value.message == (
        f"line 13: the rule `only` needs two {comparator} on `text` in one row; "
        "a decision table has one column for each"
    )
    assert caught.value.hint == "give the field an `enum`, or split the rule"
    assert list(caught.value.details) == [
        {"loc": ["rules[0]"], "type": "inexpressible", "line": 13}
    ]


def test_a_field_without_a_counterpart_is_told_with_its_line() -> None:
    with pytest.raises(Unsupported) as caught:
        compile_table(ruleset("numbers contains 5"), queue_ids=IDS)

    assert caught.value.message == (
        "line 15: the field `numbers` (array of integer) has no counterpart in a decision table"
    )
    assert list(caught.value.details) == [
        {"loc": ["rules[0].when"], "type": "inexpressible", "line": 15}
    ]


def test_rules_without_lines_are_refused_without_them() -> None:
    document = {
        "ruleset": "r",
        "fields": {"t": {"type": "string"}, "o": {"type": "object"}},
        "rules": [{"name": "a", "when": "WHEN", "then": {"queue": "Q"}}],
    }
    told = []
    for when in ('t regex "a"', 't neq "a" and t neq "b"', "exists o"):
        document["rules"][0]["when"] = when  # type: ignore[index]
        with pytest.raises(Unsupported) as caught:
            compile_table(usable(check_rule_file(rule_file_from_json(document))), queue_ids=IDS)
        told.append(caught.value.message.partition(" ")[0])

    assert told == ["`t", "the", "the"]


def test_the_rows_a_rule_may_still_need_are_counted_down() -> None:
    rules = load_ruleset(
        "ruleset: r\nfields: {n: {type: integer}}\nrules:\n"
        "- {name: a, when: n eq 1 or n eq 2, then: {queue: Q}}\n"
        "- {name: b, when: n eq 3 or n eq 4, then: {queue: Q}}\n"
    )

    assert len(compile_table(rules, queue_ids=IDS, row_budget=4).rows) == 4
    with pytest.raises(LimitExceeded) as caught:
        compile_table(rules, queue_ids=IDS, row_budget=3)
    assert caught.value.message == (
        "the rule `b` alone needs 2 rows or more; 1 of the 3 allowed are left for it"
    )
    assert caught.value.hint == "split the rule, or turn its `or` groups into rules of their own"
    assert list(caught.value.details) == [{"loc": ["rules[1]"], "type": "rows", "line": 5}]


def test_the_row_of_the_default_counts_too() -> None:
    rules = ruleset("vip eq true", more="\ndefault: {queue: Q}")

    assert len(compile_table(rules, queue_ids=IDS, row_budget=2).rows) == 2
    with pytest.raises(LimitExceeded) as caught:
        compile_table(rules, queue_ids=IDS, row_budget=1)
    assert caught.value.message == "the default's row would be one more than the 1 allowed"


def test_a_required_field_needs_no_row_for_its_absence() -> None:
    table = compile_table(ruleset('not lang eq "en"', more="\nrequired: [lang]"), queue_ids=IDS)

    assert cells(table) == [["lang NotEquals en"]]


def test_the_default_is_a_last_row_with_an_explicit_wildcard() -> None:
    table = compile_table(ruleset("vip eq true", more="\ndefault: {queue: Q}"), queue_ids=IDS)

    assert cells(table) == [["vip Equals True"], ["vip Equals Wildcard"]]


def test_too_many_columns_are_refused() -> None:
    fields = "\n".join(f"  f{n}: {{type: boolean}}" for n in range(31))
    when = " and ".join(f"f{n} eq true" for n in range(31))
    text = f"ruleset: r\nfields:\n{fields}\nrules: [{{name: a, when: {when}, then: {{queue: Q}}}}]"

    with pytest.raises(LimitExceeded) as caught:
        compile_table(load_ruleset(text), queue_ids=IDS)
    assert caught.value.message == ("the rules need 32 columns; a decision table has 30 at most")
    assert caught.value.hint == "every field takes a column for each comparator it is used with"


@pytest.mark.parametrize("more", [0, 1])
def test_a_table_has_twenty_text_columns_at_most(more: int) -> None:
    fields = "\n".join(f"  f{n}: {{type: string}}" for n in range(19 + more))
    when = " and ".join(f'f{n} eq "a"' for n in range(19 + more))
    text = (
        f"ruleset: r\nfields:\n{fields}\nrules:\n"
        f"- {{name: a, when: '{when}', then: {{queue: Q, note: x}}}}"
    )

    if not more:
        assert len(compile_table(load_ruleset(text), queue_ids=IDS).inputs) == 19
        return
    with pytest.raises(LimitExceeded) as caught:
        compile_table(load_ruleset(text), queue_ids=IDS)
    assert caught.value.message == "the rules need 21 text columns; a decision table has 20"
    assert caught.value.hint == "give fields with few values an `enum`"


def test_the_requests_of_a_table() -> None:
    then = "{queue: Q, priority: 5, note: hi}"
    table = compile_table(ruleset('lang eq "en" and n gt 3', then=then), queue_ids=IDS)

    ids: dict[InputColumn | str, str] = {column: f"in{n}" for n, column in enumerate(table.inputs)}
    ids.update({key: f"out{n}" for n, key in enumerate(table.outputs)})
    assert table.row_json(table.rows[0], ids) == {
        "inputs": {"in0": {"literal": {"string": "en"}}, "in1": {"literal": {"integer": 3}}},
        "outputs": {
            "out0": {"literal": {"string": IDS["Q"]}},
            "out1": {"literal": {"integer": 5}},
            "out2": {"literal": {"string": "hi"}},
        },
    }
    assert table.columns_json() == {
        "inputs": [
            {
                "defaultsTo": {"special": "Wildcard"},
                "expression": {
                    "contractual": {"schemaPropertyKey": key},
                    "comparator": comparator,
                },
            }
            for key, comparator in (("lang", "Equals"), ("n", "GreaterThan"))
        ],
        "outputs": [
            {
                "defaultsTo": {"special": "Null"},
                "value": {
                    "schemaPropertyKey": "then_queue",
                    "properties": [
                        {"schemaPropertyKey": "queue", "properties": [{"schemaPropertyKey": "id"}]}
                    ],
                },
            },
            {"defaultsTo": {"special": "Null"}, "value": {"schemaPropertyKey": "then_priority"}},
            {"defaultsTo": {"special": "Null"}, "value": {"schemaPropertyKey": "then_note"}},
        ],
    }
    assert table.schema_json() == {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "r",
        "description": "",
        "type": "object",
        "properties": {
            "lang": {
                **attribute("enum", "lang"),
                "enum": ["en", "de", "fr"],
                "_enumProperties": {key: {"title": key} for key in ("en", "de", "fr")},
            },
            "n": {**attribute("integer", "n"), "minimum": 0},
            "then_queue": attribute("businessRulesQueue", "then_queue"),
            "then_priority": attribute("integer", "then_priority"),
            "then_note": attribute("string", "then_note"),
        },
    }


def attribute(kind: str, title: str) -> dict[str, Any]:
    reference = {"$ref": f"#/definitions/{kind}"}
    return {"allOf": [reference], "title": title, "description": ""}


def test_a_members_cell_is_a_list_and_a_long_name_is_cut_for_the_schema() -> None:
    table = compile_table(ruleset('tags contains "a"'), queue_ids=IDS)
    ids: dict[InputColumn | str, str] = {table.inputs[0]: "in", "then_queue": "out"}

    assert table.row_json(table.rows[0], ids)["inputs"] == {"in": {"literal": {"strings": ["a"]}}}
    assert len(replace(table, name="x" * 51).schema_json()["title"]) == 50


THENS: list[tuple[str, str, Any]] = [
    ("true", "boolean", True),
    ("5", "integer", 5),
    ("5.5", "number", Decimal("5.5")),
    ("text", "string", "text"),
]


@pytest.mark.parametrize(("value", "kind", "literal"), THENS, ids=[row[1] for row in THENS])
def test_what_then_says_becomes_a_column_of_its_type(value: str, kind: str, literal: Any) -> None:
    table = compile_table(ruleset("n gt 1", then=f"{{a: {value}}}"), queue_ids=IDS)

    assert table.attribute("then_a").type == kind
    assert table.rows[0].outputs["then_a"].to_json() == {"literal": {kind: literal}}


def test_a_target_of_another_shape_has_no_column() -> None:
    with pytest.raises(Unsupported) as caught:
        compile_table(ruleset("n gt 1", then="{a: [1]}"), queue_ids=IDS)

    assert caught.value.message == "`only`: `then.a` is neither text, a number nor a boolean"


def test_one_key_of_then_has_one_type_in_all_rules() -> None:
    rules = load_ruleset(
        "ruleset: r\nfields: {n: {type: integer}}\ndefault: {a: x}\nrules:\n"
        "- {name: one, when: n gt 1, then: {a: 5}}\n"
    )

    with pytest.raises(Unsupported) as caught:
        compile_table(rules, queue_ids=IDS)
    assert caught.value.message == "`default`: `then.a` is string here and integer elsewhere"


def test_a_queue_nobody_knows_is_refused() -> None:
    for then in ("{queue: Q}", "{queue: {name: Q}}"):
        for compiled in (compile_table, compile_guide):
            with pytest.raises(InvalidInput) as caught:
                compiled(ruleset("vip eq true", then=then), queue_ids={"P": "p"})
            assert caught.value.message == "`only`: the queue `Q` is not known"
            assert caught.value.hint == "give its id: {id: …}"


@pytest.mark.parametrize("then", ["{queue: Q}", "{queue: {name: Q}}", "{queue: {id: own}}"])
def test_a_queue_goes_by_its_id_however_it_is_named(then: str) -> None:
    rules = ruleset("vip eq true", then=then)
    expected = "own" if "own" in then else IDS["Q"]

    row = compile_table(rules, queue_ids=IDS).rows[0]
    payload = compile_guide(rules, queue_ids=IDS).payloads[0]

    assert row.outputs["then_queue"].value == expected
    assert payload["queue"] == {"id": expected}
