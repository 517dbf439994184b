"""Reading JSON that other people wrote: RFC 8259 and nothing beyond, every refusal with its place.

Refused although Python's reader takes them: duplicate keys (which of two values did they mean?),
NaN and Infinity, numbers no double can hold, lone surrogates, a byte order mark, nesting deep
enough to exhaust whoever reads it next.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from tieline.errors import InvalidInput
from tieline.types import Json

# The platform's own limit on contract nesting is 50; 100 leaves room and stops no honest document.
DEEPEST = 100
# Possessive, and without asking for the closing quote: linear also on hostile text.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_LITERAL = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[-+.\w]+', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(text: str | bytes, *, what: str = "input") -> Json:
    """The value of one JSON document. `what` names it in errors; its text is never repeated.

    Raises:
        InvalidInput: no JSON, or JSON that is refused; names line and column, both from 1.
    """
    source = _decoded(text, what)
    _check_depth(source, what)
    try:
        value = _DECODER.decode(source)
    except json.JSONDecodeError as exc:
        _refuse(what, "json_invalid", exc.msg, source, exc.pos)
    except _RefusedError as refused:
        _refuse(what, refused.type, refused.message, source, _where(source, refused))
    except ValueError:  # int() of more digits than Python converts
        _refuse(what, "number_too_large", "a number of thousands of digits", source, None)
    surrogate = _SURROGATE_ESCAPE.search(source)
    if surrogate is not None and not _encodable(value):
        message = "a text holds half of a surrogate pair"
        _refuse(what, "lone_surrogate", message, source, surrogate.start())
    return value


class _RefusedError(Exception):
    """Something Python's reader takes and we do not."""

    def __init__(self, kind: str, message: str, literal: str = "") -> None:
        super().__init__(message)
        self.type, self.message, self.literal = kind, message, literal


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError("duplicate_key", "a key occurs twice in one object")
    return found


def _encodable(value: Json) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _number(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise _RefusedError("number_too_large", "a number beyond the range of a double", literal)
    return number


def _constant(literal: str) -> NoReturn:
    raise _RefusedError("not_a_number", f"{literal} is no JSON", literal)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_number, parse_constant=_constant, strict=True
)


def _decoded(text: str | bytes, what: str) -> str:
    if isinstance(text, str):
        source = text
    else:
        try:
            source = text.decode("utf-8")
        except UnicodeDecodeError as exc:
            line = text.count(b"\n", 0, exc.start) + 1
            column = exc.start - text.rfind(b"\n", 0, exc.start)
            _raise(what, "invalid_utf8", "not UTF-8", line, column)
    if source.startswith("\ufeff"):
        _raise(what, "byte_order_mark", "starts with a byte order mark", 1, 1)
    return source


def _check_depth(source: str, what: str) -> None:
    if source.count("[") + source.count("{") <= DEEPEST:
        return
    depth = 0
    for token in _TOKEN.finditer(source):
        mark = token[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                message = f"nested deeper than {DEEPEST} levels"
                _refuse(what, "too_deep", message, source, token.start())
        elif mark in "]}":
            depth -= 1


def _where(source: str, refused: _RefusedError) -> int | None:
    if refused.type == "duplicate_key":
        return next(_duplicates(source), None)
    found = (t.start() for t in _LITERAL.finditer(source) if t[0] == refused.literal)
    return next(found, None)


def _duplicates(source: str) -> Iterator[int]:
    """Places of keys that their object had before; the source is otherwise valid JSON."""
    seen: list[set[str] | None] = []  # None: an array
    expect_key = False
    for token in _TOKEN.finditer(source):
        mark = token[0]
        match mark:
            case "{":
                seen.append(set())
                expect_key = True
            case "[":
                seen.append(None)
                expect_key = False
            case "}" | "]":
                seen.pop()
                expect_key = False
            case ",":
                expect_key = bool(seen) and seen[-1] is not None
            case _ if expect_key and seen:
                keys, key = seen[-1], json.loads(mark)
                if keys is not None and key in keys:
                    yield token.start()
                elif keys is not None:
                    keys.add(key)
                expect_key = False


def _refuse(what: str, kind: str, message: str, source: str, at: int | None) -> NoReturn:
    if at is None:
        _raise(what, kind, message, None, None)
    line = source.count("\n", 0, at) + 1
    _raise(what, kind, message, line, at - source.rfind("\n", 0, at))


def _raise(what: str, kind: str, message: str, line: int | None, column: int | None) -> NoReturn:
    place = "" if line is None else f", line {line} column {column}"
    raise InvalidInput(
        f"{what}{place}: {message}",
        hint="it must be JSON (RFC 8259) in UTF-8",
        details=[{"loc": [what], "type": kind, "message": message, "line": line, "column": column}],
    )
