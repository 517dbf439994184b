"""Parquet: the columns the rules read, a batch at a time, strings as dictionaries."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tieline.errors import InvalidInput
from tieline.rules.simulation.batch import Batch, Piece
from tieline.rules.simulation.decoder import Decoder

# Large enough that a rule costs little more than its bitmaps, small enough for the cache.
BATCH_ROWS = 2**18


def parquet_pieces(
    path: Path, decoder: Decoder, *, row_groups: range | None = None, first_row: int = 0
) -> Iterator[Piece]:
    """Read a file, or some of its row groups; `first_row` is the number of their first record.

    Raises:
        InvalidInput: no Parquet file, a damaged one, or one with two columns of a field's name.
    """
    try:
        with pq.ParquetFile(path, read_dictionary=_texts(path, decoder)) as file:
            columns = _columns(path, file.schema_arrow, decoder)
            for batch in file.iter_batches(
                batch_size=BATCH_ROWS,
                columns=columns,
                row_groups=None if row_groups is None else list(row_groups),
            ):
                yield partial(_decoded, decoder, batch, first_row)
                first_row += batch.num_rows
    except (pa.ArrowException, OSError) as exc:
        raise unreadable(path, exc) from exc


def parquet_columns(path: Path) -> list[str]:
    """The names of a file's columns.

    Raises:
        InvalidInput: no Parquet file, or a damaged one.
    """
    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as exc:
        raise unreadable(path, exc) from exc


def rows_of_groups(path: Path) -> list[int]:
    """How many records each row group of a file has.

    Raises:
        InvalidInput: no Parquet file, or a damaged one.
    """
    try:
        meta = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as exc:
        raise unreadable(path, exc) from exc
    return [meta.row_group(place).num_rows for place in range(meta.num_row_groups)]


def unreadable(path: Path, exc: Exception) -> InvalidInput:
    """The error of a history that cannot be read."""
    reason = str(exc).split("\n", 1)[0]
    return InvalidInput(
        f"{path} cannot be read as a history: {reason}",
        hint="a history is .parquet, .csv, .jsonl, or a folder of such files",
    )


def _decoded(decoder: Decoder, batch: pa.RecordBatch, first_row: int) -> Iterator[Batch]:
    yield decoder.columns(batch, first_row=first_row)


def _columns(path: Path, schema: pa.Schema, decoder: Decoder) -> list[str]:
    for name in decoder.names:
        if len(schema.get_all_field_indices(name)) > 1:
            raise InvalidInput(f"{path} has several columns `{name}`")
    return [name for name in decoder.names if name in schema.names]


def _texts(path: Path, decoder: Decoder) -> list[str]:
    kinds = {pa.string(), pa.large_string()}
    types = decoder.interpreter.types
    schema = pq.read_schema(path)
    return [
        name
        for name in schema.names
        if name in types and types[name].kind == "string" and schema.field(name).type in kinds
    ]
