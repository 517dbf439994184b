"""The text form of a condition: `skill contains "x" and (priority gte 5 or vip_flag eq true)`.

Read by one pass over the tokens with two explicit stacks (operators and operands), so that nesting
of any depth is an error message and never a crash. A parenthesised group stays a node of its own,
as the guides' tree has it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, cast

from tieline.rules.exact_number import number_from_text
from tieline.rules.finding import Code, Fault
from tieline.rules.model import And, Condition, Expression, Not, Operator, Or, Position
from tieline.types import Json

DEEPEST = 10
"""Levels of nodes an expression may have; a condition at the root is one level deep."""

COMPARATORS: dict[str, Operator] = {
    "eq": "eq", "neq": "neq", "gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte",
    "contains": "contains", "regex": "regex",
    "==": "eq", "!=": "neq", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "~": "regex",
}  # fmt: skip
_TESTS = ("exists", "not_exists")
# A field of such a name stands in backquotes.
RESERVED = frozenset({"and", "or", "not", "true", "false", "null", *_TESTS, *COMPARATORS})
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
      (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<quoted>`(?:[^`\n]|``)*`)
    | (?P<number>-?[0-9][0-9A-Za-z.+]*(?:(?<=[eE])-[0-9]+)?)
    | (?P<word>[^\W\d][\w.\-]*)
    | (?P<sign>==|!=|>=|<=|>|<|~|\(|\))
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_LITERALRESERVED: dict[str, Json] = {"true": True, "false": False, "null": None}
_BINDING = {"or": 1, "and": 2, "not": 3}

Place = Callable[[int], Position]
"""Maps an offset in the text to a position in the file."""


class TextFault(Exception):
    """The text is no condition; carries what is wrong and where."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault for the reader, who knows the file's lines."""
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    start: int


@dataclass(slots=True)
class _Group:
    """An operand with the operators that wait for their right-hand side, down to a parenthesis."""

    start: int
    operators: list[tuple[str, int]] = field(default_factory=list)
    operands: list[tuple[Expression, int]] = field(default_factory=list)  # with their depth


def parse_text(text: str, place: Place | None = None) -> Expression:
    """Read the text form.

    Raises:
        TextFault: `syntax` or `depth-exceeded`, with the offset it was seen at.
    """
    return _Parser(text, place or _offset_position(text)).parse()


class _Parser:
    """A precedence parser; `groups` is the stack of open parentheses."""

    def __init__(self, text: str, place: Place) -> None:
        self.text = text
        self.place = place
        self.at = 0
        self.groups = [_Group(0)]

    def parse(self) -> Expression:
        """Alternate between expecting an operand and expecting an operator."""
        expecting_operand = True
        while True:
            token = self.next()
            if expecting_operand:
                expecting_operand = self.operand(token)
            elif token.kind == "end":
                return self.finish()
            elif token.text == ")":
                self.close(token)
            elif token.kind == "word" and token.text in ("and", "or"):
                self.reduce(_BINDING[token.text] + 1)
                self.groups[-1].operators.append((token.text, token.start))
                expecting_operand = True
            else:
                message = f"expected `and`, `or` or the end, found {_shown(token)}"
                self.fail(token, message, _in_small_letters(token.text))

    def next(self) -> _Token:
        """The next token; a character that starts none is a fault."""
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            start = (
                self.at + len(self.text[self.at :]) - len(self.text[self.at :].lstrip(" \t\r\n"))
            )
            self.stray(start)
        self.at = match.end()
        kind = cast("str", match.lastgroup)
        return _Token(kind, match[kind], match.start(kind))

    def operand(self, token: _Token) -> bool:
        """Take a condition, `not` or `(`; True while an operand is still expected."""
        group = self.groups[-1]
        if token.text == "(" and token.kind == "sign":
            self.groups.append(_Group(token.start))
            return True
        if token.kind == "word" and token.text == "not":
            group.operators.append(("not", token.start))
            return True
        if token.kind == "word" and token.text in _TESTS:
            self.push(self.existence(token), 1)
            return False
        self.push(self.comparison(token), 1)
        return False

    def existence(self, token: _Token) -> Condition:
        """`exists field`, with a literal behind it that `check` will call ignored."""
        name = self.field(self.next())
        before = self.at
        after = self.next()
        value: Json = None
        if after.kind in ("string", "number") or after.text in ("true", "false"):
            value = self.literal(after)
        else:
            self.at = before
        return Condition(name, cast("Operator", token.text), value, self.place(token.start))

    def comparison(self, token: _Token) -> Condition:
        """`field operator literal`."""
        name = self.field(token)
        sign = self.next()
        operator = COMPARATORS.get(sign.text) if sign.kind in ("word", "sign") else None
        if operator is None:
            usual = (
                f"write `{sign.text} {token.text}`" if sign.text in _TESTS else _operator_hint(sign)
            )
            hint = _in_small_letters(token.text) or usual
            self.fail(sign, f"expected an operator behind `{name}`, found {_shown(sign)}", hint)
        return Condition(name, operator, self.literal(self.next()), self.place(token.start))

    def field(self, token: _Token) -> str:
        """A field's name, in backquotes where it is a reserved word or has other characters."""
        if token.kind == "quoted" and len(token.text) > len("``"):
            return token.text[1:-1].replace("``", "`")
        if token.kind == "word" and token.text not in RESERVED:
            return token.text
        hint = (
            "a reserved word as a field's name stands in backquotes" if token.kind == "word" else ""
        )
        hint = _in_small_letters(token.text) or hint
        return self.fail(token, f"expected a field's name, found {_shown(token)}", hint)

    def literal(self, token: _Token) -> Json:
        """A JSON string, number, true, false or null."""
        if token.kind == "string":
            return self.string(token)
        if token.kind == "number":
            number = number_from_text(token.text)
            if number is None:
                self.fail(token, f"`{token.text}` is not a JSON number")
            return number
        if token.kind == "word" and token.text in _LITERALRESERVED:
            return _LITERALRESERVED[token.text]
        quoted = f'text stands in double quotes: "{token.text}"' if token.kind == "word" else ""
        hint = _in_small_letters(token.text) or quoted
        return self.fail(token, f"expected a value, found {_shown(token)}", hint)

    def string(self, token: _Token) -> str:
        """A JSON string; half of a surrogate pair is no text."""
        try:
            text = cast("str", json.loads(token.text, strict=False))
            text.encode()
        except UnicodeEncodeError:
            self.fail(token, "this string holds half of a surrogate pair")
        except ValueError:
            self.fail(token, "this string has an escape JSON does not know", r"write \\ for \ ")
        return text

    def push(self, expression: Expression, depth: int) -> None:
        """Add an operand and bind every `not` in front of it."""
        group = self.groups[-1]
        while group.operators and group.operators[-1][0] == "not":
            _, start = group.operators.pop()
            depth += 1
            self.limit(depth, start)
            expression = Not(expression, self.place(start))
        group.operands.append((expression, depth))

    def reduce(self, binding: int) -> None:
        """Join the operands of every waiting operator that binds at least as tight."""
        group = self.groups[-1]
        while group.operators and _BINDING[group.operators[-1][0]] >= binding:
            name, start = group.operators[-1]
            count = 1
            while group.operators and group.operators[-1][0] == name:
                _, start = group.operators.pop()
                count += 1
            parts = group.operands[-count:]
            del group.operands[-count:]
            depth = 1 + max(depth for _, depth in parts)
            self.limit(depth, start)
            at = parts[0][0].at
            children = tuple(part for part, _ in parts)
            group.operands.append((And(children, at) if name == "and" else Or(children, at), depth))

    def close(self, token: _Token) -> None:
        """End the innermost parenthesis; its expression becomes an operand of the one around."""
        if len(self.groups) == 1:
            self.fail(token, "this `)` closes nothing")
        self.reduce(1)
        expression, depth = self.groups.pop().operands[0]
        self.push(expression, depth)

    def finish(self) -> Expression:
        """The whole expression, once everything is closed."""
        if len(self.groups) > 1:
            opened = self.groups[-1].start
            raise TextFault(Fault("syntax", "this `(` is never closed", offset=opened))
        self.reduce(1)
        return self.groups[0].operands[0][0]

    def limit(self, depth: int, start: int) -> None:
        """Refuse an expression before it is deeper than anything downstream has to bear."""
        if depth > DEEPEST:
            self.raise_fault("depth-exceeded", start, too_deep(), "split the rule in two")

    def stray(self, start: int) -> NoReturn:
        """A character no token starts with."""
        found = self.text[start : start + 1]
        hint = 'text stands in double quotes: "…"' if found == "'" else ""
        message = "this string is never closed" if found in '"`' else f"unexpected {found!r}"
        if found in "=&|!":
            hint = "use ==, !=, and, or, not"
        self.raise_fault("syntax", start, message, hint)

    def fail(self, token: _Token, message: str, hint: str = "") -> NoReturn:
        """A token that does not fit here."""
        self.raise_fault("syntax", token.start, message, hint)

    def raise_fault(self, code: Code, start: int, message: str, hint: str) -> NoReturn:
        """Every fault leaves through here, with its offset."""
        raise TextFault(Fault(code, message, hint, start))


def too_deep() -> str:
    """The one sentence for an expression that is nested too deep."""
    return f"the condition is more than {DEEPEST} levels deep"


def _shown(token: _Token) -> str:
    return "the end" if token.kind == "end" else f"`{token.text}`"


def _in_small_letters(word: str) -> str:
    """The hint for a reserved word in capitals; empty for anything else."""
    small = word.lower()
    return f"write `{small}`" if small in RESERVED and small != word else ""


def _operator_hint(token: _Token) -> str:
    if small := _in_small_letters(token.text):
        return small
    if token.text in ("is", "equals"):
        return "write `eq`"
    if token.text == "in":
        return "write one `eq` a value, joined by `or`"
    return f"operators are {', '.join(sorted(set(COMPARATORS.values())))}"


def _offset_position(text: str) -> Place:
    def place(offset: int) -> Position:
        line = text.count("\n", 0, offset)
        return Position("", line + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)

    return place
