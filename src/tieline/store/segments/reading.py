"""Reads a log from its first line to its last, for export and for people."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tieline.audit.line import parse_line
from tieline.store.segments.files import list_segments, storing
from tieline.store.segments.tree import whole_lines


def all_lines(folder: Path) -> Iterator[bytes]:
    """Every whole line, in the order of the log; an unfinished last one is left out.

    Raises:
        StoreUnavailable: a segment cannot be read.
    """
    with storing(folder):
        for segment in list_segments(folder):
            with segment.path.open("rb") as file:
                for lines in whole_lines(file):
                    yield from lines


def all_records(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Every record; a line that is none is left out, `verify` tells of it.

    Raises:
        StoreUnavailable: a segment cannot be read.
    """
    for line in all_lines(folder):
        members = parse_line(line)
        if members is not None:
            yield members
