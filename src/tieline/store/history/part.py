"""A history in parts that can be read anywhere: its files, or the row groups of a Parquet file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tieline.rules.simulation.batch import Piece
from tieline.rules.simulation.decoder import Decoder
from tieline.store.history.parquet import parquet_pieces, rows_of_groups
from tieline.store.history.source import history_files, history_pieces

# A task should be worth its way to another machine.
PART_ROWS = 2**20


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or the row groups of one from `first_group`, whose first record is `first_row`."""

    path: Path
    first_group: int | None = None
    end_group: int = 0
    first_row: int = 0

    def pieces(self, decoder: Decoder) -> Iterator[Piece]:
        """Read it.

        Raises:
            InvalidInput: it cannot be read.
        """
        if self.first_group is None:
            return history_pieces(self.path, decoder)
        groups = range(self.first_group, self.end_group)
        return parquet_pieces(self.path, decoder, row_groups=groups, first_row=self.first_row)


def history_parts(path: Path, *, rows: int = PART_ROWS) -> list[Part]:
    """The parts of a file or a folder; those of a Parquet file have about `rows` records.

    Raises:
        InvalidInput: it is no history.
    """
    return [part for file in history_files(path) for part in _parts(file, rows)]


def _parts(file: Path, rows: int) -> Iterator[Part]:
    if file.suffix != ".parquet":
        yield Part(file)
        return
    groups = rows_of_groups(file)
    first_group = first_row = row = 0
    for place, count in enumerate(groups, 1):
        row += count
        if row - first_row >= rows or place == len(groups):
            yield Part(file, first_group, place, first_row)
            first_group, first_row = place, row
