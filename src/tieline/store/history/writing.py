"""Rows of a history into a file: JSON lines as they come, Parquet once all columns are known."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tieline.errors import InvalidInput, StoreUnavailable
from tieline.types import Json

_BATCH_ROWS = 50_000
FORMATS = (".parquet", ".jsonl")


class HistoryWriter:
    """Writes beside the file and puts it in place at the end: a file that is there is whole.

    Columns in `types` have that type (`string`, `integer`, `date-time`, `array` of strings), all
    others are text.
    """

    def __init__(self, path: Path, types: Mapping[str, str]) -> None:
        """Refuse a path of another format at once.

        Raises:
            InvalidInput: it is neither Parquet nor JSON lines.
        """
        if path.suffix not in FORMATS:
            raise InvalidInput(f"{path} is neither .parquet nor .jsonl")
        self._path = path
        self._types = types
        self._columns = dict.fromkeys(types)
        self._rows = path.with_name(f".{path.name}.rows")
        self.count = 0

    def __enter__(self) -> Self:
        """Open the file beside it.

        Raises:
            StoreUnavailable: its folder is not there, or may not be written to.
        """
        try:
            self._file = self._rows.open("w", encoding="utf-8")
        except OSError as exc:
            raise StoreUnavailable(f"{self._path} cannot be written: {exc.strerror}") from exc
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the file in place; leave nothing after an error."""
        self._file.close()
        try:
            if error is None:
                self._finish()
        finally:
            self._rows.unlink(missing_ok=True)

    def add(self, row: Mapping[str, Json]) -> None:
        """Append a row; what is None is left out."""
        kept = {name: value for name, value in row.items() if value is not None}
        self._columns.update(dict.fromkeys(kept))
        self._file.write(json.dumps(kept, ensure_ascii=False) + "\n")
        self.count += 1

    def _finish(self) -> None:
        if self._path.suffix == ".jsonl":
            self._rows.replace(self._path)
            return
        import pyarrow as pa  # noqa: PLC0415  # an extra
        import pyarrow.parquet as pq  # noqa: PLC0415  # same

        kinds = {"integer": pa.int64(), "array": pa.list_(pa.string())}
        schema = pa.schema(
            [(name, kinds.get(self._types.get(name, ""), pa.string())) for name in self._columns]
        )
        whole = self._path.with_name(f".{self._path.name}.whole")
        with pq.ParquetWriter(whole, schema) as writer:
            for rows in self._batches():
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
        whole.replace(self._path)

    def _batches(self) -> Iterator[list[dict[str, Any]]]:
        with self._rows.open(encoding="utf-8") as lines:
            rows: list[dict[str, Any]] = []
            for line in lines:
                rows.append(json.loads(line))
                if len(rows) == _BATCH_ROWS:
                    yield rows
                    rows = []
            yield rows
