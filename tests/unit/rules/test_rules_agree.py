"""Random rules and records: every way to evaluate, write or prove them says the same."""

import itertools
import random
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from sampling import examples

from tieline.contracts.validation import Schema
from tieline.errors import LimitExceeded, Unsupported
from tieline.rules.check import check_rule_file, usable
from tieline.rules.compiled import CompiledRules
from tieline.rules.decision_table import compile_table
from tieline.rules.evaluate import Interpreter, Invalid
from tieline.rules.format import ruleset_to_json
from tieline.rules.model import Ruleset
from tieline.rules.rule_file import rule_file_from_json
from tieline.rules.table import execute_table
from tieline.rules.text_form import parse_text
from tieline.rules.text_writer import write_text
from tieline.rules.tree_form import expression_to_tree, tree_to_expression
from tieline.rules.verify.verify import verify_ruleset

FIELDS: dict[str, Any] = {
    "choice": {"type": "string", "enum": ["a", "ab", "b"]},
    "count": {"type": "integer", "minimum": 0, "maximum": 4},
    "vip": {"type": "boolean"},
    "tags": {
        "type": "array",
        "items": {"type": "string", "enum": ["x", "y", "z"]},
        "maxItems": 2,
        "uniqueItems": True,
    },
    "days": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 2},
        "minItems": 1,
    },
}
WIDE_FIELDS: dict[str, Any] = {
    **FIELDS,
    "text": {"type": "string"},
    "ratio": {"type": "number"},
    "at": {"type": "string", "format": "date-time"},
}
VALUES: dict[str, list[Any]] = {
    "choice": [None, "a", "ab", "b"],
    "count": [None, 0, 1, 2, 3, 4],
    "vip": [None, True, False],
    "tags": [None, [], ["x"], ["y"], ["z"], ["x", "y"], ["x", "z"], ["z", "y"]],
    "days": [None, [1], [2], [1, 2]],
    "text": [None, "", "a", "ab", "ba", "b", "xaby", "é\n", 5, "5"],
    "ratio": [None, 0, 0.1, 1, 1.0, 2.5, -3, 2**70, 1e300, True],
    "at": [
        None,
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2026-01-01T00:00:00.5Z",
        "1999-12-31T23:59:60Z",
        "today",
    ],
}
SCHEMA = Schema(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": FIELDS,
    }
)
ORDERINGS = ("eq", "neq", "gt", "gte", "lt", "lte")
MOMENTS = ("2026-01-01T00:00:00Z", "2025-12-31T23:30:00-00:30", "2000-01-01T00:00:00Z")
COMPARISONS: dict[str, list[tuple[str, list[Any]]]] = {
    "choice": [
        ("eq", ["a", "ab", "c"]),
        ("neq", ["a", "b"]),
        ("contains", ["a", "b", "c"]),
        ("regex", ["^a", "b$", "."]),
        ("exists", [None]),
        ("not_exists", [None]),
    ],
    "count": [(one, [-1, 0, 1, 2, 2.5, 3, 4, 5]) for one in ORDERINGS] + [("exists", [None])],
    "vip": [("eq", [True, False]), ("neq", [True]), ("exists", [None])],
    "tags": [("contains", ["x", "y", "z", "w"]), ("exists", [None])],
    "days": [("contains", [1, 2, 3]), ("not_exists", [None])],
    "text": [
        ("eq", ["a", "ab", ""]),
        ("neq", ["b"]),
        ("contains", ["a", "ba"]),
        ("regex", ["^a", "b$", "^ab$"]),
        ("exists", [None]),
    ],
    "ratio": [(one, [0, 0.1, 1, 2.5, 2**70]) for one in ORDERINGS] + [("not_exists", [None])],
    "at": [(one, list(MOMENTS)) for one in ORDERINGS] + [("exists", [None])],
}
PLATFORM_FIELDS = ("choice", "count", "vip", "tags", "text", "ratio", "at")


def from_seed(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # a reproducible example, not a secret


def random_tree(chance: random.Random, names: list[str], depth: int) -> dict[str, Any]:
    kind = chance.random()
    if depth == 0 or kind < 0.4:
        name = chance.choice(names)
        operator, values = chance.choice(COMPARISONS[name])
        value = chance.choice(values)
        leaf = {"type": "condition", "field": name, "operator": operator}
        return leaf if value is None else {**leaf, "value": value}
    if kind < 0.55:
        return {"type": "not", "children": [random_tree(chance, names, depth - 1)]}
    children = [random_tree(chance, names, depth - 1) for _ in range(chance.randint(1, 3))]
    return {"type": chance.choice(["and", "or"]), "children": children}


def random_document(
    chance: random.Random, fields: dict[str, Any], *, most_rules: int = 6
) -> dict[str, Any]:
    names = list(fields)
    rules = [
        {
            "name": f"rule {number}",
            "priority": chance.randint(0, 2),
            "enabled": chance.random() < 0.9,
            "when": random_tree(chance, names, 2),
            "then": {"queue": chance.choice("AB")},
        }
        for number in range(chance.randint(1, most_rules))
    ]
    document = {
        "ruleset": "random",
        "priority_order": chance.choice(["highest_first", "lowest_first"]),
        "fields": fields,
        "rules": rules,
    }
    if chance.random() < 0.3:
        document["default"] = {"queue": chance.choice("AB")}
    if chance.random() < 0.3:
        document["required"] = chance.sample(names, 2)
    return document


def read(document: dict[str, Any]) -> Ruleset:
    return usable(check_rule_file(rule_file_from_json(document)))


def random_record(chance: random.Random, names: list[str]) -> dict[str, Any]:
    record = {name: chance.choice(VALUES[name]) for name in names if chance.random() < 0.8}
    return {
        name: value for name, value in record.items() if value is not None or chance.random() < 0.5
    }


@given(st.integers(min_value=0))
@examples(300)
def test_the_compiled_rules_are_the_interpreter(seed: int) -> None:
    chance = from_seed(seed)
    ruleset = read(random_document(chance, WIDE_FIELDS))
    interpreter, compiled = Interpreter(ruleset), CompiledRules(ruleset)

    for _ in range(40):
        record = random_record(chance, list(WIDE_FIELDS))
        assert compiled.first_match(record) == interpreter.first_match(record)


@given(st.integers(min_value=0))
@examples(300)
def test_the_rows_of_a_decision_table_are_the_interpreter(seed: int) -> None:
    chance = from_seed(seed)
    fields = {name: WIDE_FIELDS[name] for name in PLATFORM_FIELDS}
    ruleset = read(random_document(chance, fields, most_rules=4))
    interpreter = Interpreter(ruleset)
    try:
        table = compile_table(ruleset, queue_ids={"A": "id-a", "B": "id-b"})
    except Unsupported:  # two searches in one text field, which a row has no column for
        event("refused")
        return

    for _ in range(40):
        record = random_record(chance, list(fields))
        found = interpreter.first_match(record)
        if isinstance(found, Invalid):
            continue
        row = execute_table(table, record)
        expected = None if found is None and ruleset.default is None else found
        if row is None:
            assert expected is None
            assert ruleset.default is None
        else:
            assert row.rule == (None if found is None else found.name)


@given(st.integers(min_value=0))
@examples(200)
def test_text_tree_and_file_hold_the_same_rules(seed: int) -> None:
    ruleset = read(random_document(from_seed(seed), WIDE_FIELDS))

    for rule in ruleset.rules:
        again = parse_text(write_text(rule.when))
        assert write_text(again) == write_text(rule.when)
        tree, faults = tree_to_expression(expression_to_tree(rule.when))
        assert (tree, faults) == (rule.when, ())
    assert read(ruleset_to_json(ruleset, form="tree")) == ruleset
    as_text = read(ruleset_to_json(ruleset, form="text"))
    interpreter, other = Interpreter(ruleset), Interpreter(as_text)
    chance = from_seed(seed)
    for _ in range(10):
        record = random_record(chance, list(WIDE_FIELDS))
        one, two = interpreter.first_match(record), other.first_match(record)
        assert getattr(one, "name", one) == getattr(two, "name", two)


def every_record(ruleset: Ruleset, names: list[str]) -> list[dict[str, Any]]:
    records = []
    for values in itertools.product(*(VALUES[name] for name in names)):
        record = {
            name: value for name, value in zip(names, values, strict=True) if value is not None
        }
        if all(name in record for name in ruleset.required):
            records.append(record)
    return records


def by_brute_force(ruleset: Ruleset, records: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    interpreter = Interpreter(ruleset)
    rules = interpreter.rules
    matches = [[interpreter.matches(rule.when, record) for rule in rules] for record in records]
    winners = [next((i for i, hit in enumerate(row) if hit), None) for row in matches]
    found: set[tuple[Any, ...]] = {("gap", None)} if None in winners else set()
    if ruleset.default is not None:
        found.clear()
    for number, rule in enumerate(rules):
        won = [row for row, winner in zip(matches, winners, strict=True) if winner == number]
        if not any(row[number] for row in matches):
            found.add(("unreachable", rule.name))
        elif not won:
            found.add(("shadowed", rule.name))
        else:
            rest = [
                next((i for i, hit in enumerate(row) if hit and i != number), None) for row in won
            ]
            thens = [ruleset.default if one is None else rules[one].then for one in rest]
            if all(then == rule.then for then in thens):
                found.add(("redundant", rule.name))
        for later in range(number + 1, len(rules)):
            rival = rules[later]
            tied = rival.priority == rule.priority and rival.then != rule.then
            if tied and any(row[later] for row in won):
                found.add(("conflict", rival.name, rule.name))
    return found


def check_against_brute_force(seed: int) -> None:
    chance = from_seed(seed)
    names = chance.sample(list(FIELDS), 4)
    ruleset = read(random_document(chance, {name: FIELDS[name] for name in names}))
    verification = verify_ruleset(ruleset)
    interpreter = Interpreter(ruleset)

    found = {
        (one.kind, one.rule, *(one.by if one.kind == "conflict" else ()))
        for one in verification.findings
    }
    assert verification.complete
    assert found == by_brute_force(ruleset, every_record(ruleset, names))
    for one in verification.findings:
        if one.witness is not None:
            assert interpreter.invalid(one.witness) is None
            assert SCHEMA.violations(one.witness) == ()
        if one.kind == "shadowed":
            check_the_cover_is_minimal(ruleset, one.rule, one.by, every_record(ruleset, names))


def check_the_cover_is_minimal(
    ruleset: Ruleset, name: str | None, by: tuple[str, ...], records: list[dict[str, Any]]
) -> None:
    interpreter = Interpreter(ruleset)
    rules = {rule.name: rule for rule in interpreter.rules}
    mine = [one for one in records if interpreter.matches(rules[str(name)].when, one)]

    def covered(cover: tuple[str, ...]) -> bool:
        return all(any(interpreter.matches(rules[c].when, one) for c in cover) for one in mine)

    assert covered(by)
    for left_out in by:
        assert not covered(tuple(one for one in by if one != left_out))


@given(st.integers(min_value=0))
@examples(80)
def test_verification_is_brute_force_on_small_domains(seed: int) -> None:
    check_against_brute_force(seed)


@pytest.mark.campaign
@given(st.integers(min_value=0))
@settings(max_examples=5_000, deadline=None)
def test_verification_is_brute_force_on_many_small_domains(seed: int) -> None:
    check_against_brute_force(seed)


def test_a_rule_that_explodes_is_named() -> None:
    groups = " and ".join(f"(a{n} eq true or b{n} eq true)" for n in range(12))
    fields = {f"{letter}{n}": {"type": "boolean"} for letter in "ab" for n in range(12)}
    document = {
        "ruleset": "r",
        "fields": fields,
        "rules": [{"name": "explodes", "when": groups, "then": {"queue": "A"}}],
    }

    with pytest.raises(LimitExceeded, match="`explodes` alone needs"):
        compile_table(read(document), queue_ids={"A": "a"}, row_budget=20)
