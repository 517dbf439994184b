"""From records as JSON has them to a chunk: exact for anything JSON can hold, one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tieline.rules.evaluate import Interpreter
from tieline.rules.field_type import FieldType
from tieline.rules.simulation.bitmap import full, pack
from tieline.rules.simulation.columns import Chunk, Coded, Column, Listed, narrowest_codes
from tieline.rules.simulation.distinct import Values
from tieline.types import Json


def chunk_of_records(
    interpreter: Interpreter,
    records: Sequence[Json],
    *,
    first_row: int = 0,
    gaps: tuple[int, ...] = (),
) -> Chunk:
    """Encode records; one that the interpreter calls invalid has no bit in `valid`."""
    valid = np.array([interpreter.invalid(record) is None for record in records], dtype=np.bool_)
    usable: list[Mapping[str, Any]] = [
        record if fits else {} for record, fits in zip(records, valid, strict=True)
    ]
    columns = {
        name: _column(known, [record.get(name) for record in usable])
        for name, known in interpreter.types.items()
    }
    return Chunk(len(records), pack(valid), columns, first_row, gaps)


def instants_column(values: Sequence[Json]) -> Column:
    """A column of date-times; what is no text stands as null."""
    texts = [value if isinstance(value, str) else None for value in values]
    return Coded(pack(np.array([t is not None for t in texts], dtype=np.bool_)), *_coded(texts))


def _column(known: FieldType, values: Sequence[Json]) -> Column:
    present = pack(np.array([value is not None for value in values], dtype=np.bool_))
    if known.items is None:
        return Coded(present, *_coded([_hashable(value) for value in values]))
    lists = [value or () for value in values]
    lengths = np.array([len(members) for members in lists], dtype=np.int64)
    flat = [member for members in lists for member in members]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Listed(present, offsets, Coded(full(len(flat)), *_coded(flat)))


def _coded(values: Sequence[Json]) -> tuple[Any, Values]:
    distinct = Values()
    codes = np.fromiter((distinct.code(value) for value in values), np.int64, len(values))
    return narrowest_codes(codes, len(distinct)), distinct


def _hashable(value: Json) -> Json:
    """An object is only asked whether it exists: any value stands for it."""
    return True if isinstance(value, Mapping) else value
