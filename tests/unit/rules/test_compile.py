"""What compiles for which target, and what is refused with its place."""

from typing import Any

import pytest

from tieline.errors import Error, InvalidInput, LimitExceeded, StalePlan, Unsupported
from tieline.rules.check import load_ruleset
from tieline.rules.decision_table import compile_table
from tieline.rules.diff import check_fresh, plan_named, plan_ordered, remote_fingerprint
from tieline.rules.group_routing import compile_group_routing, uses_metrics_only
from tieline.rules.guide_rules import compile_guide
from tieline.rules.model import Ruleset
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

    with pytest.raises(LimitExceeded, match="32 columns"):
        compile_table(load_ruleset(text), queue_ids=IDS)


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
    assert table.columns_json()["inputs"][0]["expression"] == {
        "contractual": {"schemaPropertyKey": "lang"},
        "comparator": "Equals",
    }
    assert table.schema_json()["properties"]["lang"]["enum"] == ["en", "de", "fr"]


def test_a_queue_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidInput, match="`Q` is not known"):
        compile_table(ruleset("vip eq true"), queue_ids={})


def test_the_guides_payload() -> None:
    compiled = compile_guide(ruleset('vip eq "true"', more="\ndefault: {queue: Q}"), queue_ids=IDS)

    assert compiled.payloads == (
        {
            "name": "only",
            "description": "",
            "queue": {"id": IDS["Q"]},
            "expression": {"type": "condition", "field": "vip", "operator": "eq", "value": True},
            "priority": 0,
            "enabled": True,
        },
    )
    assert "default" in compiled.notes[0]


def test_a_target_beyond_the_queue_has_no_place_in_the_guides_dialect() -> None:
    with pytest.raises(Unsupported, match=r"no place for `then\.note`"):
        compile_guide(ruleset("vip eq true", then="{queue: Q, note: x}"), queue_ids=IDS)


def metrics(when: str, then: str) -> Ruleset:
    return load_ruleset(
        "ruleset: r\nfields: {EstimatedWaitTime: {type: number}, vip: {type: boolean}}\n"
        f"rules:\n- name: only\n  when: {when}\n  then: {then}\n"
    )


def test_rules_on_a_queue_metric_become_conditional_group_routing() -> None:
    rules = metrics("EstimatedWaitTime gt 120", "{groups: [{id: g, type: GROUP}], waitSeconds: 30}")

    assert uses_metrics_only(rules)
    assert compile_group_routing(rules) == {
        "rules": [
            {
                "metric": "EstimatedWaitTime",
                "operator": "GreaterThan",
                "conditionValue": 120,
                "groups": [{"id": "g", "type": "GROUP"}],
                "waitSeconds": 30,
            }
        ]
    }


GROUP_REFUSED: list[tuple[str, str, type[Error]]] = [
    ("vip eq true", "{groups: [{id: g, type: GROUP}]}", Unsupported),
    ("EstimatedWaitTime eq 5", "{groups: [{id: g, type: GROUP}]}", Unsupported),
    ("EstimatedWaitTime gt 5", "{queue: Q}", InvalidInput),
    ("EstimatedWaitTime gt 300000", "{groups: [{id: g, type: GROUP}]}", InvalidInput),
    ("EstimatedWaitTime gt 5", "{groups: [{id: g, type: SQUAD}]}", InvalidInput),
    ("EstimatedWaitTime gt 5", "{groups: [{id: g, type: GROUP}], colour: red}", Unsupported),
]


@pytest.mark.parametrize(("when", "then", "error"), GROUP_REFUSED)
def test_what_group_routing_cannot_say_is_refused(when: str, then: str, error: type[Error]) -> None:
    with pytest.raises(error):
        compile_group_routing(metrics(when, then))


def entry(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "priority": 1, **more}


def test_a_plan_names_what_is_added_changed_and_removed() -> None:
    remote = [entry("a", id="1"), entry("b", id="2"), entry("c", id="3")]
    plan = plan_named(
        "queue Q", desired=[entry("a"), entry("b", priority=2), entry("d")], remote=remote
    )

    assert [(one.kind, one.name, one.fields) for one in plan.changes] == [
        ("change", "b", ("priority",)),
        ("add", "d", ()),
        ("remove", "c", ()),
    ]
    assert plan.unchanged == 1
    check_fresh(plan, remote_fingerprint(list(reversed(remote))))
    with pytest.raises(StalePlan):
        check_fresh(plan, remote_fingerprint(remote[:2]))


def test_rows_that_only_moved_are_moves() -> None:
    rows = [{"rule": name, "inputs": {}} for name in "abc"]

    plan = plan_ordered("table r", desired=[rows[2], rows[0], rows[1]], remote=rows)

    assert [(one.kind, one.name) for one in plan.changes] == [("move", "c")]
    assert plan.id == plan_ordered("table r", desired=[rows[2], rows[0], rows[1]], remote=rows).id
