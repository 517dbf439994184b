"""JSON lines: blocks of whole lines; whatever Arrow might read differently is parsed line by line.

Arrow's reader takes what is no JSON (NaN, comments, two objects on a line), rounds long numbers and
gives up on a block at the first value of another type. So a block goes to it only where none of
that can be, and a block it refuses is cut in smaller ones, until what is left is parsed strictly.
"""

# pyarrow.compute makes its functions when it is imported; no checker sees them.
# pyright: reportAttributeAccessIssue=false

import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
import re2

from tieline.rules.exact_number import Number, number_from_json
from tieline.rules.simulation.batch import Batch, Piece
from tieline.rules.simulation.decoder import Decoder, Unreadable
from tieline.store.history.parquet import unreadable
from tieline.types import Json

BLOCK_BYTES = 16 * 2**20
# A line that does not end within this is no record of a conversation.
LONGEST_LINE_BYTES = 64 * 2**20
# So few lines, or fewer, are parsed one by one where Arrow refused them.
SMALLEST_BLOCK_LINES = 1_024
CUTS = 16
# Two objects on a line, NaN or an infinity, a comment, the byte at which Arrow stops reading. Where
# only a text holds the like, a slower reader is asked for nothing.
_ODD = re2.compile(rb"\}[ \t\r]*\{|[:\[,][ \t]*-?(?:NaN|Inf)|/\*|\x00")
# More than a double holds: 17 digits and points, 16 digits from 2**53 or times a power of ten; an
# exponent of three digits: perhaps no double.
_LONG_NUMBER = re2.compile(rb"[0-9.]{17}|9[0-9]{15}|[0-9]{16}[eE]|[0-9][eE][+-]?[0-9]{3}")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def json_lines_pieces(path: Path, decoder: Decoder) -> Iterator[Piece]:
    """Read a file; a record's row is its line, and lines of blanks are no records.

    Raises:
        InvalidInput: the file cannot be read.
    """
    first_row = 0
    try:
        with path.open("rb") as file:
            for block in _blocks(file):
                yield partial(decoded, decoder, block, first_row)
                first_row += block.count(b"\n")
    except OSError as exc:
        raise unreadable(path, exc) from exc


def decoded(decoder: Decoder, block: bytes, first_row: int) -> Iterator[Batch]:
    """Decode whole lines, quickly where that is exact."""
    schema = _schema(decoder)
    if schema is not None and _is_plain(block, schema):
        table = _read(block, schema)
        if table is not None and _is_finite(table):
            for batch in table.combine_chunks().to_batches():
                yield decoder.columns(batch, first_row=first_row)
                first_row += batch.num_rows
            return
    lines = block.count(b"\n")
    if schema is not None and lines > SMALLEST_BLOCK_LINES:
        for part in _parts(block, max(SMALLEST_BLOCK_LINES, lines // CUTS)):
            yield from decoded(decoder, part, first_row)
            first_row += part.count(b"\n")
        return
    yield _one_by_one(decoder, block, first_row)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Blocks of whole lines, each line ended."""
    rest = file.read(len(_BYTE_ORDER_MARK)).removeprefix(_BYTE_ORDER_MARK)
    while read := file.read(BLOCK_BYTES):
        block = rest + read
        end = block.rfind(b"\n") + 1
        if end == 0 and len(block) > LONGEST_LINE_BYTES:
            raise OSError(f"a line is longer than {LONGEST_LINE_BYTES:,} bytes")
        rest = block[end:]
        if end:
            yield block[:end]
    if rest:
        yield rest + b"\n"


def _parts(block: bytes, lines: int) -> Iterator[bytes]:
    start = end = count = 0
    while (end := block.find(b"\n", end) + 1) > 0:
        count += 1
        if count == lines:
            yield block[start:end]
            start, count = end, 0
    if start < len(block):
        yield block[start:]


def _is_plain(block: bytes, schema: pa.Schema) -> bool:
    """Whether every line is one object, and Arrow reads what is written and nothing else."""
    lines = block.count(b"\n")
    if (block.startswith(b"{") + block.count(b"\n{")) != lines:
        return False
    if block.count(b"}\n") + block.count(b"}\r\n") != lines or _ODD.search(block):
        return False
    if pa.float64() in _plain_types(schema) and _LONG_NUMBER.search(block):
        return False
    return block.isascii() or _is_utf8(block)


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_finite(table: pa.Table) -> bool:
    """Whether no number was beyond all doubles."""
    return all(
        pc.all(pc.is_finite(column), min_count=0).as_py() is not False
        for column in table.columns
        if column.type == pa.float64()
    )


def _plain_types(schema: pa.Schema) -> set[pa.DataType]:
    return {kind.value_type if pa.types.is_list(kind) else kind for kind in schema.types}


def _read(block: bytes, schema: pa.Schema) -> pa.Table | None:
    """The block as columns; None where a value is of another type, or the text no JSON."""
    options = pj.ReadOptions(block_size=len(block) + 1, use_threads=False)
    parsing = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        table = pj.read_json(io.BytesIO(block), read_options=options, parse_options=parsing)
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    return table if table.num_rows == block.count(b"\n") else None


_ARROW_TYPES = {
    "string": pa.string(),
    "date-time": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}


def _schema(decoder: Decoder) -> pa.Schema | None:
    """How Arrow is to read the fields; None where one of them is an object."""
    types = dict(decoder.interpreter.types)
    if decoder.time is not None:
        types.setdefault(decoder.time.name, decoder.time)
    fields = []
    for name, known in types.items():
        kind = (
            _ARROW_TYPES.get(known.kind)
            if known.items is None
            else pa.list_(_ARROW_TYPES[known.items.kind])
        )
        if kind is None:
            return None
        fields.append(pa.field(name, kind))
    return pa.schema(fields)


def _one_by_one(decoder: Decoder, block: bytes, first_row: int) -> Batch:
    records: list[Json] = []
    blank: list[int] = []
    parse = _Strict(frozenset(decoder.names)).record
    for row, line in enumerate(block.split(b"\n")[:-1], first_row):
        if line.strip(b" \t\r"):
            records.append(parse(line))
        else:
            blank.append(row)
    return decoder.records(records, first_row=first_row, gaps=tuple(blank))


class _Repeated(dict[str, Any]):
    """An object that had one of its keys twice."""


class _Strict:
    """Parses one line after another: numbers exact, no name of a field twice."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=_decimal,
            parse_int=number_from_json,
            parse_constant=_refuse,
        )

    def record(self, line: bytes) -> Json:
        """The line's value, or why there is none."""
        try:
            value = self._decoder.decode(line.decode())
        except UnicodeDecodeError:
            return Unreadable("the line is not UTF-8")
        except RecursionError:
            return Unreadable("the line is nested too deep")
        except ValueError as exc:
            return Unreadable(f"the line is not JSON: {exc}")
        return Unreadable("a field occurs twice") if isinstance(value, _Repeated) else value

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        names = [name for name, _ in pairs if name in self._names]
        return found if len(names) == len(set(names)) else _Repeated(found)


def _decimal(text: str) -> float | Number:
    """A float where it means exactly what is written, which is quicker to compare."""
    number = float(text)
    return number if repr(number) == text else number_from_json(text)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")
