"""What a rule's expression may be; read from guide 4, apart from the client's own reading of it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import re2

OPERATORS = (
    "contains", "eq", "exists", "gt", "gte", "lt", "lte", "neq", "not_exists", "regex",
)  # fmt: skip
WITHOUT_VALUE = ("exists", "not_exists")
DEEPEST = 10  # a condition at the root has depth 1

_QUIET = re2.Options()
_QUIET.log_errors = False


class Flaw(NamedTuple):
    """One thing that is wrong, and where: `expression.children[0]`."""

    path: str
    message: str


def flaws(node: Any, path: str = "expression", depth: int = 1) -> Iterator[Flaw]:
    """List what is wrong with an expression; nothing when it is right."""
    if not isinstance(node, dict):
        yield Flaw(path, "not an object")
        return
    if depth > DEEPEST:
        yield Flaw(path, f"deeper than {DEEPEST} levels")
        return
    kind = node.get("type")
    if kind == "condition":
        yield from _condition(node, path)
    elif kind in ("and", "or", "not"):
        yield from _group(node, path, depth)
    else:
        yield Flaw(path, "type must be and, or, not or condition")


def _group(node: dict[str, Any], path: str, depth: int) -> Iterator[Flaw]:
    children = node.get("children")
    if set(node) - {"type", "children"}:
        yield Flaw(path, "a group has a type and children only")
    if not isinstance(children, list) or not children:
        yield Flaw(path, "a group has at least one child")
        return
    if node["type"] == "not" and len(children) != 1:
        yield Flaw(path, "not has exactly one child")
    for index, child in enumerate(children):
        yield from flaws(child, f"{path}.children[{index}]", depth + 1)


def _condition(node: dict[str, Any], path: str) -> Iterator[Flaw]:
    if set(node) - {"type", "field", "operator", "value"}:
        yield Flaw(path, "a condition has a field, an operator and a value only")
    field = node.get("field")
    if not isinstance(field, str) or not field:
        yield Flaw(path, "field must be a name")
    operator = node.get("operator")
    if operator not in OPERATORS:
        yield Flaw(path, f"operator must be one of {', '.join(OPERATORS)}")
    elif operator not in WITHOUT_VALUE and "value" not in node:
        yield Flaw(path, f"{operator} needs a value")
    elif operator == "regex":
        yield from _pattern(node["value"], path)


def _pattern(pattern: object, path: str) -> Iterator[Flaw]:
    if not isinstance(pattern, str):
        yield Flaw(path, "regex needs a pattern as text")
        return
    try:
        re2.compile(pattern, _QUIET)
    except re2.error as exc:
        reason = exc.args[0].decode(errors="replace")
        yield Flaw(path, f"regex needs a pattern in RE2 syntax: {reason}")
