"""What verification finds, field by field; and z3 as a second opinion on larger domains."""

import random
from pathlib import Path
from typing import Any

import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples

from tieline.rules.check import check_rule_file, load_ruleset, usable
from tieline.rules.model import And, Condition, Expression, Not, Or, Ruleset
from tieline.rules.rule_file import rule_file_from_json
from tieline.rules.verify.report import Verification
from tieline.rules.verify.verify import verify_ruleset

EXAMPLES = Path(__file__).parents[3] / "examples" / "rules"


def ruleset(field: Any, *conditions: str, **more: Any) -> Ruleset:
    rules = [
        {"name": f"{number}", "priority": -number, "when": when, "then": {"queue": f"Q{number}"}}
        for number, when in enumerate(conditions)
    ]
    document = {"ruleset": "r", "fields": {"f": field, "g": {"type": "boolean"}}, "rules": rules}
    return usable(check_rule_file(rule_file_from_json({**document, **more})))


def kinds(verification: Verification) -> list[tuple[str, str | None]]:
    return [(finding.kind, finding.rule) for finding in verification.findings]


REACHES = [
    ("between two integers", {"type": "integer"}, "f gt 4 and f lt 5", False),
    ("between two numbers", {"type": "number"}, "f gt 4 and f lt 5", True),
    ("above the maximum", {"type": "integer", "maximum": 10}, "f gt 10", False),
    ("at an exclusive bound", {"type": "number", "exclusiveMinimum": 1}, "f lte 1", False),
    ("draft 4 exclusive", {"type": "number", "minimum": 1, "exclusiveMinimum": True},
     "f eq 1", False),
    ("below an open bound", {"type": "number", "exclusiveMinimum": 1},
     "f lt 1.0000000000000001", True),
    ("off the grid", {"type": "integer", "multipleOf": 5}, "f gt 5 and f lt 10", False),
    ("off a finer grid", {"type": "number", "multipleOf": 0.3}, "f gt 0.5 and f lt 0.7", True),
    ("a fraction of an integer", {"type": "integer"}, "f eq 4.5", False),
    ("a huge integer", {"type": "integer"}, f"f gt {2**70} and f lt {2**70 + 2}", True),
    ("outside an enum", {"type": "string", "enum": ["a"]}, 'f neq "a"', False),
    ("a constant", {"type": "string", "const": "a"}, 'f eq "b"', False),
    ("by the enum and the bound", {"type": "integer", "enum": [1, 50], "maximum": 9},
     "f gt 1", False),
    ("a boolean of two values", {"type": "boolean"}, "f neq true and f neq false", False),
    ("a value and none", {"type": "string"}, 'f eq "a" and not_exists f', False),
    ("two texts at once", {"type": "string"}, 'f eq "a" and f eq "b"', False),
    ("neither of two texts", {"type": "string"}, 'f neq "a" and f neq "b"', True),
    ("a part of its part", {"type": "string"}, 'f contains "ab" and not f contains "b"', False),
    ("parts that overlap", {"type": "string", "maxLength": 3},
     'f contains "ab" and f contains "bc"', True),
    ("parts that do not fit", {"type": "string", "maxLength": 3},
     'f contains "ab" and f contains "cd"', False),
    ("a pattern against a text", {"type": "string"}, 'f eq "abc" and f regex "^b"', False),
    ("two patterns", {"type": "string"},
     'f regex "^a" and f regex "b$" and not f contains "c"', True),
    ("patterns that exclude", {"type": "string"}, r'f regex "^\\d+$" and f regex "[a-z]"', False),
    ("the schema's pattern", {"type": "string", "pattern": "^[a-c]+$"}, 'f contains "d"', False),
    ("a text too short", {"type": "string", "minLength": 3}, 'f eq "ab"', False),
    ("more members than fit", {"type": "array", "items": {"type": "string"}, "maxItems": 1},
     'f contains "a" and f contains "b"', False),
    ("no member, yet one needed",
     {"type": "array", "items": {"type": "string", "enum": ["a"]}, "minItems": 1},
     'exists f and not f contains "a"', False),
    ("unlike members",
     {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 3},
      "minItems": 3, "uniqueItems": True}, "exists f and not f contains 2", False),
    ("an impossible member", {"type": "array", "items": {"type": "integer", "maximum": 3}},
     "f contains 4", False),
    ("an instant in two writings", {"type": "string", "format": "date-time"},
     'f eq "2026-01-01T00:00:00Z" and f neq "2026-01-01T01:00:00+01:00"', False),
    ("between two instants", {"type": "string", "format": "date-time"},
     'f gt "2026-01-01T00:00:00Z" and f lt "2026-01-01T00:00:00.0001Z"', True),
    ("beyond the calendar", {"type": "string", "format": "date-time"},
     'f lt "0000-01-01T00:00:00+23:59"', False),
    ("in the last zone of the last year", {"type": "string", "format": "date-time"},
     'f gt "9999-12-31T23:59:59Z"', True),
    ("in the first zone of the first year", {"type": "string", "format": "date-time"},
     'f lt "0000-01-01T00:00:00Z"', True),
    ("at the three thousandth decimal", {"type": "number"},
     f"f gt 0.{'0' * 3_000}1 and f lt 0.{'0' * 3_000}2", True),
    ("an object", {"type": "object"}, "exists f", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "when", "reached"), [row[1:] for row in REACHES], ids=[row[0] for row in REACHES]
)
def test_whether_a_rule_is_reached(field: Any, when: str, reached: bool) -> None:
    verification = verify_ruleset(ruleset(field, when, "not_exists g or exists g"))

    assert verification.complete
    assert (("unreachable", "0") in kinds(verification)) is not reached


def test_a_required_field_is_never_missing() -> None:
    verification = verify_ruleset(ruleset({"type": "string"}, "not_exists f", required=["f"]))

    assert ("unreachable", "0") in kinds(verification)


def test_integers_are_covered_one_by_one() -> None:
    field = {"type": "integer", "minimum": 1, "maximum": 3}
    verification = verify_ruleset(ruleset(field, "f eq 1", "f eq 2", "f eq 3", "exists f"))

    (shadowed, gap) = verification.findings
    assert (shadowed.kind, shadowed.rule, shadowed.by) == ("shadowed", "3", ("0", "1", "2"))
    assert (gap.kind, gap.witness) == ("gap", {})


def test_one_rule_that_covers_alone_is_preferred() -> None:
    verification = verify_ruleset(
        ruleset({"type": "integer"}, "f lt 5", "f gte 5", "f gt 0", "f gt 7")
    )

    by = {
        finding.rule: finding.by for finding in verification.findings if finding.kind == "shadowed"
    }
    assert by == {"2": ("0", "1"), "3": ("1",)}


def test_a_default_leaves_no_gap() -> None:
    assert (
        verify_ruleset(ruleset({"type": "string"}, 'f eq "a"', default={"queue": "D"})).findings
        == ()
    )


def test_a_rule_that_says_what_the_default_says_is_redundant() -> None:
    verification = verify_ruleset(ruleset({"type": "string"}, 'f eq "a"', default={"queue": "Q0"}))

    assert kinds(verification) == [("redundant", "0")]


UNDECIDED = [
    ("a word boundary", {"type": "string"}, r'f regex "\\bword\\b" and f neq "word"'),
    ("a keyword that is not understood", {"type": "string", "not": {"const": "a"}}, 'f eq "a"'),
    ("a date-time's text", {"type": "string", "format": "date-time"}, 'f contains "T12:34:56"'),
    ("another format", {"type": "string", "format": "email"}, 'f neq "a"'),
]


@pytest.mark.parametrize(
    ("field", "when"), [row[1:] for row in UNDECIDED], ids=[row[0] for row in UNDECIDED]
)
def test_what_is_not_decided_is_said_and_never_found_fault_with(field: Any, when: str) -> None:
    verification = verify_ruleset(ruleset(field, when, "exists g or not_exists g"))

    assert not verification.complete
    assert verification.reasons
    assert ("unreachable", "0") not in kinds(verification)


@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize("when", ['f contains "x"', "exists f"])
def test_an_array_nobody_could_write_down_is_not_decided(unique: bool, when: str) -> None:
    field = {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 10**30,
        "uniqueItems": unique,
    }

    verification = verify_ruleset(ruleset(field, when))

    assert verification.reasons == ("whether `0` takes any record: `f`: more than 1,000 members",)


def test_a_budget_that_runs_out_inside_a_search_is_said() -> None:
    looks = iter([False] * 50)
    patterns = (f'f regex "^(.*a.{{{9 + n}}}b|.*b.{{{9 + n}}}a)*c"' for n in range(6))

    verification = verify_ruleset(
        ruleset({"type": "string"}, *patterns), expired=lambda: next(looks, True)
    )

    assert not verification.complete
    assert any("the time budget ran out" in reason for reason in verification.reasons)


def test_a_spent_budget_is_said() -> None:
    verification = verify_ruleset(ruleset({"type": "string"}, 'f eq "a"'), expired=lambda: True)

    assert not verification.complete
    assert "time budget" in verification.reasons[0]


def test_the_seeded_mistakes_are_found_with_their_witnesses() -> None:
    found = verify_ruleset(load_ruleset((EXAMPLES / "seeded-mistakes.yaml").read_bytes()))

    assert kinds(found) == [
        ("shadowed", "english with a priority"),
        ("unreachable", "half past four"),
        ("conflict", "vip"),
        ("redundant", "printers"),
        ("gap", None),
    ]
    shadowed, unreachable, conflict, redundant, gap = found.findings
    assert shadowed.by == ("urgent english", "calm english")
    assert unreachable.witness is None
    assert (conflict.by, dict(conflict.witness or {})["language"]) == (("german",), "de")
    assert redundant.by == ("hardware",)
    assert "hardware" not in (gap.witness or {}).get("tags", [])


def test_a_file_in_which_everything_conflicts_ends() -> None:
    rules = [
        {"name": f"{n}", "when": f'f contains "{n}"', "then": {"queue": f"{n}"}} for n in range(60)
    ]
    fields = {"f": {"type": "array", "items": {"type": "string"}}}
    document = {"ruleset": "r", "fields": fields, "rules": rules}
    found = verify_ruleset(usable(check_rule_file(rule_file_from_json(document))))

    assert sum(1 for one in found.findings if one.kind == "conflict") == 1_000
    assert not found.complete


def test_many_searches_in_one_text_are_decided() -> None:
    rules = [
        {"name": f"{n}", "when": f'f contains "{n}"', "then": {"queue": f"{n}"}} for n in range(40)
    ]
    document = {"ruleset": "r", "fields": {"f": {"type": "string"}}, "rules": rules}
    found = verify_ruleset(usable(check_rule_file(rule_file_from_json(document))))

    assert found.complete
    assert sum(1 for one in found.findings if one.kind == "shadowed") == 30


COUNT, RATIO, VIP, LANG = z3.Int("count"), z3.Real("ratio"), z3.Bool("vip"), z3.Int("lang")
THERE = {name: z3.Bool(f"there {name}") for name in ("count", "ratio", "vip", "lang")}
LANGUAGES = [f"l{number}" for number in range(40)]
LARGE_FIELDS = {
    "count": {"type": "integer", "minimum": -1_000, "maximum": 1_000},
    "ratio": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "vip": {"type": "boolean"},
    "lang": {"type": "string", "enum": LANGUAGES},
}
VALID = z3.And(COUNT >= -1_000, COUNT <= 1_000, RATIO > 0, RATIO <= 1, LANG >= 0, LANG < 40)
NUMERIC = {
    "eq": "__eq__",
    "neq": "__ne__",
    "gt": "__gt__",
    "gte": "__ge__",
    "lt": "__lt__",
    "lte": "__le__",
}


def to_z3(expression: Expression) -> Any:
    match expression:
        case And(children=children):
            return z3.And([to_z3(child) for child in children])
        case Or(children=children):
            return z3.Or([to_z3(child) for child in children])
        case Not(child=child):
            return z3.Not(to_z3(child))
        case Condition(field=field, operator=operator, value=value):
            return z3.And(THERE[field], comparison(field, operator, value))


def comparison(field: str, operator: str, value: Any) -> Any:
    variable = {"count": COUNT, "ratio": RATIO, "vip": VIP, "lang": LANG}[field]
    if operator == "exists":
        return z3.BoolVal(val=True)
    if field == "lang":
        value = LANGUAGES.index(value)
    if field == "vip":
        return variable == value if operator == "eq" else variable != value
    literal = z3.RealVal(str(value)) if field == "ratio" else value
    return getattr(variable, NUMERIC[operator])(literal)


def random_large(chance: random.Random) -> Ruleset:
    def condition() -> str:
        match chance.choice(list(LARGE_FIELDS)):
            case "count":
                return f"count {chance.choice(list(NUMERIC))} {chance.randint(-1_010, 1_010)}"
            case "ratio":
                return f"ratio {chance.choice(list(NUMERIC))} {chance.randint(0, 100) / 100}"
            case "vip":
                return f"vip {chance.choice(['eq', 'neq'])} true"
            case _:
                return f'lang {chance.choice(["eq", "neq"])} "{chance.choice(LANGUAGES)}"'

    def group() -> str:
        parts = [condition() for _ in range(chance.randint(1, 3))]
        text = f" {chance.choice(['and', 'or'])} ".join(parts)
        return f"not ({text})" if chance.random() < 0.2 else f"({text})"

    rules = [
        {
            "name": f"{number}",
            "priority": chance.randint(0, 3),
            "when": " and ".join(group() for _ in range(chance.randint(1, 2))),
            "then": {"queue": chance.choice("ABC")},
        }
        for number in range(8)
    ]
    document = {"ruleset": "r", "fields": LARGE_FIELDS, "rules": rules}
    return usable(check_rule_file(rule_file_from_json(document)))


def possible(*formulas: Any) -> bool:
    solver = z3.Solver()
    solver.add(VALID, *formulas)
    return bool(solver.check() == z3.sat)


def by_z3(rules: Ruleset) -> set[tuple[Any, ...]]:
    found: set[tuple[Any, ...]] = set()
    ordered = rules.ordered()
    formulas = [to_z3(rule.when) for rule in ordered]
    for number, rule in enumerate(ordered):
        before = [z3.Not(one) for one in formulas[:number]]
        if not possible(formulas[number]):
            found.add(("unreachable", rule.name))
        elif not possible(formulas[number], *before):
            found.add(("shadowed", rule.name))
        for later in range(number + 1, len(ordered)):
            rival = ordered[later]
            tied = rival.priority == rule.priority and rival.then != rule.then
            if tied and possible(formulas[number], formulas[later], *before):
                found.add(("conflict", rival.name, rule.name))
    if possible(*(z3.Not(one) for one in formulas)):
        found.add(("gap", None))
    return found


@given(st.integers(min_value=0))
@examples(25)
def test_z3_agrees_on_large_domains(seed: int) -> None:
    rules = random_large(random.Random(seed))  # noqa: S311  # a reproducible example

    found = {
        (one.kind, one.rule, *(one.by if one.kind == "conflict" else ()))
        for one in verify_ruleset(rules).findings
        if one.kind != "redundant"
    }

    assert found == by_z3(rules)


def test_a_schema_of_draft_4_beside_one_that_is_not_understood_is_judged_by_its_own_draft() -> None:
    fields = {
        "f": {"type": "number", "minimum": 1, "exclusiveMinimum": True},
        "odd": {"type": "string", "not": {"const": "x"}},
    }

    found = verify_ruleset(ruleset({}, "f gt 2 and exists odd", fields=fields))

    assert not found.complete
    assert kinds(found) == [("gap", None)]
