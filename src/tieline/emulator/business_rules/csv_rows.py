"""What an imported file makes of a version's rows: all its rows are right, or none is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tieline.emulator.business_rules import errors
from tieline.emulator.business_rules.columns import Column
from tieline.emulator.business_rules.csv_form import Unreadable, cells_of, read
from tieline.emulator.business_rules.limits import ROWS
from tieline.emulator.business_rules.rows import born, kept_cells, row_flaws
from tieline.emulator.clock import iso
from tieline.emulator.queues.state import QueuesState
from tieline.emulator.tables import Document
from tieline.types import JsonObject

MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `row` counts the data rows from 1, 0 is the whole file."""

    row: int
    message: str
    field: str = "file"

    def to_json(self, context_id: str) -> dict[str, Any]:
        """An ErrorBody with its row."""
        body = errors.invalid([(self.field, self.message)]).body(context_id)
        return {**body, "rowNumber": self.row}


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows that a version has after the import."""

    rows: tuple[Document, ...]
    metrics: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Untaken:
    """Why nothing was taken."""

    problems: tuple[Problem, ...]
    metrics: Mapping[str, int]


def take(
    content: bytes,
    *,
    columns: Mapping[str, Column],
    versions: Sequence[Sequence[JsonObject]],
    mode: str,
    queues: QueuesState,
    most_rows: int,
    now: float,
) -> Taken | Untaken:
    """Lay a file over a version's rows: one with an id is updated, one without is added.

    It is the first of the versions that has every row the file names, for a file may come from the
    export of any; the first of all where none has.

    `Append` keeps the other rows where they are and adds at the end; `Replace` takes the file's
    rows in the file's order.
    """
    try:
        lines = read(columns, content)
    except Unreadable as exc:
        return Untaken((Problem(0, str(exc)),), {"totalRows": 0})
    before = _exported(lines, versions)
    known = {row["id"]: row for row in before}
    reader = _Reader(columns, known, queues, now)
    for number, line in enumerate(lines, start=1):
        reader.row(number, line)
    if reader.problems:
        return Untaken(tuple(reader.problems[:MOST_PROBLEMS]), reader.failed(len(lines)))
    rows = _appended(before, reader.rows) if mode == "Append" else tuple(reader.rows)
    if len(rows) > most_rows:
        reason = f"the limit {ROWS} of {most_rows} is reached"
        return Untaken((Problem(0, reason),), {"totalRows": len(lines)})
    after = {row["id"] for row in rows}
    metrics = {
        "totalRows": len(lines),
        "rowsParsed": len(lines),
        "rowsCreated": len(after - set(known)),
        "rowsUpdated": len({row["id"] for row in reader.rows} & set(known)),
        "rowsDeleted": len(set(known) - after),
    }
    return Taken(rows, {**dict.fromkeys(_FAILURES, 0), **metrics})


_FAILURES = ("rowParseFailed", "rowCreateFailed", "rowUpdateFailed", "rowDeleteFailed")


class _Reader:
    """Reads the rows of a file one by one and keeps what is wrong with them."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        known: Mapping[str, JsonObject],
        queues: QueuesState,
        now: float,
    ) -> None:
        self.rows: list[Document] = []
        self.problems: list[Problem] = []
        self._columns, self._known, self._queues, self._now = columns, known, queues, now
        self._seen: set[str] = set()
        self._failures: dict[str, int] = dict.fromkeys(_FAILURES, 0)

    def row(self, number: int, line: list[str]) -> None:
        """Read one row."""
        row_id, *fields = line
        try:
            sent = cells_of(self._columns, fields)
        except Unreadable as exc:
            self._wrong(number, [("file", str(exc))], "rowParseFailed")
            return
        flaws = list(row_flaws("", sent, self._columns, self._queues))
        if row_id and row_id not in self._known:
            flaws.insert(0, ("rowId", f"there is no row {row_id[:80]}"))
        elif row_id in self._seen:
            flaws.insert(0, ("rowId", "each row once"))
        if flaws:
            self._wrong(number, flaws, "rowUpdateFailed" if row_id else "rowCreateFailed")
            return
        row = born(kept_cells(sent), now=self._now)
        if row_id:
            self._seen.add(row_id)
            created = self._known[row_id]["dateCreated"]
            row |= {"id": row_id, "dateCreated": created, "dateModified": iso(self._now)}
        self.rows.append(row)

    def failed(self, total: int) -> dict[str, int]:
        """The metrics of a file with problems."""
        parsed = total - self._failures["rowParseFailed"]
        return {"totalRows": total, "rowsParsed": parsed, **self._failures}

    def _wrong(self, number: int, flaws: Sequence[errors.Flaw], failure: str) -> None:
        self._failures[failure] += 1
        self.problems += [Problem(number, reason, place) for place, reason in flaws]


def _exported(
    lines: Sequence[list[str]], versions: Sequence[Sequence[JsonObject]]
) -> Sequence[JsonObject]:
    named = {line[0] for line in lines if line[0]}
    has_all = (rows for rows in versions if named <= {row["id"] for row in rows})
    return next(has_all, versions[0] if versions else ())


def _appended(before: Sequence[JsonObject], read_rows: Sequence[Document]) -> tuple[Document, ...]:
    updated = {row["id"]: row for row in read_rows}
    kept = [updated.pop(row["id"], dict(row)) for row in before]
    return (*kept, *updated.values())
