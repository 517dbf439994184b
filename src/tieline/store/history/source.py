"""Opening a history, whatever its format."""

import codecs
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from tieline.errors import InvalidInput
from tieline.rules.simulation.batch import Piece
from tieline.rules.simulation.decoder import Decoder
from tieline.store.history.comma_separated import csv_header, csv_pieces
from tieline.store.history.json_lines import json_lines_pieces
from tieline.store.history.parquet import parquet_columns, parquet_pieces

_PARQUET_MAGIC = b"PAR1"
_READERS: dict[str, Callable[[Path, Decoder], Iterator[Piece]]] = {
    ".parquet": parquet_pieces,
    ".csv": csv_pieces,
    ".jsonl": json_lines_pieces,
    ".ndjson": json_lines_pieces,
}
_COLUMNS: dict[str, Callable[[Path], list[str]]] = {
    ".parquet": parquet_columns,
    ".csv": csv_header,
}


def history_files(path: Path) -> tuple[Path, ...]:
    """The files of a history: itself, or a folder's, by name.

    Raises:
        InvalidInput: there is none, one is of another format, or holds another than its name says.
    """
    if path.is_dir():
        files = tuple(sorted(f for f in path.iterdir() if f.suffix in _READERS))
        if not files:
            raise InvalidInput(f"{path} has no history in it", hint=_FORMATS)
    else:
        files = (path,)
    for file in files:
        _check(file)
    return files


def history_pieces(path: Path, decoder: Decoder) -> Iterator[Piece]:
    """Read one file of `history_files`; its rows are numbered from 0.

    Raises:
        InvalidInput: it cannot be read as its name says.
    """
    return _READERS[path.suffix](path, decoder)


def absent_columns(path: Path, names: Collection[str]) -> tuple[str, ...]:
    """Those of the names that are a column of no file of a history.

    None where a file is JSON lines: each of its records tells its own names.

    Raises:
        InvalidInput: it is no history.
    """
    absent = dict.fromkeys(names)
    for file in history_files(path):
        if file.suffix not in _COLUMNS:
            return ()
        for name in _COLUMNS[file.suffix](file):
            absent.pop(name, None)
    return tuple(absent)


_FORMATS = "a history is .parquet, .csv, .jsonl, or a folder of such files"


def _check(path: Path) -> None:
    if path.suffix not in _READERS:
        ending = f"`{path.suffix}` is not known" if path.suffix else "its name has no ending"
        raise InvalidInput(f"{path} is no history: {ending}", hint=_FORMATS)
    try:
        with path.open("rb") as file:
            begins = file.read(len(_PARQUET_MAGIC))
    except OSError as exc:
        raise InvalidInput(f"{path} cannot be read: {exc.strerror}", hint=_FORMATS) from exc
    is_parquet = begins == _PARQUET_MAGIC
    if begins.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidInput(f"{path} is UTF-16, and a history is UTF-8", hint="save it as UTF-8")
    if is_parquet != (path.suffix == ".parquet"):
        told = "a Parquet file" if is_parquet else "no Parquet file"
        raise InvalidInput(f"{path} is {told}, other than its name says", hint=_FORMATS)
