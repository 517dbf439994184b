"""Reads one segment and compares it with the tree; many segments are read at once.

The usual answer is small: the segment is clean, and these are the hashes over its tiles. Only a
segment that differs hands back the hash of every line.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tieline.audit.line import parse_line
from tieline.audit.merkle import Hash, fold
from tieline.audit.tiles import TILE_WIDTH, split_hashes, tile_at
from tieline.store.segments.tree import TreeFiles


@dataclass(frozen=True, slots=True)
class SegmentJob:
    """What to read: lines `first` to before `last` are expected; `signed` is the tree's size."""

    folder: Path
    path: Path
    first: int
    last: int | None  # None for the newest segment: it has what it has
    signed: int
    log: str


@dataclass(frozen=True, slots=True)
class SegmentScan:
    """What was read. `leaves` are the hashes of all lines where they differ from the tree."""

    job: SegmentJob
    count: int
    tile_roots: tuple[Hash, ...]
    tail: tuple[Hash, ...]  # hashes of the signed lines behind the last whole tile
    torn: bytes
    unsigned_fault: (
        int | None
    )  # sequence of the first line behind the signed ones that is no record
    leaves: tuple[Hash, ...] | None


def scan_segment(job: SegmentJob) -> SegmentScan:
    """Hash every line of a segment and hold the hashes against the tiles.

    Raises:
        OSError: the segment cannot be read.
    """
    *lines, torn = job.path.read_bytes().split(b"\n")
    sha256 = hashlib.sha256
    leaves = [sha256(b"\x00" + line).digest() for line in lines]
    expected = (job.signed if job.last is None else min(job.last, job.signed)) - job.first
    expected = max(0, expected)
    clean = len(leaves) >= expected and (job.last is None or len(leaves) == job.last - job.first)
    clean = clean and _stored(job, expected) == b"".join(leaves[:expected])
    whole = expected - expected % TILE_WIDTH
    tiles = [leaves[at : at + TILE_WIDTH] for at in range(0, whole, TILE_WIDTH)] if clean else []
    return SegmentScan(
        job=job,
        count=len(leaves),
        tile_roots=tuple(map(fold, tiles)),
        tail=tuple(leaves[whole:expected]) if clean else (),
        torn=torn,
        unsigned_fault=_unsigned_fault(job, lines, max(0, expected)) if clean else None,
        leaves=None if clean else tuple(leaves),
    )


def stored_leaves(folder: Path, first: int, last: int, signed: int) -> list[Hash] | None:
    """The hashes the tree holds for these lines; None where a tile of them is lost."""
    files = TreeFiles(folder)
    try:
        content = b"".join(
            files.read(tile_at(0, index, signed))
            for index in range(first // TILE_WIDTH, -(-last // TILE_WIDTH))
        )
    except FileNotFoundError:
        return None
    return split_hashes(content)[: last - first]


def _stored(job: SegmentJob, expected: int) -> bytes | None:
    leaves = stored_leaves(job.folder, job.first, job.first + expected, job.signed)
    return None if leaves is None else b"".join(leaves)


def _unsigned_fault(job: SegmentJob, lines: list[bytes], signed: int) -> int | None:
    """Lines nobody signed yet can only be checked for what they say of themselves."""
    for place, line in enumerate(lines[signed:], start=job.first + signed):
        members = parse_line(line)
        if members is None or members["log"] != job.log or members["seq"] != place:
            return place
    return None
