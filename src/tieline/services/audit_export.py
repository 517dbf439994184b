"""Writes the audit log for other programs: JSON lines, CSV, Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson

from tieline.audit.schema import record_schema
from tieline.audit.views import Row, View, rows
from tieline.errors import Unsupported
from tieline.store.segments.reading import all_lines, all_records

Format = Literal["jsonl", "csv", "parquet"]

_ROWS_A_GROUP = 10_000
_NUMBERS = {"integer": "int64", "number": "float64", "boolean": "bool_"}
_VIEW_NUMBERS = {"latency_ms": "float64", "pii_masked": "bool_"}

_GUIDE0 = ("timestamp", "custom_code_id", "inputs", "latency_ms", "status", "payload", "error")
_GUIDE1 = (
    "timestamp", "action_id", "version", "input_hash", "output_status", "trace_id", "latency_ms",
    "compliance_level", "pii_masked",
)  # fmt: skip


def export_log(folder: Path, to: BinaryIO, *, form: Format, view: View = "records") -> int:
    """Write all records and return how many rows that were.

    `records` as `jsonl` are the very bytes of the log. In CSV and Parquet a structure is one cell
    of JSON.

    Raises:
        Unsupported: Parquet without pyarrow.
        StoreUnavailable: the log cannot be read.
    """
    if form == "jsonl" and view == "records":
        return _copy(all_lines(folder), to)
    shown = rows(all_records(folder), view)
    match form:
        case "jsonl":
            return _copy(map(orjson.dumps, shown), to)
        case "csv":
            return _write_csv(shown, to, columns_of(view))
        case "parquet":
            return _write_parquet(shown, to, columns_of(view))


def columns_of(view: View) -> tuple[str, ...]:
    """The columns of a view, in the order people read them."""
    match view:
        case "records":
            return tuple(record_schema()["properties"])
        case "guide0":
            return _GUIDE0
        case "guide1":
            return _GUIDE1


def _copy(lines: Iterable[bytes], to: BinaryIO) -> int:
    count = 0
    for line in lines:
        to.write(line + b"\n")
        count += 1
    return count


def _write_csv(shown: Iterator[Row], to: BinaryIO, columns: tuple[str, ...]) -> int:
    text = io.TextIOWrapper(to, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    count = 0
    for row in shown:
        writer.writerow([_cell(row.get(name)) for name in columns])
        count += 1
    text.detach()
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list | bool):
        return orjson.dumps(value).decode()
    return "" if value is None else value


def _write_parquet(shown: Iterator[Row], to: BinaryIO, columns: tuple[str, ...]) -> int:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra; loading it costs 100 ms
        import pyarrow.parquet as pq  # noqa: PLC0415  # same
    except ImportError as exc:
        raise Unsupported(
            "Parquet needs pyarrow, which is not installed",
            hint="pip install 'tieline[simulate]', or export as csv or jsonl",
        ) from exc
    types = {name: _column_type(name) for name in columns}
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in types.items()])
    count = 0
    with pq.ParquetWriter(to, schema) as writer:
        while group := list(islice(shown, _ROWS_A_GROUP)):
            cells = {
                name: [_typed(row.get(name), kind) for row in group] for name, kind in types.items()
            }
            writer.write_table(pa.table(cells, schema=schema))
            count += len(group)
    return count


def _column_type(name: str) -> str:
    declared = record_schema()["properties"].get(name, {}).get("type")
    return _NUMBERS.get(declared, _VIEW_NUMBERS.get(name, "string"))


def _typed(value: Any, kind: str) -> Any:
    if value is None or kind != "string" or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
