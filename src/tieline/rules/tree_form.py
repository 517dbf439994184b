"""The guides' JSON tree of a condition: `{"type":"and","children":[…]}`, and back.

`{"type":"condition","field":…,"operator":…,"value":…}` is a leaf; `type` may be left out there.
Faults of shape are collected, not raised: a rule with three of them is told all three.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, cast, get_args

from tieline.rules.document import Node, node_from_json
from tieline.rules.exact_number import exact, plain_number
from tieline.rules.finding import Code, Fault
from tieline.rules.model import And, Condition, Expression, Not, Operator, Or, Position
from tieline.rules.text_form import COMPARATORS, DEEPEST, too_deep
from tieline.rules.text_writer import literal_text
from tieline.types import Json

GROUPS = ("and", "or", "not")
OPERATORS: tuple[str, ...] = get_args(Operator)
_GROUP_KEYS = ("type", "children")
_LEAF_KEYS = ("type", "field", "operator", "value")

Report = Callable[[Fault, Position], None]


def read_tree(node: Node, path: str, report: Report) -> Expression | None:
    """Read a tree whose nodes know their place.

    Where a fault was reported the rest of the tree is returned, to be checked but not evaluated;
    None where nothing is left.
    """
    return _read(node, path, 1, report)


def tree_to_expression(tree: Json) -> tuple[Expression | None, tuple[Fault, ...]]:
    """Read a tree from parsed JSON, as the guides' API carries it; None with what is wrong."""
    faults: list[Fault] = []
    expression = read_tree(node_from_json(tree), "", lambda fault, _: faults.append(fault))
    return None if faults else expression, tuple(faults)


def expression_to_tree(expression: Expression) -> dict[str, Any]:
    """The guides' JSON tree; reading it back gives an equal expression."""
    match expression:
        case Condition(field=name, operator=operator, value=value):
            leaf = {"type": "condition", "field": name, "operator": operator}
            ignored = operator in ("exists", "not_exists") and value is None
            return leaf if ignored else {**leaf, "value": plain_value(value)}
        case Not(child=child):
            return {"type": "not", "children": [expression_to_tree(child)]}
        case And(children=children):
            return {"type": "and", "children": [expression_to_tree(child) for child in children]}
        case Or(children=children):
            return {"type": "or", "children": [expression_to_tree(child) for child in children]}


def plain_value(value: Json) -> Json:
    """A literal any JSON writer can write; see `plain_number` for what no float holds."""
    number = exact(value)
    return value if number is None else plain_number(number)


def _read(node: Node, path: str, depth: int, report: Report) -> Expression | None:
    at = Position(path, node.line, node.column)
    if depth > DEEPEST:
        report(Fault("depth-exceeded", too_deep(), "split the rule in two"), at)
        return None
    if node.pairs is None:
        report(Fault("syntax", "a condition is text or a mapping"), at)
        return None
    kind = _kind(node)
    if kind in GROUPS:
        return _read_group(cast("str", kind), node, at, depth, report)
    if kind == "condition":
        return _read_leaf(node, at, report)
    report(Fault("syntax", *_unknown_kind(node, kind)), at)
    return None


def _unknown_kind(node: Node, kind: Json) -> tuple[str, str]:
    """The sentence and the hint for a node that is no group and no condition."""
    if node.get("type") is None:
        has = "`children`" if node.get("children") is not None else "no `field`"
        return f"a node with {has} needs a `type`", "`and`, `or`, `not` or `condition`"
    close = get_close_matches(str(kind), (*GROUPS, "condition"), n=1)
    hint = f"did you mean `{close[0]}`?" if close else "`and`, `or`, `not` or `condition`"
    return f"unknown node type {literal_text(kind)}", hint


def _kind(node: Node) -> Json:
    named = node.get("type")
    if named is not None:
        return named.scalar
    return "condition" if node.get("field") is not None else None


def _read_group(
    kind: str, node: Node, at: Position, depth: int, report: Report
) -> Expression | None:
    _only(node, _GROUP_KEYS, f"a node of type `{kind}`", at, report)
    children = node.get("children")
    if children is None or children.items is None:
        code: Code = "not-arity" if kind == "not" else "empty-group"
        report(Fault(code, f"`{kind}` needs a list of children"), at)
        return None
    if kind == "not" and len(children.items) != 1:
        found = len(children.items)
        hint = "put several conditions into one `and` or `or`" if found else ""
        report(Fault("not-arity", f"`not` has exactly one child, this has {found}", hint), at)
        return None
    if not children.items:
        report(Fault("empty-group", f"`{kind}` needs at least one child"), at)
        return None
    parts = []
    for number, child in enumerate(children.items):
        part = _read(child, f"{at.path}.children[{number}]", depth + 1, report)
        if part is not None:
            parts.append(part)
        elif depth == DEEPEST:
            break  # ten thousand siblings one level too deep are one fault
    if not parts:
        return None
    if kind == "not":
        return Not(parts[0], at)
    return And(tuple(parts), at) if kind == "and" else Or(tuple(parts), at)


def _read_leaf(node: Node, at: Position, report: Report) -> Expression | None:
    _only(node, _LEAF_KEYS, "a condition", at, report)
    name, operator, value = node.get("field"), node.get("operator"), node.get("value")
    if name is None or not isinstance(name.scalar, str) or not name.scalar:
        report(Fault("syntax", "a condition needs the name of a `field`"), at)
        return None
    word = None if operator is None else operator.scalar
    word = COMPARATORS.get(word, word) if isinstance(word, str) else word
    if operator is None or word not in OPERATORS:
        close = [] if word is None else get_close_matches(str(word), OPERATORS, n=1, cutoff=0.5)
        hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(OPERATORS)}"
        shown = "no operator" if operator is None else f"the unknown operator {literal_text(word)}"
        where = at if operator is None else _at(operator, f"{at.path}.operator")
        report(Fault("syntax", f"the condition on `{name.scalar}` has {shown}", hint), where)
        return None
    if value is None and word not in ("exists", "not_exists"):
        report(Fault("syntax", f"`{name.scalar} {word}` has nothing to compare with"), at)
        return None
    if value is not None and (value.pairs is not None or value.items is not None):
        where = _at(value, f"{at.path}.value")
        hint = "write one condition a value, joined by `or`"
        report(Fault("type-mismatch", "a value is text, a number or a boolean", hint), where)
        return None
    literal = None if value is None else value.scalar
    return Condition(name.scalar, cast("Operator", word), literal, at)


def _only(node: Node, known: tuple[str, ...], what: str, at: Position, report: Report) -> None:
    for key, _ in node.pairs or ():
        if key.scalar not in known:
            close = get_close_matches(str(key.scalar), known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"{what} has {', '.join(known)}"
            where = _at(key, f"{at.path}.{key.scalar}")
            report(Fault("syntax", f"{what} has no `{key.scalar}`", hint), where)


def _at(node: Node, path: str) -> Position:
    return Position(path, node.line, node.column)
