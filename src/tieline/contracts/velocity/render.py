"""Rendering: nodes become closures once, so that a render only calls them.

A value is plain JSON. An absent value, a method that does not exist and an index out of range are
all null, as in Velocity: `$x` then prints its own source, `$!x` prints nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tieline.contracts.velocity.cursor import TemplateError
from tieline.contracts.velocity.nodes import (
    Assign,
    Attribute,
    Binary,
    Call,
    Expression,
    Foreach,
    If,
    Index,
    Interpolated,
    ListOf,
    Literal,
    MapOf,
    Node,
    Range,
    Reference,
    Text,
    Unary,
)
from tieline.contracts.velocity.operators import LONGEST_TEXT, arithmetic, binary
from tieline.contracts.velocity.syntax import parse
from tieline.contracts.velocity.tools import PLATFORM_TOOLS, Tools
from tieline.contracts.velocity.values import is_true, methods_of, to_text

# A loop inside a loop over the largest answer the platform takes, and far from a denial of service.
MOST_ROUNDS = 100_000

Scope = dict[str, Any]
Value = Callable[[Scope], Any]
Printer = Callable[[Scope], str]

_ROUNDS = "\0rounds"  # no template can name it


class Template:
    """A template, read and compiled; render it from any thread, as often as needed."""

    __slots__ = ("_print", "source")

    def __init__(self, source: str) -> None:
        """Read the template.

        Raises:
            TemplateError: with line and column.
        """
        self.source = source
        self._print = _printer(parse(source))

    def render(self, values: Mapping[str, Any]) -> str:
        """Print the template over JSON values; the platform's tools are always in scope.

        Raises:
            TemplateError: too many loop rounds, too much output, or impossible arithmetic.
        """
        text = self._print({**PLATFORM_TOOLS, **values, _ROUNDS: 0})
        if len(text) > LONGEST_TEXT:
            raise TemplateError(f"the template printed {len(text)} characters")
        return text


def _printer(nodes: tuple[Node, ...]) -> Printer:
    parts = [_part(node) for node in nodes]
    if len(parts) == 1:
        return parts[0]

    def print_all(scope: Scope) -> str:
        return "".join([part(scope) for part in parts])

    return print_all


def _part(node: Node) -> Printer:
    match node:
        case Text(text):
            return lambda _scope: text
        case Reference():
            return _print_reference(node)
        case Assign(name, value):
            return _assigning(name, _value(value))
        case If(branches):
            return _branching(
                [(None if c is None else _value(c), _printer(body)) for c, body in branches]
            )
        case Foreach(name, items, body):
            return _looping(name, _value(items), _printer(body))


def _print_reference(node: Reference) -> Printer:
    value = _reference(node)
    absent = "" if node.quiet else node.source

    def print_reference(scope: Scope) -> str:
        found = value(scope)
        if isinstance(found, str):
            return found
        return absent if found is None or isinstance(found, Tools) else to_text(found)

    return print_reference


def _assigning(name: str, value: Value) -> Printer:
    def assign(scope: Scope) -> str:
        scope[name] = value(scope)
        return ""

    return assign


def _branching(branches: list[tuple[Value | None, Printer]]) -> Printer:
    def branch(scope: Scope) -> str:
        for condition, body in branches:
            if condition is None or is_true(condition(scope)):
                return body(scope)
        return ""

    return branch


def _looping(name: str, items: Value, body: Printer) -> Printer:
    def loop(scope: Scope) -> str:
        found = items(scope)
        if isinstance(found, Mapping):
            found = list(found.values())
        if not isinstance(found, list):
            return ""
        printed: list[str] = []
        size = 0
        outer = scope.get("foreach")
        for count, item in enumerate(found, 1):
            _count_round(scope)
            scope[name] = item
            scope["foreach"] = {
                "count": count,
                "index": count - 1,
                "hasNext": count < len(found),
                "first": count == 1,
                "last": count == len(found),
                "parent": outer,
            }
            printed.append(body(scope))
            size += len(printed[-1])
            if size > LONGEST_TEXT:
                raise TemplateError(f"a #foreach printed more than {LONGEST_TEXT} characters")
        scope["foreach"] = outer
        return "".join(printed)

    return loop


def _count_round(scope: Scope) -> None:
    scope[_ROUNDS] += 1
    if scope[_ROUNDS] > MOST_ROUNDS:
        raise TemplateError(f"more than {MOST_ROUNDS} loop rounds")


def _value(node: Expression) -> Value:
    match node:
        case Literal(value):
            return lambda _scope: value
        case Reference():
            return _reference(node)
        case Interpolated(body):
            return _printer(body)
        case ListOf(items):
            values = [_value(item) for item in items]
            return lambda scope: [value(scope) for value in values]
        case MapOf(entries):
            pairs = [(_value(key), _value(value)) for key, value in entries]
            return lambda scope: {to_text(key(scope)): value(scope) for key, value in pairs}
        case Range(first, last):
            return _range(_value(first), _value(last))
        case Unary("!", operand):
            inner = _value(operand)
            return lambda scope: not is_true(inner(scope))
        case Unary(_, operand):
            negative = _value(operand)
            return lambda scope: arithmetic("-", 0, negative(scope))
        case Binary(operator, left, right):
            return binary(operator, _value(left), _value(right))


def _range(first: Value, last: Value) -> Value:
    def between(scope: Scope) -> list[int]:
        start, end = int(first(scope)), int(last(scope))
        if abs(end - start) >= MOST_ROUNDS:
            raise TemplateError(f"a range of more than {MOST_ROUNDS} numbers")
        return list(range(start, end + 1) if start <= end else range(start, end - 1, -1))

    return between


def _reference(node: Reference) -> Value:
    name = node.name
    steps = [_step(step) for step in node.steps]
    if not steps:
        return lambda scope: scope.get(name)

    def follow(scope: Scope) -> Any:
        value = scope.get(name)
        for step in steps:
            if value is None:
                return None
            value = step(value, scope)
        return value

    return follow


def _step(step: Attribute | Call | Index) -> Callable[[Any, Scope], Any]:
    match step:
        case Attribute(name):
            return lambda value, _scope: _attribute(value, name)
        case Index(at):
            position = _value(at)
            return lambda value, scope: _call(value, "get", [position(scope)])
        case Call(name, arguments):
            values = [_value(argument) for argument in arguments]
            return lambda value, scope: _call(value, name, [each(scope) for each in values])


def _attribute(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, Tools):
        return value.constants.get(name)
    return None


def _call(value: Any, name: str, arguments: list[Any]) -> Any:
    if isinstance(value, Tools):
        method = value.functions.get(name)
    else:
        method = methods_of(value).get(name)
        arguments = [value, *arguments]
    if method is None:
        return None
    try:
        return method(*arguments)
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
        return None
