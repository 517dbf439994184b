r"""Rows as CSV. The layout is assumed: a client takes it from a Template export.

The first column is the row's id, then one column per input and output, in order. An empty field
leaves the column to its default. `<Null>` and the like are specials; a text that begins so, or is
empty, is written after a backslash. The items of a list stand between `|`. A backslash in front of
any character stands for that character.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from tieline.emulator.business_rules.columns import Column
from tieline.emulator.business_rules.literals import Literal, cast
from tieline.types import JsonObject

ROW_ID = "Row ID"


class Unreadable(Exception):
    """The file is no CSV, or not one of this table."""


def header(columns: Mapping[str, Column]) -> list[str]:
    """The first line."""
    return [ROW_ID, *(_title(column) for column in columns.values())]


def write(columns: Mapping[str, Column], rows: Iterable[JsonObject]) -> str:
    """The header and these rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header(columns))
    for row in rows:
        cells = {**row["inputs"], **row["outputs"]}
        writer.writerow([row["id"], *(_written(cells.get(column_id)) for column_id in columns)])
    return text.getvalue()


def read(columns: Mapping[str, Column], content: bytes) -> list[list[str]]:
    """The data rows of a file, each a list of fields; blank lines are left out.

    Raises:
        Unreadable: it is no UTF-8, no CSV, or has another header.
    """
    try:
        text = content.decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise Unreadable(f"the file is no CSV in UTF-8: {exc}") from None
    if not lines or lines[0] != header(columns):
        raise Unreadable("the header is not that of the table's template")
    return lines[1:]


def cells_of(columns: Mapping[str, Column], fields: list[str]) -> dict[str, Any]:
    """The `inputs` and `outputs` that the fields after the row's id stand for.

    Raises:
        Unreadable: another number of fields.
    """
    if len(fields) != len(columns):
        raise Unreadable(f"{len(fields) + 1} fields where the header has {len(columns) + 1}")
    row: dict[str, Any] = {"inputs": {}, "outputs": {}}
    for column, field in zip(columns.values(), fields, strict=True):
        if field:
            side = "outputs" if column.comparator is None else "inputs"
            row[side][column.id] = {"literal": _read(column, field)}
    return row


def _title(column: Column) -> str:
    key = column.attribute.key
    return key if column.comparator is None else f"{key} {column.comparator}"


def _written(cell: JsonObject | None) -> str:
    if cell is None:
        return ""
    ((name, value),) = cell["literal"].items()
    if name == "special":
        return f"<{value}>"
    if name == "strings":
        items = [item.replace("\\", "\\\\").replace("|", "\\|") for item in value]
        return "<Empty>" if not items else _marked("|".join(items))
    if isinstance(value, bool):
        return str(value).lower()
    return _marked(value.replace("\\", "\\\\")) if isinstance(value, str) else str(value)


def _marked(text: str) -> str:
    return f"\\{text}" if text == "" or text.startswith("<") else text


def _read(column: Column, field: str) -> Literal:
    if field.startswith("<") and field.endswith(">"):
        return {"special": field[1:-1]}
    items = _split(field)
    if column.attribute.core.name == "stringList":
        return {"strings": items}
    return {column.attribute.core.literal: cast(column.attribute, "|".join(items))}


def _split(field: str) -> list[str]:
    items, escaped = [""], False
    for character in field:
        if escaped or character not in "\\|":
            items[-1] += character
            escaped = False
        elif character == "|":
            items.append("")
        else:
            escaped = True
    return items
