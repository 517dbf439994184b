"""Retention: old segments go, what they prove stays.

Dropping segments is itself a record, written before the first file goes, and `retained.json` points
to it. The tree keeps the hashes of the dropped lines: proofs about every other record stay valid,
and a copy of a dropped segment can still be proven genuine.
"""

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson

from tieline._version import __version__
from tieline.audit.line import parse_line, record_body
from tieline.audit.problem import Problem
from tieline.audit.record import Record
from tieline.audit.tiles import TILE_WIDTH, tiles_of
from tieline.store.segments.files import Segment, list_segments, storing, write_private
from tieline.store.segments.opening import OpenLog

RETAIN_OPERATION = "audit.retain"


@dataclass(frozen=True, slots=True)
class RetainResult:
    """The first record that is still there, the files that went, and the record that says so."""

    first: int
    dropped: tuple[str, ...]
    record: int | None


def retained_from(folder: Path, problems: list[Problem]) -> int:
    """The first record that must still be there; 0 where nothing was ever dropped.

    What is claimed without the record that says so is added to `problems`, and does not count.
    """
    try:
        claim = orjson.loads((folder / "retained.json").read_bytes())
        first, record = int(claim["first"]), int(claim["record"])
    except FileNotFoundError:
        return 0
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        problems.append(Problem("altered", "retained.json is damaged", "retained.json"))
        return 0
    if _recorded(folder, first, record):
        return first
    message = f"no record says that the records before {first} were dropped"
    problems.append(Problem("altered", message, "retained.json", record))
    return 0


def retain(opened: OpenLog, folder: Path, *, since: str, wall: float) -> RetainResult:
    """Drop the segments whose records are all older than `since` (RFC 3339, UTC).

    The segment that is written stays, whatever its age.

    Raises:
        StoreUnavailable: the record of it cannot be written; nothing was dropped.
    """
    segments = list_segments(folder)
    old = [one for one, after in pairwise(segments) if _first_time(after) < since]
    if not old:
        return RetainResult(segments[0].first if segments else 0, (), None)
    first = segments[len(old)].first
    told = {"first": first, "since": since, "segments": len(old)}
    body = record_body(
        Record("outcome", RETAIN_OPERATION, status="completed", extra=told),
        code_version=__version__,
    )
    record = opened.writer.append([body], wall=wall)[0]
    opened.checkpointer.sign(opened.writer.end, wall=wall)
    with storing(folder):
        _sync_tiles(folder, first)
        claim = orjson.dumps({"first": first, "record": record})
        write_private(folder / "retained.json", claim)
        for segment in old:
            segment.path.unlink()
    return RetainResult(first, tuple(segment.path.name for segment in old), record)


def _first_time(segment: Segment) -> str:
    with segment.path.open("rb") as file:
        members = parse_line(file.readline().rstrip(b"\n"))
    # An empty or damaged segment counts as young: what is not understood is not dropped before.
    return str(members["time"]) if members else "9999"


def _sync_tiles(folder: Path, first: int) -> None:
    """From here on these tiles cannot be computed again; make sure they survive a power cut."""
    for tile in tiles_of(first):
        if tile.width == TILE_WIDTH:
            descriptor = os.open(folder / tile.path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _recorded(folder: Path, first: int, record: int) -> bool:
    before = [segment for segment in list_segments(folder) if segment.first <= record]
    if not before:
        return False
    with before[-1].path.open("rb") as file:
        for place, line in enumerate(file, start=before[-1].first):
            if place == record:
                members = parse_line(line) or {}
                told = members.get("extra")
                return (
                    members.get("operation") == RETAIN_OPERATION
                    and isinstance(told, dict)
                    and told.get("first") == first
                )
    return False
