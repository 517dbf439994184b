"""Verifies a log: every line against the tree, the tree against what was signed.

Needs nothing but to read the folder, and no private key. A log that is written meanwhile is
verified up to the checkpoint it had at the start; what follows is counted as unsigned.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tieline.audit.checkpoint import ORIGIN_PREFIX, Checkpoint, VerifierKey
from tieline.audit.merkle import EMPTY_ROOT, Hash, fold, root_of, subtree
from tieline.audit.problem import Problem, in_order
from tieline.audit.tiles import TILE_WIDTH, nodes_from, split_hashes, tiles_of
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.store.segments.evidence import Evidence, gather_evidence
from tieline.store.segments.files import Segment, list_segments, storing
from tieline.store.segments.locate import explain, explain_rewritten
from tieline.store.segments.opening import read_log_id
from tieline.store.segments.retention import retained_from
from tieline.store.segments.scan import SegmentJob, SegmentScan, scan_segment, stored_leaves
from tieline.store.segments.tree import TreeFiles

# Below it, starting a second process costs more than it reads.
_PARALLEL_FROM_BYTES = 48 * 2**20


@dataclass(frozen=True, slots=True)
class Verification:
    """The result. `unsigned` records came after the newest checkpoint."""

    records: int
    segments: int
    size: int
    root: Hash
    unsigned: int = 0
    retained_from: int = 0
    problems: Sequence[Problem] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        """True where nothing was found."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """The document of `tieline audit verify --json`."""
        return {
            "ok": self.ok,
            "records": self.records,
            "segments": self.segments,
            "problems": [problem.to_json() for problem in self.problems],
            "head": {"size": self.size, "root": self.root.hex()},
            "unsigned": self.unsigned,
            "retained_from": self.retained_from,
        }


def verify_log(
    folder: Path,
    *,
    since: Checkpoint | None = None,
    pinned: VerifierKey | None = None,
    workers: int = 1,
) -> Verification:
    """Verify a whole log, or only what came after a checkpoint that was kept elsewhere.

    With `since`, the lines before it are not read: the tree must still lead to its root. `workers`
    processes read segments of a large log at once; a script that asks for more than one needs the
    `if __name__ == "__main__"` that `multiprocessing` asks for.

    Raises:
        InvalidInput: there is no log in the folder.
        StoreUnavailable: it cannot be read.
    """
    with storing(folder):
        log_id, problems = _identity(folder)
        evidence = gather_evidence(folder, pinned=pinned)
        head = evidence.head or Checkpoint("", 0, EMPTY_ROOT)
        problems += evidence.problems
        if evidence.head and head.origin != ORIGIN_PREFIX + log_id:
            message = f"log.json names another log than the checkpoint of {head.origin}"
            problems.append(Problem("altered", message, "log.json"))
            log_id = head.origin.removeprefix(ORIGIN_PREFIX)
        if since is not None:
            problems += _check_since(folder, since, head)
        jobs = _jobs(folder, log_id, head.size)
        start = retained_from(folder, problems)
        chosen = [job for job in jobs if since is None or _end(job, head.size) > since.size]
        scans = _scan(chosen, workers)
        problems += _missing_segments(jobs, start, head.size)
        problems += _judge(folder, scans, evidence, start)
    records = sum(scan.count for scan in scans) + sum(
        (job.last or job.first) - job.first for job in jobs if job not in chosen
    )
    last = max((scan.job.first + scan.count for scan in scans), default=head.size)
    return Verification(
        records=records,
        segments=len(jobs),
        size=head.size,
        root=head.root,
        unsigned=max(0, last - head.size),
        retained_from=start,
        problems=in_order(problems),
    )


def _identity(folder: Path) -> tuple[str, list[Problem]]:
    try:
        log_id = read_log_id(folder)
    except StoreUnavailable as exc:
        return "", [Problem("altered", exc.message, "log.json")]
    if log_id is None and not list_segments(folder):
        raise InvalidInput(
            f"there is no audit log in {folder}",
            hint="a log is begun by the first command that changes something",
        )
    if log_id is None:
        return "", [Problem("removed", "the log's log.json is gone", "log.json")]
    return log_id, []


def _jobs(folder: Path, log_id: str, signed: int) -> list[SegmentJob]:
    segments: list[Segment | None] = [*list_segments(folder), None]
    return [
        SegmentJob(folder, one.path, one.first, after.first if after else None, signed, log_id)
        for one, after in pairwise(segments)
        if one is not None
    ]


def _end(job: SegmentJob, signed: int) -> int:
    return signed + 1 if job.last is None else job.last


def _scan(jobs: Sequence[SegmentJob], workers: int) -> list[SegmentScan]:
    size = sum(job.path.stat().st_size for job in jobs)
    if workers == 1 or len(jobs) == 1 or size < _PARALLEL_FROM_BYTES:
        return [scan_segment(job) for job in jobs]
    # A fresh interpreter, not a fork: the caller may hold threads and locks.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(scan_segment, jobs))


def _check_since(folder: Path, since: Checkpoint, head: Checkpoint) -> list[Problem]:
    if since.size > head.size:
        return [
            Problem(
                "truncated",
                f"the kept checkpoint covers {since.size} records, the log's own only {head.size}",
                record=head.size,
            )
        ]
    try:
        node = nodes_from(TreeFiles(folder).read, head.size)
        same = subtree(node, 0, since.size) == since.root
    except FileNotFoundError:
        same = False
    if same:
        return []
    message = f"the first {since.size} records are not those of the kept checkpoint"
    return [Problem("altered", message, record=0)]


def _missing_segments(jobs: Sequence[SegmentJob], start: int, signed: int) -> list[Problem]:
    """Whole segments that are gone at the beginning; gaps between two show in the first's scan."""
    first = jobs[0].first if jobs else signed
    if first <= start:
        return []
    message = f"records {start} to {first - 1} are gone, with their files"
    return [Problem("removed" if jobs else "truncated", message, record=start)]


def _judge(
    folder: Path, scans: Sequence[SegmentScan], evidence: Evidence, start: int
) -> list[Problem]:
    head = evidence.head
    problems = [*_torn_tail(scans), *_unsigned_faults(scans)]
    if head is None:
        return problems
    levels = _levels(folder, scans, head.size)
    if levels is None or _root_over(levels) != head.root:
        return problems + explain_rewritten(folder, scans, evidence, start)
    dirty = [scan for scan in scans if scan.leaves is not None]
    return [
        *problems,
        *explain(folder, dirty, head.size),
        *_check_upper_tiles(folder, head.size, levels),
        *_check_history(folder, evidence, head),
    ]


def _torn_tail(scans: Sequence[SegmentScan]) -> Iterator[Problem]:
    for scan in scans:
        if scan.torn and scan.job.last is None and scan.leaves is None:
            yield Problem(
                "torn-tail",
                f"{len(scan.torn)} bytes of an unfinished record; the next append moves them away",
                segment=scan.job.path.name,
                record=scan.job.first + scan.count,
            )


def _unsigned_faults(scans: Sequence[SegmentScan]) -> Iterator[Problem]:
    for scan in scans:
        if scan.unsigned_fault is not None:
            message = "a record that was not yet signed is not one of this log"
            yield Problem("altered", message, scan.job.path.name, scan.unsigned_fault)


def _levels(folder: Path, scans: Sequence[SegmentScan], size: int) -> list[list[Hash]] | None:
    """The tree's hashes, a list a level of tiles: as hashed from clean segments, else as stored.

    Of the lowest level only the partial tile is there. None where a tile that is needed is lost.
    """
    roots: dict[int, Hash] = {}
    for scan in scans:
        roots.update(enumerate(scan.tile_roots, start=scan.job.first // TILE_WIDTH))
    for index in range(size // TILE_WIDTH):
        if index not in roots:
            at = index * TILE_WIDTH
            stored = stored_leaves(folder, at, at + TILE_WIDTH, size)
            if stored is None:
                return None
            roots[index] = fold(stored)
    tail = next((list(scan.tail) for scan in reversed(scans) if scan.tail), None)
    if tail is None:
        tail = stored_leaves(folder, size - size % TILE_WIDTH, size, size)
        if tail is None:
            return None
    levels = [tail, [roots[index] for index in range(size // TILE_WIDTH)]]
    while len(levels[-1]) >= TILE_WIDTH:
        below = levels[-1]
        whole = len(below) - len(below) % TILE_WIDTH
        levels.append([fold(below[at : at + TILE_WIDTH]) for at in range(0, whole, TILE_WIDTH)])
    return levels


def _root_over(levels: Sequence[list[Hash]]) -> Hash:
    right: Hash | None = None
    for level in levels:
        right = root_of(level[len(level) - len(level) % TILE_WIDTH :], right=right)
    return EMPTY_ROOT if right is None else right


def _check_upper_tiles(folder: Path, size: int, levels: Sequence[list[Hash]]) -> Iterator[Problem]:
    """Tiles above the first level, which proofs are made from, against what was computed."""
    files = TreeFiles(folder)
    for tile in tiles_of(size):
        if tile.level == 0:
            continue
        start = tile.index * TILE_WIDTH
        computed = levels[tile.level][start : start + tile.width]
        try:
            intact = split_hashes(files.read(tile)) == computed
        except FileNotFoundError:
            intact = False
        if not intact:
            message = "a tile of the tree is damaged; the records it stands for are intact"
            yield Problem("altered", message, tile.path, start << (8 * tile.level))


def _check_history(folder: Path, evidence: Evidence, head: Checkpoint) -> list[Problem]:
    """Earlier checkpoints must lie in the same tree: a log that was forked shows here."""
    node = nodes_from(TreeFiles(folder).read, head.size)
    problems = []
    for point in evidence.history:
        try:
            same = subtree(node, 0, point.size) == point.root
        except FileNotFoundError:
            same = False
        if not same:
            message = f"the checkpoint of {point.size} records is of another log than the newest"
            problems.append(Problem("bad-checkpoint", message, record=point.size))
    return problems
