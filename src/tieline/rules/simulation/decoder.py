"""From what a history's file holds to batches: Arrow's columns, text cells, or parsed records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from tieline.rules.evaluate import Interpreter
from tieline.rules.simulation.arrow import Encoder
from tieline.rules.simulation.batch import Batch, Problem, problems_of
from tieline.rules.simulation.bitmap import Flags, full, pack
from tieline.rules.simulation.cells import WRONG, cell_value, encode_cells
from tieline.rules.simulation.columns import Chunk, Column
from tieline.rules.simulation.hours import Hours, hours_of
from tieline.rules.simulation.question import Question
from tieline.rules.simulation.records import chunk_of_records, instants_column
from tieline.rules.simulation.tally import MOST_SAMPLES
from tieline.types import Json


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands where a record could not be read: it is no object, so it is counted invalid."""

    problem: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a batch of cells stood: `ragged` rows among them, `broken` ones that are no text."""

    first: int
    ragged: tuple[Problem, ...] = ()
    broken: Flags | None = None


class Decoder:
    """Makes batches for one question. Safe to use from several threads."""

    def __init__(self, question: Question) -> None:
        self.interpreter = Interpreter(question.read_by())
        self.time = question.time()
        self._encoder = Encoder(self.interpreter)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read: the fields', and the time field."""
        time = () if self.time is None else (self.time.name,)
        return tuple(dict.fromkeys((*self.interpreter.types, *time)))

    def columns(self, batch: pa.RecordBatch, *, first_row: int = 0) -> Batch:
        """Decode typed columns, as Parquet holds them."""
        chunk = self._encoder.chunk(batch, first_row=first_row)

        def record_at(place: int) -> Mapping[str, Any]:
            return arrow_record(batch, place)

        problems = problems_of(chunk, record_at, self.interpreter)
        return Batch(chunk, record_at, self._hours(chunk, batch), problems=tuple(problems))

    def cells(self, batch: pa.RecordBatch, rows: Rows) -> Batch:
        """Decode text cells, as CSV holds them: see `cells`."""
        length, valid = batch.num_rows, full(batch.num_rows)
        if rows.broken is not None:
            valid &= ~pack(rows.broken)
        columns: dict[str, Column] = {}
        for name, known in self.interpreter.types.items():
            if name in batch.schema.names:
                encoded = encode_cells(self._encoder, known, batch.column(name))
                if encoded.column is not None:
                    columns[name] = encoded.column
                if encoded.wrong is not None:
                    valid &= ~pack(encoded.wrong)
        valid = self._encoder.with_required(valid, columns)
        chunk = Chunk(length, valid, columns, rows.first, tuple(row for row, _ in rows.ragged))

        def record_at(place: int) -> Mapping[str, Any]:
            return self._cell_record(batch, place)

        found = problems_of(chunk, record_at, self.interpreter, otherwise="a cell is not UTF-8")
        problems = tuple(sorted([*rows.ragged, *found])[:MOST_SAMPLES])
        return Batch(chunk, record_at, self._hours(chunk, batch), len(rows.ragged), problems)

    def records(
        self, records: Sequence[Json], *, first_row: int = 0, gaps: tuple[int, ...] = ()
    ) -> Batch:
        """Decode records one by one; an `Unreadable` among them is invalid for its own reason."""
        chunk = chunk_of_records(self.interpreter, records, first_row=first_row, gaps=gaps)
        hours = None
        if self.time is not None:
            name = self.time.name
            times = [r.get(name) if isinstance(r, Mapping) else None for r in records]
            hours = hours_of(instants_column(times), chunk.length)
        problems: list[Problem] = []
        for place, record in enumerate(records):
            if isinstance(record, Unreadable):
                problems.append((chunk.row(place), record.problem))
            elif len(problems) < MOST_SAMPLES:
                invalid = self.interpreter.invalid(record)
                if invalid is not None:
                    problems.append((chunk.row(place), "; ".join(invalid.problems)))
            if len(problems) == MOST_SAMPLES:
                break
        return Batch(chunk, records.__getitem__, hours, problems=tuple(problems))

    def _hours(self, chunk: Chunk, batch: pa.RecordBatch) -> Hours | None:
        if self.time is None:
            return None
        name = self.time.name
        column = chunk.columns.get(name)
        if column is None and name in batch.schema.names:
            column = self._encoder.column(self.time, batch.column(name)).column
        return hours_of(column, chunk.length)

    def _cell_record(self, batch: pa.RecordBatch, place: int) -> dict[str, Any]:
        """A record by its cells; a cell of a wrong type as the text it is."""
        types = self.interpreter.types
        texts = arrow_record(batch, place)
        cast = {
            name: cell_value(types[name], text) for name, text in texts.items() if name in types
        }
        return {
            name: cast[name] if cast.get(name, WRONG) is not WRONG else text
            for name, text in texts.items()
        }


def arrow_record(batch: pa.RecordBatch, place: int) -> dict[str, Any]:
    """One record of a batch as JSON has it; what is null is left out."""
    return {
        name: _plain(value)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
        if (value := column[place].as_py()) is not None
    }


def _plain(value: Any) -> Json:
    return value.isoformat() if isinstance(value, datetime) else value
