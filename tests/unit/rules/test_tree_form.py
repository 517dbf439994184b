"""The guides' JSON tree: what is read, and every sentence about what cannot be."""

from decimal import Decimal
from typing import Any

import pytest

from tieline.rules.document import node_from_json, read_document
from tieline.rules.finding import Fault
from tieline.rules.model import And, Condition, Expression, Not, Or, Position
from tieline.rules.tree_form import (
    expression_to_tree,
    plain_value,
    read_tree,
    tree_to_expression,
)

THERE = {"field": "n", "operator": "exists"}
N = Condition("n", "exists")
ONE = {"type": "condition", "field": "n", "operator": "eq", "value": 1}

READINGS: list[tuple[str, Any, Expression]] = [
    ("a leaf", ONE, Condition("n", "eq", 1)),
    ("a leaf without its type", THERE, N),
    ("a sign", {"field": "n", "operator": ">=", "value": 1}, Condition("n", "gte", 1)),
    ("null as value", {"field": "n", "operator": "eq", "value": None}, Condition("n", "eq", None)),
    ("a value behind exists", {**THERE, "value": "a"}, Condition("n", "exists", "a")),
    ("not_exists", {"field": "n", "operator": "not_exists"}, Condition("n", "not_exists")),
    ("and", {"type": "and", "children": [THERE, ONE]}, And((N, Condition("n", "eq", 1)))),
    ("or", {"type": "or", "children": [THERE]}, Or((N,))),
    ("not", {"type": "not", "children": [THERE]}, Not(N)),
]


@pytest.mark.parametrize(
    ("tree", "expected"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS]
)
def test_a_tree_is_read_as(tree: Any, expected: Expression) -> None:
    assert tree_to_expression(tree) == (expected, ())


OPERATORS = "one of eq, neq, gt, gte, lt, lte, exists, not_exists, contains, regex"
IN_A_LEAF = "a condition has type, field, operator, value"
ONE_A_VALUE = "write one condition a value, joined by `or`"
A_VALUE = "a value is text, a number or a boolean"
ALONE = "put several conditions into one `and` or `or`"
KINDS = "`and`, `or`, `not` or `condition`"
FAULTS: list[tuple[Any, str, str, str, str]] = [
    (5, "", "syntax", "a condition is text or a mapping", ""),
    ([], "", "syntax", "a condition is text or a mapping", ""),
    ({}, "", "syntax", "a node with no `field` needs a `type`", KINDS),
    ({"operator": "eq", "value": 1}, "", "syntax", "a node with no `field` needs a `type`", KINDS),
    ({"children": []}, "", "syntax", "a node with `children` needs a `type`", KINDS),
    ({"type": "condition", "operator": "eq"}, "", "syntax",
     "a condition needs the name of a `field`", ""),
    ({"field": "", "operator": "exists"}, "", "syntax",
     "a condition needs the name of a `field`", ""),
    ({"field": 5, "operator": "exists"}, "", "syntax",
     "a condition needs the name of a `field`", ""),
    ({"type": None, **THERE}, "", "syntax", "unknown node type null", KINDS),
    ({"type": 5}, "", "syntax", "unknown node type 5", KINDS),
    ({"type": "nand", "children": []}, "", "syntax", 'unknown node type "nand"',
     "did you mean `and`?"),
    ({"type": "conditoin"}, "", "syntax", 'unknown node type "conditoin"',
     "did you mean `condition`?"),
    ({"type": "and"}, "", "empty-group", "`and` needs a list of children", ""),
    ({"type": "or", "children": 5}, "", "empty-group", "`or` needs a list of children", ""),
    ({"type": "not"}, "", "not-arity", "`not` needs a list of children", ""),
    ({"type": "or", "children": []}, "", "empty-group", "`or` needs at least one child", ""),
    ({"type": "not", "children": []}, "", "not-arity",
     "`not` has exactly one child, this has 0", ""),
    ({"type": "not", "children": [THERE, THERE]}, "", "not-arity",
     "`not` has exactly one child, this has 2", ALONE),
    ({"type": "and", "childs": [], "children": [THERE]}, ".childs", "syntax",
     "a node of type `and` has no `childs`", "did you mean `children`?"),
    ({"type": "or", "field": "n", "children": [THERE]}, ".field", "syntax",
     "a node of type `or` has no `field`", "a node of type `or` has type, children"),
    ({**THERE, "zzz": 1}, ".zzz", "syntax", "a condition has no `zzz`", IN_A_LEAF),
    ({**THERE, "valeu": 1}, ".valeu", "syntax", "a condition has no `valeu`",
     "did you mean `value`?"),
    ({"field": "n", "value": 5}, "", "syntax", "the condition on `n` has no operator", OPERATORS),
    ({"field": "n", "operator": "contians", "value": 5}, ".operator", "syntax",
     'the condition on `n` has the unknown operator "contians"', "did you mean `contains`?"),
    ({"field": "n", "operator": "above", "value": 5}, ".operator", "syntax",
     'the condition on `n` has the unknown operator "above"', OPERATORS),
    ({"field": "n", "operator": 5, "value": 5}, ".operator", "syntax",
     "the condition on `n` has the unknown operator 5", OPERATORS),
    ({"field": "n", "operator": "gt"}, "", "syntax", "`n gt` has nothing to compare with", ""),
    ({"field": "n", "operator": "eq", "value": [5]}, ".value", "type-mismatch", A_VALUE,
     ONE_A_VALUE),
    ({"field": "n", "operator": "eq", "value": {}}, ".value", "type-mismatch", A_VALUE,
     ONE_A_VALUE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tree", "path", "code", "message", "hint"), FAULTS, ids=[str(row[0])[:50] for row in FAULTS]
)
def test_a_fault_of_a_tree_is_said(
    tree: Any, path: str, code: Any, message: str, hint: str
) -> None:
    told: list[tuple[Fault, Position]] = []

    read_tree(node_from_json(tree), "when", lambda fault, at: told.append((fault, at)))

    assert told == [(Fault(code, message, hint), Position(f"when{path}"))]
    assert tree_to_expression(tree) == (None, (Fault(code, message, hint),))


def test_every_fault_of_a_tree_has_the_line_it_stands_on() -> None:
    text = """\
type: and
children:
  - field: n
    operator: nix
    value: 1
  - type: or
    children:
      - {field: n, operator: eq, value: [1]}
      - {field: m, operator: exists, more: 1}
"""
    told: list[tuple[str, Position]] = []

    left = read_tree(
        read_document(text).root, "w", lambda fault, at: told.append((fault.message, at))
    )

    assert told == [
        (
            'the condition on `n` has the unknown operator "nix"',
            Position("w.children[0].operator", 4, 15),
        ),
        (A_VALUE, Position("w.children[1].children[0].value", 8, 41)),
        ("a condition has no `more`", Position("w.children[1].children[1].more", 9, 38)),
    ]
    assert left == And((Or((Condition("m", "exists"),)),))
    assert left.at == Position("w", 1, 1)
    assert left.children[0].at == Position("w.children[1]", 6, 5)
    assert left.children[0].children[0].at == Position("w.children[1].children[1]", 9, 9)


def deep(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"type": "condition", **THERE}
    for _ in range(levels - 1):
        tree = {"type": "not", "children": [tree]}
    return tree


def test_ten_levels_are_read_and_the_eleventh_is_one_fault() -> None:
    expression, faults = tree_to_expression(deep(10))
    assert faults == ()
    assert expression is not None
    assert expression_to_tree(expression) == deep(10)

    deeper = {"type": "and", "children": [deep(10), THERE]}
    assert tree_to_expression(deeper)[1] == (
        Fault(
            "depth-exceeded", "the condition is more than 10 levels deep", "split the rule in two"
        ),
    )


def test_siblings_that_are_all_too_deep_are_one_fault() -> None:
    inner: dict[str, Any] = {"type": "or", "children": [THERE, THERE, THERE]}
    for _ in range(9):
        inner = {"type": "and", "children": [inner]}

    assert [fault.code for fault in tree_to_expression(inner)[1]] == ["depth-exceeded"]


def test_siblings_at_a_shallower_level_are_each_told() -> None:
    assert len(tree_to_expression({"type": "or", "children": [5, 6]})[1]) == 2


WRITTEN: list[tuple[Expression, dict[str, Any]]] = [
    (N, {"type": "condition", "field": "n", "operator": "exists"}),
    (
        Condition("n", "not_exists"),
        {"type": "condition", "field": "n", "operator": "not_exists"},
    ),
    (
        Condition("n", "exists", 5),
        {"type": "condition", "field": "n", "operator": "exists", "value": 5},
    ),
    (
        Condition("n", "eq", None),
        {"type": "condition", "field": "n", "operator": "eq", "value": None},
    ),
    (
        Condition("n", "lt", Decimal("0.1")),
        {"type": "condition", "field": "n", "operator": "lt", "value": 0.1},
    ),
    (Not(N), {"type": "not", "children": [{**THERE, "type": "condition"}]}),
    (And((N,)), {"type": "and", "children": [{**THERE, "type": "condition"}]}),
    (Or((N,)), {"type": "or", "children": [{**THERE, "type": "condition"}]}),
]


@pytest.mark.parametrize(("expression", "tree"), WRITTEN, ids=[str(row[1])[:60] for row in WRITTEN])
def test_an_expression_is_written_as(expression: Expression, tree: dict[str, Any]) -> None:
    assert expression_to_tree(expression) == tree


@pytest.mark.parametrize(
    ("value", "plain"),
    [(5, 5), ("5", "5"), (True, True), (None, None), (Decimal("1e400"), "1e+400")],
    ids=str,
)
def test_a_literal_becomes_what_any_json_writer_can_write(value: Any, plain: Any) -> None:
    written = plain_value(value)

    assert written == plain
    assert type(written) is type(plain)
