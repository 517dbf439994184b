"""Items from the lines of a file: JSONL or CSV. Everything that is wrong is told with its line.

Lines come as bytes with their ends; a line longer than `LARGEST_ITEM_BYTES` may come cut.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Literal

import orjson

from tieline.errors import InvalidInput
from tieline.runs.item import NewItem, Reject
from tieline.runs.item_text import LARGEST_ITEM_BYTES, read_item, reference_of, reject

Format = Literal["jsonl", "csv"]

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def format_of(name: str) -> Format:
    """The format a file's name tells; `-` (stdin) is JSONL.

    Raises:
        InvalidInput: any other ending.
    """
    lower = name.lower()
    if lower.endswith(".csv"):
        return "csv"
    if lower == "-" or lower.endswith((".jsonl", ".ndjson")):
        return "jsonl"
    raise InvalidInput(
        f"{name}: items come in a .jsonl or a .csv file",
        hint="a JSON array becomes JSON lines with: jq -c '.[]' items.json > items.jsonl",
    )


def read_items(
    lines: Iterable[bytes], *, form: Format, reference_field: str | None
) -> Iterator[NewItem | Reject]:
    """Every item and everything that is none, in the order of the source.

    Raises:
        InvalidInput: the source as a whole is not in this format.
    """
    whole = _unmarked(lines)
    if form == "jsonl":
        return _from_jsonl(whole, reference_field)
    return _from_csv(whole, reference_field)


def _unmarked(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        if number == 0 and line.startswith(_UTF16_BOMS):
            raise InvalidInput(
                "the items are in UTF-16; they must be in UTF-8",
                hint="iconv -f utf-16 -t utf-8 items.csv > items-utf8.csv",
            )
        yield line.removeprefix(_UTF8_BOM) if number == 0 else line


def _from_jsonl(lines: Iterable[bytes], reference_field: str | None) -> Iterator[NewItem | Reject]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield read_item(line, line=number, reference_field=reference_field)


def _from_csv(lines: Iterable[bytes], reference_field: str | None) -> Iterator[NewItem | Reject]:
    decoded = _Decoded(lines)
    rows = csv.reader(decoded, strict=True)
    header = _header(rows)
    if header is None:
        return
    if reference_field is not None and reference_field not in header:
        raise InvalidInput(
            f"line 1: there is no column {reference_field!r} for the reference",
            hint=f"its columns are {', '.join(header[:20])}",
        )
    while True:
        number = decoded.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError) as wrong:
            yield reject(number, _csv_message(wrong), decoded.last)
            continue
        if row:
            yield _from_row(header, row, number, reference_field)


class _Decoded:
    """Lines as text; remembers where it is, so that an error can name the line."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self.number = 0
        self.last = b""

    def __iter__(self) -> "Iterator[str]":
        return self

    def __next__(self) -> str:
        self.last = next(self._lines)
        self.number += 1
        return self.last.decode("utf-8")


def _header(rows: Iterator[list[str]]) -> list[str] | None:
    try:
        header = next(rows, None)
    except (csv.Error, UnicodeDecodeError) as wrong:
        raise InvalidInput(f"line 1: {_csv_message(wrong)}") from wrong
    if header is None:
        return None
    if not all(header):
        raise InvalidInput(
            "line 1: the header has an empty column name",
            hint="a column's name is the name of an input: give each one",
        )
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise InvalidInput(
            f"line 1: the header has the column {twice!r} twice",
            hint="a column's name is the name of an input: leave one of them out",
        )
    return header


def _from_row(
    header: list[str], row: list[str], number: int, reference_field: str | None
) -> NewItem | Reject:
    raw = ",".join(row).encode("utf-8", "surrogatepass")
    if len(row) != len(header):
        return reject(number, f"{len(row)} fields; the header has {len(header)}", raw)
    if len(raw) > LARGEST_ITEM_BYTES:
        return reject(number, f"larger than {LARGEST_ITEM_BYTES:,} bytes", raw)
    value = dict(zip(header, row, strict=True))
    try:
        reference = reference_of(value, reference_field)
    except InvalidInput as refused:
        return reject(number, refused.message, raw)
    return NewItem(line=number, text=orjson.dumps(value).decode(), reference=reference)


def _csv_message(wrong: Exception) -> str:
    if isinstance(wrong, UnicodeDecodeError):
        return f"byte {wrong.start + 1} (0x{wrong.object[wrong.start]:02x}) is not UTF-8"
    if "field larger than field limit" in str(wrong):
        return f"a field of more than {csv.field_size_limit():,} characters; JSONL takes longer"
    return str(wrong)
