"""Rows of a decision table as the platform's CSV, laid out by a template it has just exported.

How the platform titles its columns is not documented, and neither is how a cell says a special or
escapes a character. So the order of the fields is only ever the template's, a template that cannot
be read for certain is not used, and cells that would need an undocumented notation are not written:
rows from the first of those on go by calls.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tieline.deployments.table_rows import Columns
from tieline.errors import Detail
from tieline.rules.exact_number import exact
from tieline.rules.model import Ruleset
from tieline.rules.table import Cell, InputColumn, Row, Table
from tieline.types import Json, JsonObject

# An import takes about ten calls: the template's export, its address, the import, and looks at both
# until they are through. Ten bulk calls carry 150 rows, and a token has 300 calls a minute.
FEWEST_IMPORTED_ROWS = 150

ColumnKey = InputColumn | str


@dataclass(frozen=True, slots=True)
class Template:
    """A header as it came, and what stands under each title; None: the row's id."""

    titles: tuple[str, ...]
    places: tuple[ColumnKey | None, ...]

    @classmethod
    def read(cls, text: str, columns: Columns) -> "Template | None":
        """Read a template's first line; None unless every title has exactly one meaning."""
        titles = _first_line(text)
        meanings = list(_meanings(columns))
        places: list[ColumnKey | None] = []
        for title in titles:
            found = {place for word, place in meanings if word == _word(title)}
            if len(found) > 1:
                return None
            places.append(next(iter(found), None))
        named = [place for place in places if place is not None]
        all_there = len(named) == len(set(named)) == len(columns.inputs) + len(columns.outputs)
        return cls(titles, tuple(places)) if all_there and places.count(None) <= 1 else None

    def write(self, rows: Sequence[Row]) -> bytes:
        """The file of these rows, which `plain_rows` has found to be plain."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.titles)
        for row in rows:
            found = (
                row.inputs.get(place)
                if isinstance(place, InputColumn)
                else row.outputs.get(place or "")
                for place in self.places
            )
            writer.writerow(["" if cell is None else (_field(cell) or "") for cell in found])
        return text.getvalue().encode()


def plain_rows(table: Table) -> int:
    """How many rows from the first on have only cells that every reading of CSV agrees on."""
    for number, row in enumerate(table.rows):
        if any(_field(cell) is None for cell in (*row.inputs.values(), *row.outputs.values())):
            return number
    return len(table.rows)


def imported_rows(table: Table, *, standing: int) -> int:
    """How many rows from the first on are worth an import; the first `standing` are there."""
    plain = plain_rows(table)
    return plain if plain - standing >= FEWEST_IMPORTED_ROWS else 0


def refused_rows(errors: Sequence[JsonObject], table: Table, ruleset: Ruleset) -> list[Detail]:
    """An import's validation errors with the rule behind each row, and where it is written."""
    written = {rule.name: rule.at for rule in ruleset.rules}
    found: list[Detail] = []
    for error in errors:
        number = error.get("rowNumber")
        known = isinstance(number, int) and number in range(1, len(table.rows) + 1)
        rule = table.rows[int(number or 1) - 1].rule if known else None
        at = None if rule is None else written.get(rule)
        found.append(
            {
                "loc": ["" if at is None else at.path],
                "type": "import",
                "message": str(error.get("message") or "refused"),
                "row": number if known else None,
                "rule": rule,
                "line": None if at is None else at.line,
                "column": None if at is None else at.column,
            }
        )
    return found


def told_refusal(detail: Detail) -> str:
    """One of `refused_rows` as a sentence."""
    line = f"line {detail['line']}: " if detail["line"] else ""
    rule = f"`{detail['rule']}`, " if detail["rule"] else ""
    row = f"row {detail['row']}: " if detail["row"] else ""
    return f"{line}{rule}{row}{detail['message']}"


def _first_line(text: str) -> tuple[str, ...]:
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        return tuple(next(lines, ()))
    except csv.Error:
        return ()


def _meanings(columns: Columns) -> Iterator[tuple[str, ColumnKey]]:
    """Words a title may be, and what they stand for."""
    keys = [column.key for column in columns.inputs]
    for column, number in columns.inputs.items():
        yield _word(number), column
        yield _word(f"{column.key}{column.comparator}"), column
        if keys.count(column.key) == 1 and column.key not in columns.outputs:
            yield _word(column.key), column
    for key, number in columns.outputs.items():
        yield _word(number), key
        if key not in keys:
            yield _word(key), key


def _word(title: str) -> str:
    return "".join(character for character in title.casefold() if character.isalnum())


def _field(cell: Cell) -> str | None:
    """A cell as it stands in the file; None: not without a notation that is not documented."""
    if cell.field == "special":
        return None
    if cell.field == "strings":
        items = [_text(item, but="|") for item in cell.value]
        return None if not items or None in items else "|".join(item for item in items if item)
    return _scalar(cell.value)


def _scalar(value: Json) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    number = exact(value)
    if number is not None:
        return f"{number:f}" if not isinstance(number, int) else str(number)
    return _text(value, but="")


def _text(value: Json, *, but: str) -> str | None:
    text = str(value)
    plain = text and text.isprintable() and text == text.strip() and text[0] not in "<\"'=+-@"
    return text if plain and not any(character in text for character in f"\\{but}") else None
