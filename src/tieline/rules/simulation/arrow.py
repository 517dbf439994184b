"""From Arrow's columns to ours: what compares exactly, and which records hold a wrong type.

Parquet and Arrow files are typed, so a whole column fits its field or does not; the exceptions (a
number that is not whole, a text that is no date-time, an array with a null) are found value by
value. A record with a wrong type is invalid and matches nothing.
"""

# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported.

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tieline.rules.evaluate import Interpreter
from tieline.rules.field_type import FieldType, wrong_type
from tieline.rules.simulation.bitmap import Flags, Words, full, pack
from tieline.rules.simulation.columns import (
    Chunk,
    Coded,
    Column,
    Flagged,
    Listed,
    Members,
    Numbered,
    narrowest_codes,
    narrowest_integers,
)
from tieline.rules.simulation.distinct import Texts, Values

# What a machine reads at once; fraction digits beyond the ninth are left to the interpreter.
DATE_TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column, and the records whose value is of a wrong type (None where all fit)."""

    column: Column | None
    wrong: Flags | None = None


class Encoder:
    """Encodes the fields of one rule set; other columns of a history are not looked at."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._types = interpreter.types
        self._required = interpreter.ruleset.required
        self._texts: dict[str, Texts] = {}
        self._as_text = {  # date-times that some rule also reads as text
            condition.field
            for rule in interpreter.rules
            for condition in conditions(rule.when)
            if condition.operator in {"contains", "regex"}
        }

    def chunk(self, batch: pa.RecordBatch, *, first_row: int = 0) -> Chunk:
        """Encode a batch of records."""
        length = batch.num_rows
        valid = full(length)
        columns: dict[str, Column] = {}
        names = set(batch.schema.names)
        for name, known in self._types.items():
            if name in names:
                encoded = self.column(known, batch.column(name))
                if encoded.column is not None:
                    columns[name] = encoded.column
                if encoded.wrong is not None:
                    valid &= ~pack(encoded.wrong)
        return Chunk(length, self.with_required(valid, columns), columns, first_row)

    def with_required(self, valid: Words, columns: Mapping[str, Column]) -> Words:
        """Those of the valid records that lack no required field."""
        for name in self._required:
            column = columns.get(name)
            valid = valid & column.present if column is not None else np.zeros_like(valid)
        return valid

    def column(self, known: FieldType, array: pa.Array) -> Encoded:
        """Encode one column as its field's type."""
        if pa.types.is_null(array.type):
            return Encoded(None)
        if pa.types.is_dictionary(array.type) and known.kind != "string":
            array = array.dictionary_decode()
        elif pa.types.is_fixed_size_list(array.type):
            array = array.cast(pa.list_(array.type.value_type))
        elif pa.types.is_string_view(array.type):
            array = array.cast(pa.string())
        encode = _BY_KIND.get(known.kind, _objects)
        if known.kind == "date-time" and known.name in self._as_text:
            encode = _value_by_value
        encoded = encode(known, array)
        if encoded is None:
            return _all_wrong(array)
        if isinstance(encoded.column, Coded) and isinstance(encoded.column.values, Texts):
            return replace(encoded, column=self._shared(known.name, encoded.column))
        return encoded

    def _shared(self, name: str, column: Coded) -> Coded:
        """The column with the texts of the batch before where they are the same: compared once."""
        before = self._texts.get(name)
        if before is not None and before.same_as(column.values):
            return replace(column, values=before)
        if isinstance(column.values, Texts):
            self._texts[name] = column.values
        return column


def conditions(expression: Any) -> list[Any]:
    """List the conditions of an expression."""
    found, stack = [], [expression]
    while stack:
        part = stack.pop()
        children = getattr(part, "children", None) or (
            (part.child,) if hasattr(part, "child") else ()
        )
        stack.extend(children)
        if not children and hasattr(part, "operator"):
            found.append(part)
    return found


def present_words(array: pa.Array) -> Words:
    """The records that hold a value."""
    if not array.null_count:
        return full(len(array))
    return pack(array.is_valid().to_numpy(zero_copy_only=False))


def _booleans(_known: FieldType, array: pa.Array) -> Encoded | None:
    if not pa.types.is_boolean(array.type):
        return None
    present = present_words(array)
    true = pack(pc.fill_null(array, False).to_numpy(zero_copy_only=False))
    return Encoded(Flagged(present, true))


def _numbers(known: FieldType, array: pa.Array) -> Encoded | None:
    if pa.types.is_integer(array.type):
        if pa.types.is_uint64(array.type):
            return _value_by_value(known, array)
        filled = pc.fill_null(array, 0).cast(pa.int64()).to_numpy()
        return Encoded(Numbered(present_words(array), narrowest_integers(filled)))
    if pa.types.is_floating(array.type):
        return _doubles(known, array.cast(pa.float64()))
    return _value_by_value(known, array) if pa.types.is_decimal(array.type) else None


def _doubles(known: FieldType, array: pa.Array) -> Encoded:
    doubles = pc.fill_null(array, 0.0).to_numpy()
    wrong = ~np.isfinite(doubles)
    if known.kind == "integer":
        wrong |= np.floor(doubles) != doubles
    column = Numbered(present_words(array), doubles)
    return Encoded(column, wrong if wrong.any() else None)


def _strings(_known: FieldType, array: pa.Array) -> Encoded | None:
    if not pa.types.is_dictionary(array.type):
        if not _is_text(array.type):
            return None
        array = array.dictionary_encode()
    elif not _is_text(array.type.value_type):
        return None
    codes = pc.fill_null(array.indices, 0).to_numpy()
    texts = array.dictionary
    return Encoded(Coded(present_words(array), narrowest_codes(codes, len(texts)), Texts(texts)))


def _instants(known: FieldType, array: pa.Array) -> Encoded | None:
    if pa.types.is_timestamp(array.type):
        # a local time names no instant
        return None if array.type.tz is None else Encoded(_moments(array))
    if not _is_text(array.type):
        return None
    plain = pc.match_substring_regex(array, DATE_TIME)
    if not pc.all(plain, skip_nulls=True, min_count=0).as_py():
        return _value_by_value(known, array)
    try:
        return Encoded(_moments(pc.utf8_upper(array).cast(pa.timestamp("ns", "UTC"))))
    except pa.ArrowInvalid:  # the 30th of February, a leap second, the year 1600
        return _value_by_value(known, array)


def _moments(array: pa.Array) -> Numbered:
    numbers = pc.fill_null(array.cast(pa.int64()), 0).to_numpy()
    return Numbered(present_words(array), numbers, PER_SECOND[array.type.unit])


def _arrays(known: FieldType, array: pa.Array) -> Encoded | None:
    if known.items is None or not (
        pa.types.is_list(array.type) or pa.types.is_large_list(array.type)
    ):
        return None
    offsets, flat = _offsets(array), array.flatten()
    member = None if pa.types.is_null(flat.type) else _BY_KIND[known.items.kind](known.items, flat)
    if member is None or member.column is None:  # every record with a member is wrong
        nothing = Coded(full(len(flat)), np.zeros(len(flat), np.uint8), Values())
        return Encoded(Listed(present_words(array), offsets, nothing), np.diff(offsets) > 0)
    bad = np.zeros(len(flat), dtype=np.bool_) if member.wrong is None else member.wrong
    if flat.null_count:
        bad = bad | flat.is_null().to_numpy(zero_copy_only=False)
    before = np.concatenate([[0], np.cumsum(bad)])
    wrong = before[offsets[1:]] > before[offsets[:-1]]
    members: Members = member.column  # type: ignore[assignment]  # an array's items are plain
    return Encoded(Listed(present_words(array), offsets, members), wrong if bad.any() else None)


def _offsets(array: pa.Array) -> Any:
    """Where each record's members begin in the flattened array; a null has none."""
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy().astype(np.int64)
    return np.concatenate([[0], np.cumsum(lengths)])


def _objects(known: FieldType, array: pa.Array) -> Encoded | None:
    """An object is only ever asked whether it exists."""
    if known.kind != "object" or not (
        pa.types.is_struct(array.type) or pa.types.is_map(array.type)
    ):
        return None
    present = present_words(array)
    return Encoded(Flagged(present, present))


def _value_by_value(known: FieldType, array: pa.Array) -> Encoded | None:
    """Values that no machine form holds exactly: the interpreter sees each distinct one."""
    if known.kind == "date-time" and not _is_text(array.type):
        return None
    coded = array.dictionary_encode()
    values = Values()
    distinct = coded.dictionary.to_pylist()
    bad = np.array([wrong_type(known, value) is not None for value in distinct] or [False])
    # What is wrong compares with nothing, so nothing stands in its place.
    usable = [None if is_bad else value for value, is_bad in zip(distinct, bad, strict=False)]
    codes = np.array([values.code(value) for value in usable] or [0], dtype=np.int64)
    taken = pc.fill_null(coded.indices, 0).to_numpy()
    wrong = bad[taken] & array.is_valid().to_numpy(zero_copy_only=False)
    column = Coded(present_words(array), narrowest_codes(codes[taken], len(values)), values)
    return Encoded(column, wrong if wrong.any() else None)


def _all_wrong(array: pa.Array) -> Encoded:
    """A column of another type: every record that holds a value there is invalid."""
    return Encoded(None, array.is_valid().to_numpy(zero_copy_only=False))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


_BY_KIND: dict[str, Callable[[FieldType, pa.Array], Encoded | None]] = {
    "boolean": _booleans,
    "integer": _numbers,
    "number": _numbers,
    "string": _strings,
    "date-time": _instants,
    "array": _arrays,
    "object": _objects,
}
