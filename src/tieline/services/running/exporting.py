"""Every item of a run and what became of it, as JSON, JSON lines, CSV or Parquet; streaming."""

import csv
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, TextIO

from tieline.errors import InvalidInput, Unsupported
from tieline.store.ledger.reading import Item

Form = Literal["json", "jsonl", "csv", "parquet"]

COLUMNS = (
    "reference", "line", "state", "status", "execution_id", "correlation_id", "attempts", "sent_at",
    "settled_at", "input", "result", "error",
)  # fmt: skip
_STRUCTURES = frozenset({"input", "result", "error"})
_ROWS_AT_ONCE = 10_000


class Exportable(Protocol):
    """What has items: a run."""

    def items(self) -> AsyncIterator[Item]:
        """Every item in the order of its source."""
        ...


async def export(run: Exportable, to: Path | None, form: Form | None) -> int:
    """Write the items, to stdout where there is no file; returns how many.

    A file appears under its name when it is complete, not before.

    Raises:
        InvalidInput: no such format, or the file cannot be written.
        Unsupported: Parquet without pyarrow.
    """
    form = form or _form_of(to)
    if to is None:
        if form == "parquet":
            raise InvalidInput("parquet: give a file with `--to`; it is no text")
        return await _write_text(run, sys.stdout, form)
    draft = to.with_name(f".{to.name}.part")
    with _writing(to, draft):
        if form == "parquet":
            return await _write_parquet(run, draft)
        with draft.open("w", encoding="utf-8", newline="") as file:
            return await _write_text(run, file, form)


def _form_of(to: Path | None) -> Form:
    if to is None:
        return "jsonl"
    match to.suffix.lower():
        case ".json":
            return "json"
        case ".jsonl" | ".ndjson":
            return "jsonl"
        case ".csv":
            return "csv"
        case ".parquet":
            return "parquet"
    raise InvalidInput(
        f"{to}: the name tells no format", hint="add `--format csv`, or json, jsonl, parquet"
    )


@contextmanager
def _writing(to: Path, draft: Path) -> Iterator[None]:
    try:
        yield
        draft.replace(to)
    except OSError as exc:
        raise InvalidInput(
            f"{to} cannot be written: {exc.strerror}",
            hint="name a file in a folder you may write to",
        ) from exc
    finally:
        draft.unlink(missing_ok=True)


async def _write_text(run: Exportable, file: TextIO, form: Form) -> int:
    match form:
        case "csv":
            return await _write_csv(run, file)
        case "json":
            return await _write_array(run, file)
        case _:
            return await _write_lines(run, file)


async def _write_csv(run: Exportable, file: TextIO) -> int:
    table: csv.DictWriter[str] = csv.DictWriter(file, COLUMNS)
    table.writeheader()
    count = 0
    async for item in run.items():
        count += 1
        table.writerow(_flat(item))
    return count


async def _write_lines(run: Exportable, file: TextIO) -> int:
    count = 0
    async for item in run.items():
        count += 1
        file.write(_line(item) + "\n")
    return count


async def _write_array(run: Exportable, file: TextIO) -> int:
    count = 0
    file.write("[")
    async for item in run.items():
        file.write(("," if count else "") + "\n" + _line(item))
        count += 1
    file.write("\n]\n" if count else "]\n")
    return count


def _line(item: Item) -> str:
    return json.dumps(item.to_json(), ensure_ascii=False)


async def _write_parquet(run: Exportable, draft: Path) -> int:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra, and half a second
        import pyarrow.parquet as pq  # noqa: PLC0415  # see above
    except ImportError as exc:
        raise Unsupported("Parquet needs pyarrow", hint="pip install 'tieline[simulate]'") from exc
    whole = {"line", "attempts"}
    types = {name: pa.int64() if name in whole else pa.string() for name in COLUMNS}
    schema = pa.schema(list(types.items()))
    count = 0
    rows: list[dict[str, Any]] = []
    with pq.ParquetWriter(draft, schema) as writer:
        async for item in run.items():
            rows.append(_flat(item))
            if len(rows) == _ROWS_AT_ONCE:
                count += len(rows)
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))
    return count + len(rows)


def _flat(item: Item) -> dict[str, Any]:
    # A structure becomes its JSON text, an absent one stays absent.
    members = item.to_json()
    return {
        name: json.dumps(value, ensure_ascii=False)
        if name in _STRUCTURES and value is not None
        else value
        for name, value in members.items()
    }
