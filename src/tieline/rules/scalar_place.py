"""Where a character of a YAML scalar stands in the file, whatever the scalar's style."""

import re
from collections.abc import Callable

from tieline.rules.document import Node
from tieline.rules.model import Position

_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|\n[ \t]*|.)", re.DOTALL)


def scalar_place(source: str, node: Node, path: str) -> Callable[[int], Position]:
    """Maps an offset in the scalar's text to its line and column.

    Without a source (a tree given as JSON) the offset becomes the column of the text itself.
    """
    text = str(node.scalar)
    line, column = node.line, node.column
    if line is None or column is None:
        return lambda offset: Position(path, None, offset + 1)
    raw = source[node.start : node.end]
    if raw == text:  # plain, on one line or with its line breaks kept
        return lambda offset: _counted(path, raw, offset, line, column)
    places = _aligned(raw, text)
    return lambda offset: _counted(path, raw, places[min(offset, len(text))], line, column)


def excerpt(source_lines: list[str], at: Position) -> str:
    """The line with a caret under the column; empty where there is no line."""
    if at.line is None or at.column is None or at.line > len(source_lines):
        return ""
    written = source_lines[at.line - 1]
    first = max(0, at.column - 1 - 60)  # a line of a megabyte is shown where it hurts
    shown = written[first : first + 100].replace("\t", " ")
    return f"{shown}\n{' ' * (at.column - 1 - first)}^"


def _counted(path: str, raw: str, offset: int, line: int, column: int) -> Position:
    breaks = raw.count("\n", 0, offset)
    if not breaks:
        return Position(path, line, column + offset)
    return Position(path, line + breaks, offset - raw.rfind("\n", 0, offset))


def _aligned(raw: str, text: str) -> list[int]:
    """For every character of the text (and its end) the offset in the raw scalar it came from."""
    places: list[int] = []
    at = 1 if raw[:1] in ("'", '"') else 0
    double = raw[:1] == '"'
    if raw[:1] in ("|", ">"):
        at = raw.find("\n") + 1
    for character in text:
        escape = _ESCAPE.match(raw, at) if double else None
        while escape is not None and escape[0].startswith("\\\n"):
            at = escape.end()
            escape = _ESCAPE.match(raw, at)
        if escape is not None:
            places.append(at)
            at = escape.end()
            continue
        if character in " \n" and raw[at : at + 1] in (" ", "\t", "\r", "\n"):
            places.append(at)
            at += 1
            # A fold or an indentation stands for one character: go to the next one that counts.
            if character == "\n" or raw[at - 1] in "\r\n" or raw[at : at + 1] in ("\r", "\n"):
                while raw[at : at + 1] in (" ", "\t", "\r", "\n") and at < len(raw):
                    at += 1
            continue
        while at < len(raw) and raw[at] != character and raw[at].isspace():
            at += 1
        places.append(at)
        if character.isspace() and raw[at : at + 1] != character:
            continue  # an empty line, or an indentation beyond the block's: passed already
        at += 2 if raw[at : at + 2] == "''" and character == "'" else 1
    places.append(min(at, len(raw)))
    return places
