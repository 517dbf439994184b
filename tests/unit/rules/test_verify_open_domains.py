"""Proofs over endless domains, held against random records: no record may contradict one."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples

from tieline.rules.check import check_rule_file, usable
from tieline.rules.evaluate import Interpreter
from tieline.rules.model import Ruleset
from tieline.rules.rule_file import rule_file_from_json
from tieline.rules.verify.verify import verify_ruleset

FIELDS: dict[str, Any] = {
    "short": {"type": "string", "maxLength": 4},
    "text": {"type": "string"},
    "ratio": {"type": "number"},
    "step": {"type": "integer", "multipleOf": 3},
    "at": {"type": "string", "format": "date-time"},
    "list": {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 1,
        "maxItems": 3,
        "uniqueItems": True,
    },
}
PATTERNS = ["^a", "b$", "a.b", "[ab]{2}", "^(a|b)*$", "^$", "a|c"]
MOMENTS = ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2027-01-01T00:00:00Z"]


def condition(chance: random.Random) -> str:
    name = chance.choice(list(FIELDS))
    match name:
        case "short" | "text":
            operator = chance.choice(["eq", "neq", "contains", "regex", "exists"])
            letters = "".join(chance.choice("ab") for _ in range(chance.randint(1, 3)))
            if operator == "exists":
                return f"exists {name}"
            literal = chance.choice(PATTERNS) if operator == "regex" else letters
            return f'{name} {operator} "{literal}"'
        case "ratio" | "step":
            operator = chance.choice(["eq", "neq", "gt", "lte", "lt", "gte"])
            return f"{name} {operator} {chance.choice([0, 1, 3, 6, 2.5, -3])}"
        case "at":
            operator = chance.choice(["eq", "neq", "gt", "lte"])
            return f'at {operator} "{chance.choice(MOMENTS)}"'
        case _:
            return f"list contains {chance.randint(1, 4)}"


def expression(chance: random.Random, depth: int = 2) -> str:
    if depth == 0 or chance.random() < 0.4:
        return ("not " if chance.random() < 0.2 else "") + condition(chance)
    parts = [expression(chance, depth - 1) for _ in range(chance.randint(2, 3))]
    return "(" + f" {chance.choice(['and', 'or'])} ".join(parts) + ")"


def ruleset(chance: random.Random) -> Ruleset:
    rules = [
        {
            "name": f"rule {number}",
            "priority": chance.randint(0, 2),
            "when": expression(chance),
            "then": {"queue": chance.choice("AB")},
        }
        for number in range(chance.randint(2, 6))
    ]
    document = {"ruleset": "open", "fields": FIELDS, "rules": rules}
    return usable(check_rule_file(rule_file_from_json(document)))


def record(chance: random.Random) -> dict[str, Any]:
    values = {
        "short": "".join(chance.choice("abc") for _ in range(chance.randint(0, 4))),
        "text": "".join(chance.choice("abc") for _ in range(chance.randint(0, 6))),
        "ratio": chance.choice([0, 1, 2.5, 2.7, 3, -3, 6, 9, -5]),
        "step": 3 * chance.randint(-3, 4),
        "at": chance.choice([*MOMENTS, "2026-06-01T00:00:00Z", "2020-01-01T00:00:00Z"]),
        "list": chance.sample(range(1, 7), chance.randint(1, 3)),
    }
    return {name: value for name, value in values.items() if chance.random() < 0.7}


def hold_against_records(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # a reproducible example
    rules = ruleset(chance)
    verification = verify_ruleset(rules)
    interpreter = Interpreter(rules)
    kinds = {(one.kind, one.rule) for one in verification.findings}
    pairs = {(one.rule, one.by[0]) for one in verification.findings if one.kind == "conflict"}

    assert verification.complete
    for _ in range(100):
        one = record(chance)
        matching = [rule for rule in interpreter.rules if interpreter.matches(rule.when, one)]
        if not matching:
            assert ("gap", None) in kinds
            continue
        winner, rest = matching[0], matching[1:]
        assert all(("unreachable", rule.name) not in kinds for rule in matching)
        assert ("shadowed", winner.name) not in kinds
        if ("redundant", winner.name) in kinds:
            assert rest[0].then == winner.then
        for rival in rest:
            if rival.priority == winner.priority and rival.then != winner.then:
                assert (rival.name, winner.name) in pairs


@given(st.integers(min_value=0))
@examples(80)
def test_no_record_contradicts_a_proof(seed: int) -> None:
    hold_against_records(seed)


@pytest.mark.campaign
@given(st.integers(min_value=0))
@settings(max_examples=10_000, deadline=None)
def test_no_record_contradicts_any_of_many_proofs(seed: int) -> None:
    hold_against_records(seed)
