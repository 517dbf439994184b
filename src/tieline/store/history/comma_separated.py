"""CSV (RFC 4180) with a header: cells as text, cast by the rules' fields; see `cells`.

A row of too many or too few cells is counted and invalid. Empty lines are no records. A record's
row is its number in the file, the header not counted.
"""

import csv
import mmap
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from tieline.errors import InvalidInput
from tieline.rules.simulation.batch import Batch, Piece, Problem
from tieline.rules.simulation.bitmap import Flags
from tieline.rules.simulation.decoder import Decoder, Rows
from tieline.store.history.parquet import unreadable

# A row has to fit into a block.
BLOCK_BYTES = 16 * 2**20
# A quote opens a cell only where the cell begins; two inside stand for one.
_QUOTED = re.compile(rb'(?:\A(?:\xef\xbb\xbf)?|[,\r\n])(?P<open>")(?:[^"]|"")*+(?P<closed>"?)')


class _Ragged:
    """Rows whose number of cells is not the header's, as Arrow meets them ahead of the batches."""

    def __init__(self) -> None:
        self._met: list[Problem] = []

    def meet(self, row: pc.InvalidRow) -> str:
        """Keep the row's number; Arrow counts the header, from 1."""
        told = f"{row.actual_columns} cells under a header of {row.expected_columns}"
        self._met.append((row.number - 2, told))
        return "skip"

    def among(self, first: int, length: int) -> tuple[Problem, ...]:
        """Those that stood among the next `length` good rows, or right behind them."""
        end = first + length
        taken = []
        while self._met and self._met[0][0] <= end:
            taken.append(self._met.pop(0))
            end += 1
        return tuple(taken)


def csv_pieces(path: Path, decoder: Decoder) -> Iterator[Piece]:
    """Read a file.

    Raises:
        InvalidInput: no header, a name twice in it, a quote that is never closed, or no CSV at all.
    """
    names = [name for name in csv_header(path) if name in decoder.names]
    _check_quotes(path)
    ragged = _Ragged()
    first = 0
    try:
        with pc.open_csv(
            path,
            read_options=pc.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
            parse_options=pc.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged.meet),
            convert_options=pc.ConvertOptions(
                include_columns=names or [_ANY],
                include_missing_columns=True,
                column_types=dict.fromkeys([*names, _ANY], pa.binary()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        ) as reader:
            for batch in reader:
                among = ragged.among(first, batch.num_rows)
                yield partial(_decoded, decoder, batch, first, among)
                first += batch.num_rows + len(among)
            left = ragged.among(first, 0)
            if left:  # no good row came behind them
                yield partial(_decoded, decoder, _no_rows(reader.schema), first, left)
    except (pa.ArrowException, OSError) as exc:
        raise unreadable(path, exc) from exc


# A column no file has, so that rows are counted where none of the fields is among the columns.
_ANY = "\x00"


def csv_header(path: Path) -> list[str]:
    """The names of a file's columns.

    Raises:
        InvalidInput: there are none, or one stands twice.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            names = next(csv.reader(file), [])
    except (OSError, csv.Error) as exc:
        raise unreadable(path, exc) from exc
    if not names:
        raise InvalidInput(f"{path} has no header", hint="the first line names the columns")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"{path} has several columns `{twice}`")
    return names


def _check_quotes(path: Path) -> None:
    """A cell whose quote is never closed would take all that follows it for its text.

    Only an odd number of quotes can leave one open, or a cell with a quote inside, which is fine.
    """
    try:
        with path.open("rb") as file:
            quotes = sum(block.count(b'"') for block in iter(partial(file.read, BLOCK_BYTES), b""))
            if quotes % 2 == 0:
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                opened = next((o for o in _QUOTED.finditer(content) if not o["closed"]), None)
                line = 0 if opened is None else content[: opened.start("open")].count(b"\n") + 1
    except OSError as exc:
        raise unreadable(path, exc) from exc
    if line:
        raise InvalidInput(
            f"{path} ends inside a quoted cell", hint=f"the quote in line {line} is never closed"
        )


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array([], kind) for kind in schema.types], names=schema.names
    )


def _decoded(
    decoder: Decoder, batch: pa.RecordBatch, first: int, ragged: tuple[Problem, ...]
) -> Iterator[Batch]:
    broken: Flags | None = None
    texts = []
    for cells in batch.columns:
        try:
            texts.append(cells.cast(pa.string()))
        except pa.ArrowInvalid:  # not UTF-8
            values = [_text(cell) for cell in cells.to_pylist()]
            bad = np.array([value is False for value in values])
            broken = bad if broken is None else broken | bad
            texts.append(pa.array([value or None for value in values], pa.string()))
    text_batch = pa.RecordBatch.from_arrays(texts, names=batch.schema.names)
    yield decoder.cells(text_batch, Rows(first, ragged, broken))


def _text(cell: bytes | None) -> str | bool | None:
    """The cell's text, False where it is none."""
    if cell is None:
        return None
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return False
