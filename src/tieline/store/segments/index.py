"""The search index of a log: which block of 32 lines may hold what is looked for.

It is brought up to date by whoever searches, holds nothing that is not in the segments, and is
never trusted: what it points to is read and judged from the lines themselves.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

from tieline.audit.line import parse_line
from tieline.audit.query import OVERFLOW, Query, terms_of
from tieline.store.segments.files import list_segments, segment_path

# Small enough to parse in 50 µs, large enough that common values cost one row for many lines.
BLOCK_LINES = 32

_VERSION = 1
_BLOCKS_A_COMMIT = 2048
_FOREVER = 1 << 60
# Digits that fit the integers of the index; no log gets that far.
_LONGEST_SEQUENCE = 18


@dataclass(frozen=True, slots=True)
class Block:
    """Where a run of lines stands; `id * BLOCK_LINES` is the first one's sequence."""

    id: int
    segment: int
    start: int
    length: int


class SearchIndex:
    """An open index file. Use it from one thread."""

    def __init__(self, folder: Path, log_id: str) -> None:
        """Open or make the index of the log in `folder`.

        Raises:
            sqlite3.Error: it cannot be written, for instance in a read-only copy.
        """
        self._folder = folder
        self._sql = _statements()
        self._db = sqlite3.connect(folder / "index.sqlite3", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if not self._is_of(log_id):
            self._begin(log_id)

    def catch_up(self) -> int:
        """Index the whole blocks that were appended since; returns how many lines that were."""
        last = self._last()
        added: list[tuple[Block, str, set[int]]] = []
        count = 0
        for block, lines in _blocks_behind(self._folder, last):
            members = [parse_line(line) or {} for line in lines]
            terms = set[str]().union(*map(terms_of, members))
            added.append((block, str(members[0].get("time", "")), set(map(_hash, terms))))
            count += len(lines)
            if len(added) == _BLOCKS_A_COMMIT:
                self._add(added)
                added = []
        self._add(added)
        return count

    def candidates(self, query: Query, *, below: int | None = None) -> Iterator[Block]:
        """Blocks that may hold matching records before `below`, the newest first."""
        low = self._one("not_before", query.since) if query.since else 0
        high = self._one("not_behind", query.until) if query.until else _FOREVER
        if below is not None:
            high = min(high, (below - 1) // BLOCK_LINES)
        terms = sorted(map(_hash, query.terms()), key=lambda term: self._one("how_common", term))
        for block in self._merged(terms, low, high):
            if all(self._has(term, block.id) for term in terms[1:]):
                yield block

    def block_of(self, seq: int) -> Block | None:
        """The block of a record; None where it is not indexed, or not there any more."""
        row = self._db.execute(self._sql["block_of"], (seq // BLOCK_LINES,)).fetchone()
        return Block(*row) if row else None

    def behind(self) -> Iterator[tuple[Block, list[bytes]]]:
        """The lines behind the last whole block, which are not indexed yet."""
        yield from _blocks_behind(self._folder, self._last(), partial=True)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _merged(self, terms: Sequence[int], low: int, high: int) -> Iterator[Block]:
        if not terms:
            yield from self._blocks("blocks", low, high)
            return
        rarest = self._blocks("blocks_with", terms[0], low, high)
        overflowing = list(self._blocks("blocks_with", _hash(OVERFLOW), low, high))
        seen: set[int] = set()
        for block in rarest:
            while overflowing and overflowing[0].id > block.id:
                yield overflowing.pop(0)
            seen.add(block.id)
            yield block
        yield from (block for block in overflowing if block.id not in seen)

    def _has(self, term: int, block: int) -> bool:
        found = self._db.execute(self._sql["has_term"], (term, block)).fetchone()
        return found is not None or self._overflows(block)

    def _overflows(self, block: int) -> bool:
        return (
            self._db.execute(self._sql["has_term"], (_hash(OVERFLOW), block)).fetchone() is not None
        )

    def _blocks(self, statement: str, *values: int) -> Iterator[Block]:
        return (Block(*row) for row in self._db.execute(self._sql[statement], values))

    def _one(self, statement: str, value: str | int) -> int:
        (found,) = self._db.execute(self._sql[statement], (value,)).fetchone()
        return int(found)

    def _last(self) -> Block | None:
        row = self._db.execute(self._sql["last_block"]).fetchone()
        return Block(*row) if row else None

    def _add(self, added: Sequence[tuple[Block, str, set[int]]]) -> None:
        rows = sorted((term, block.id) for block, _, terms in added for term in terms)
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            self._sql["add_block"],
            [(b.id, b.segment, b.start, b.length, time) for b, time, _ in added],
        )
        self._db.executemany(self._sql["add_term"], rows)
        self._db.execute("COMMIT")

    def _is_of(self, log_id: str) -> bool:
        """True for an index of this log that still points at the lines it was made from."""
        try:
            known = self._db.execute("SELECT log, version FROM meta").fetchone()
        except sqlite3.OperationalError:
            return False
        last = self._last() if known == (log_id, _VERSION) else None
        if last is None:
            return bool(known == (log_id, _VERSION))
        lines = read_block(self._folder, last)
        first = parse_line(lines[0]) if lines else None
        return first is not None and first["seq"] == last.id * BLOCK_LINES

    def _begin(self, log_id: str) -> None:
        for table in ("meta", "block", "term"):
            self._db.execute(f"DROP TABLE IF EXISTS {table}")
        self._db.executescript(self._sql["create"])
        self._db.execute("INSERT INTO meta VALUES (?, ?)", (log_id, _VERSION))


def read_block(folder: Path, block: Block) -> list[bytes]:
    """The lines of a block; empty where its segment was dropped."""
    try:
        with segment_path(folder, block.segment).open("rb") as file:
            file.seek(block.start)
            return file.read(block.length).split(b"\n")[:-1]
    except FileNotFoundError:
        return []


def _blocks_behind(
    folder: Path, last: Block | None, *, partial: bool = False
) -> Iterator[tuple[Block, list[bytes]]]:
    """The blocks behind one: the whole ones, or only the unfinished last one with `partial`."""
    for segment in list_segments(folder):
        start = last.start + last.length if last and last.segment == segment.first else 0
        if last and segment.first < last.segment:
            continue
        with segment.path.open("rb") as file:
            file.seek(start)
            lines: list[bytes] = []
            first = last.id + 1 if start and last else segment.first // BLOCK_LINES
            for line in file:
                if not line.endswith(b"\n"):
                    break
                lines.append(line[:-1])
                if len(lines) == BLOCK_LINES:
                    length = sum(map(len, lines)) + BLOCK_LINES
                    if not partial:
                        yield Block(first, segment.first, start, length), lines
                    first, start, lines = first + 1, start + length, []
        if lines and partial:
            yield Block(first, segment.first, start, sum(map(len, lines)) + len(lines)), lines


def _own_block(index: SearchIndex, log_id: str, query: Query, below: int | None) -> Iterator[Block]:
    """The block of the record whose own id is looked for: terms lead to those that name it.

    They come later in the log, so this block is the oldest; it may have been among them.
    """
    seq = sequence_of(query.id or "", log_id)
    if seq is None:
        return
    block = index.block_of(seq)
    named = {one.id for one in index.candidates(query, below=below)}
    if block is not None and block.id not in named:
        yield block


def sequence_of(name: str, log_id: str) -> int | None:
    """The sequence in a record's id `<log>:<sequence>`; None for what is no id of this log."""
    log, _, seq = name.rpartition(":")
    if log != log_id or not (seq.isascii() and seq.isdigit()) or len(seq) > _LONGEST_SEQUENCE:
        return None
    return int(seq)


def _hash(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def _statements() -> Mapping[str, str]:
    text = files("tieline.store.segments").joinpath("index.sql").read_text("utf-8")
    parts = [part.partition("\n") for part in text.split("-- name: ")[1:]]
    return {name.strip(): sql.strip() for name, _, sql in parts}


def search(
    folder: Path, log_id: str, query: Query, *, limit: int, below: int | None = None
) -> Iterator[Mapping[str, Any]]:
    """Matching records, the newest first, at most `limit`. The index is brought up to date first.

    `below` is the sequence of the last record of the page before: only older ones are found.

    Raises:
        sqlite3.Error: the index cannot be written.
    """
    index = SearchIndex(folder, log_id)
    try:
        index.catch_up()
        runs = [lines for _, lines in index.behind()]
        candidates = chain(
            index.candidates(query, below=below), _own_block(index, log_id, query, below)
        )
        blocks = (read_block(folder, block) for block in candidates)
        left = limit
        for lines in chain(reversed(runs), blocks):
            for line in reversed(lines):
                members = parse_line(line)
                if members is None or (below is not None and members["seq"] >= below):
                    continue
                if query.matches(members):
                    yield members
                    left -= 1
                    if left == 0:
                        return
    finally:
        index.close()


def bring_up_to_date(folder: Path, log_id: str) -> int:
    """Index what was appended since the index was last used; returns how many lines that were.

    Raises:
        sqlite3.Error: the index cannot be written.
    """
    index = SearchIndex(folder, log_id)
    try:
        return index.catch_up()
    finally:
        index.close()


def indexed_record(folder: Path, log_id: str, seq: int) -> Mapping[str, Any] | None:
    """One record by its sequence, without reading its segment through; None where there is none.

    Raises:
        sqlite3.Error: the index cannot be written.
    """
    index = SearchIndex(folder, log_id)
    try:
        index.catch_up()
        block = index.block_of(seq)
        runs = [lines for _, lines in index.behind()] if block is None else []
        lines = chain.from_iterable(runs) if block is None else read_block(folder, block)
        found = (members for line in lines if (members := parse_line(line)) is not None)
        return next((members for members in found if members["seq"] == seq), None)
    finally:
        index.close()
