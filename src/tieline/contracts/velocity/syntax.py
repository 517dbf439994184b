"""Reading a template: text to nodes, by recursive descent over one cursor.

Follows the Velocity user guide (references, quiet references, `#set #if #elseif #else #end
#foreach`, `##` and `#* *#` comments, `#[[ ]]#` literals). Directives that would reach outside the
template (`#parse #include #evaluate #macro #define`) are refused by name.
"""

import re

from tieline.contracts.velocity.cursor import Cursor
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

# The platform takes requests of 512,000 bytes; a template is smaller than what it makes.
LONGEST = 512_000

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
DIRECTIVE = re.compile(r"#\{?(set|if|elseif|else|end|foreach)\b\}?")
REFUSED = re.compile(r"#\{?(parse|include|evaluate|macro|define|stop|break)\b\}?")
PLAIN = re.compile(r"[^$#\\]+")
OPERATORS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("||", "||"), ("or", "||")),
    (("&&", "&&"), ("and", "&&")),
    (("==", "=="), ("!=", "!="), ("eq", "=="), ("ne", "!=")),
    (
        ("<=", "<="),
        (">=", ">="),
        ("<", "<"),
        (">", ">"),
        ("le", "<="),
        ("ge", ">="),
        ("lt", "<"),
        ("gt", ">"),
    ),
    (("+", "+"), ("-", "-")),
    (("*", "*"), ("/", "/"), ("%", "%")),
)
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse(source: str) -> tuple[Node, ...]:
    """Read a whole template.

    Raises:
        TemplateError: unreadable, too long, too deep, or a directive that is refused.
    """
    cursor = Cursor(source)
    if len(source) > LONGEST:
        raise cursor.fail(f"{len(source)} characters; at most {LONGEST}")
    body, closing = _block(cursor)
    if closing:
        raise cursor.fail(f"#{closing} without #if or #foreach")
    return body


def _block(cursor: Cursor) -> tuple[tuple[Node, ...], str]:
    """Read nodes up to the end or to `#elseif`, `#else` or `#end`, which is returned."""
    nodes: list[Node] = []
    text: list[str] = []

    def flush() -> None:
        if text:
            nodes.append(Text("".join(text)))
            text.clear()

    while cursor.at < len(cursor.source):
        start = cursor.at
        if plain := cursor.match(PLAIN):
            text.append(plain.group())
        elif cursor.source[start] == "\\":
            text.append(_escaped(cursor))
        elif (literal := _comment_or_literal(cursor)) is not None:
            text.append(literal)
        elif reference := _reference(cursor):
            flush()
            nodes.append(reference)
        elif word := _directive(cursor):
            flush()
            if word in {"elseif", "else", "end"}:
                return tuple(nodes), word
            nodes.append(_statement(cursor, word))
        else:
            text.append(cursor.source[start])
            cursor.at = start + 1
    flush()
    return tuple(nodes), ""


def _escaped(cursor: Cursor) -> str:
    r"""Read `\$x` or `\#if` as the text behind the backslash; any other backslash is text."""
    cursor.at += 1
    here = cursor.at
    if _reference(cursor) or _directive(cursor):
        return cursor.source[here : cursor.at]
    cursor.at = here
    return "\\"


def _comment_or_literal(cursor: Cursor) -> str | None:
    if cursor.take("##"):
        end = cursor.source.find("\n", cursor.at)
        cursor.at = len(cursor.source) if end < 0 else end + 1
        return ""
    for opening, closing, keep in (("#*", "*#", False), ("#[[", "]]#", True)):
        start = cursor.at
        if cursor.take(opening):
            end = cursor.source.find(closing, cursor.at)
            if end < 0:
                raise cursor.fail(f"{opening} without {closing}", at=start)
            inner = cursor.source[cursor.at : end]
            cursor.at = end + len(closing)
            return inner if keep else ""
    return None


def _directive(cursor: Cursor) -> str | None:
    if refused := REFUSED.match(cursor.source, cursor.at):
        raise cursor.fail(f"#{refused.group(1)} is not available in the platform's templates")
    found = cursor.match(DIRECTIVE)
    return found.group(1) if found else None


def _statement(cursor: Cursor, word: str) -> Node:
    cursor.deeper()
    match word:
        case "set":
            node: Node = _assign(cursor)
        case "foreach":
            node = _foreach(cursor)
        case _:
            node = _if(cursor)
    cursor.depth -= 1
    return node


def _assign(cursor: Cursor) -> Assign:
    cursor.expect("(")
    name = _variable(cursor)
    cursor.expect("=")
    value = _expression(cursor)
    cursor.expect(")")
    return Assign(name, value)


def _foreach(cursor: Cursor) -> Foreach:
    cursor.expect("(")
    name = _variable(cursor)
    cursor.expect("in")
    items = _expression(cursor)
    cursor.expect(")")
    body, closing = _block(cursor)
    if closing != "end":
        raise cursor.fail("#foreach without #end")
    return Foreach(name, items, body)


def _if(cursor: Cursor) -> If:
    branches: list[tuple[Expression | None, tuple[Node, ...]]] = []
    closing = "elseif"
    while closing != "end":
        condition: Expression | None = None
        if closing == "elseif":
            cursor.expect("(")
            condition = _expression(cursor)
            cursor.expect(")")
        body, following = _block(cursor)
        if not following or (closing == "else" and following != "end"):
            raise cursor.fail("#if without #end")
        branches.append((condition, body))
        closing = following
    return If(tuple(branches))


def _variable(cursor: Cursor) -> str:
    cursor.skip_space()
    reference = _reference(cursor)
    if reference is None or reference.steps:
        raise cursor.fail("expected a variable such as $name")
    return reference.name


def _reference(cursor: Cursor) -> Reference | None:
    """Read `$a.b`, `$!a`, `${a.b}` or `$!{a}`; None, nothing consumed, if none stands here."""
    start = cursor.at
    if not cursor.take("$"):
        return None
    quiet = cursor.take("!")
    braced = cursor.take("{")
    name = cursor.match(NAME)
    if name is None:
        cursor.at = start
        return None
    steps = _steps(cursor)
    if braced and not cursor.take("}"):
        cursor.at = start
        return None
    return Reference(name.group(), steps, quiet, cursor.source[start : cursor.at])


def _steps(cursor: Cursor) -> tuple[Attribute | Call | Index, ...]:
    cursor.deeper()
    steps: list[Attribute | Call | Index] = []
    while True:
        here = cursor.at
        if cursor.take("."):
            name = cursor.match(NAME)
            if name is None:  # the full stop of a sentence
                cursor.at = here
                break
            if cursor.take("("):
                steps.append(Call(name.group(), _sequence(cursor, ")")))
            else:
                steps.append(Attribute(name.group()))
        elif cursor.take("["):
            at = _expression(cursor)
            cursor.expect("]")
            steps.append(Index(at))
        else:
            break
    cursor.depth -= 1
    return tuple(steps)


def _sequence(cursor: Cursor, closing: str) -> tuple[Expression, ...]:
    items: list[Expression] = []
    cursor.skip_space()
    while not cursor.take(closing):
        if items:
            cursor.expect(",")
        items.append(_expression(cursor))
        cursor.skip_space()
    return tuple(items)


def _expression(cursor: Cursor, level: int = 0) -> Expression:
    """Read an expression; `level` is an index into OPERATORS, loosest first."""
    if level == len(OPERATORS):
        return _unary(cursor)
    left = _expression(cursor, level + 1)
    while sign := _operator(cursor, level):
        left = Binary(sign, left, _expression(cursor, level + 1))
    return left


def _operator(cursor: Cursor, level: int) -> str | None:
    cursor.skip_space()
    for spelling, sign in OPERATORS[level]:
        here = cursor.at
        if cursor.take(spelling):
            following = cursor.source[cursor.at : cursor.at + 1]
            if spelling.isalpha() and (following.isalnum() or following == "_"):
                cursor.at = here
                continue
            return sign
    return None


def _unary(cursor: Cursor) -> Expression:
    cursor.skip_space()
    cursor.deeper()
    here = cursor.at
    node: Expression
    if cursor.take("!") or cursor.take("-"):
        node = Unary(cursor.source[here], _unary(cursor))
    elif (word := cursor.match(NAME)) and word.group() == "not":
        node = Unary("!", _unary(cursor))
    else:
        cursor.at = here
        node = _primary(cursor)
    cursor.depth -= 1
    return node


def _primary(cursor: Cursor) -> Expression:
    if reference := _reference(cursor):
        return reference
    if number := cursor.match(NUMBER):
        digits = number.group()
        return Literal(float(digits) if "." in digits else int(digits))
    if cursor.take("("):
        inner = _expression(cursor)
        cursor.expect(")")
        return inner
    if cursor.take("["):
        return _list_or_range(cursor)
    if cursor.take("{"):
        return _map(cursor)
    for quote in ("'", '"'):
        if cursor.take(quote):
            return _string(cursor, quote)
    start = cursor.at
    word = cursor.match(NAME)
    if word and word.group() in WORDS:
        return Literal(WORDS[word.group()])
    raise cursor.fail("expected a value", at=start)


def _list_or_range(cursor: Cursor) -> ListOf | Range:
    cursor.skip_space()
    if cursor.take("]"):
        return ListOf(())
    first = _expression(cursor)
    cursor.skip_space()
    if cursor.take(".."):
        last = _expression(cursor)
        cursor.expect("]")
        return Range(first, last)
    if cursor.take("]"):
        return ListOf((first,))
    cursor.expect(",")
    return ListOf((first, *_sequence(cursor, "]")))


def _map(cursor: Cursor) -> MapOf:
    entries: list[tuple[Expression, Expression]] = []
    cursor.skip_space()
    while not cursor.take("}"):
        if entries:
            cursor.expect(",")
        key = _expression(cursor)
        cursor.expect(":")
        entries.append((key, _expression(cursor)))
        cursor.skip_space()
    return MapOf(tuple(entries))


def _string(cursor: Cursor, quote: str) -> Literal | Interpolated:
    start = cursor.at
    end = cursor.source.find(quote, start)
    while end >= 0 and cursor.source[end - 1] == "\\" and end > start:
        end = cursor.source.find(quote, end + 1)
    if end < 0:
        raise cursor.fail(f"a string without closing {quote}", at=start - 1)
    inner = cursor.source[start:end].replace("\\" + quote, quote)
    cursor.at = end + 1
    if quote == "'" or not set(inner) & set("$#"):
        return Literal(inner)
    nested = Cursor(inner, depth=cursor.depth + 1)
    body, closing = _block(nested)
    if closing:
        raise cursor.fail(f"#{closing} without its #if inside a string", at=start)
    return Interpolated(body)
