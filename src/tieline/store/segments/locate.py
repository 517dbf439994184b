"""Says what was done to lines that are not those that were signed, and where.

Where the tree is still the signed one, it tells exactly which lines differ. Where somebody wrote
the tree anew to fit, the numbers the lines carry and the earlier checkpoints narrow it down.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tieline.audit.checkpoint import Checkpoint
from tieline.audit.difference import Difference, differences
from tieline.audit.line import parse_line
from tieline.audit.merkle import Hash, fold, leaf_hash, root_of
from tieline.audit.problem import Problem
from tieline.audit.tiles import TILE_WIDTH, split_hashes, tiles_of
from tieline.store.segments.evidence import Evidence
from tieline.store.segments.scan import SegmentScan, stored_leaves
from tieline.store.segments.tree import TreeFiles

# Beyond it, a list of records says less than a range.
_MOST_SINGLE = 100

_WORDS = {
    "altered": "is not what was signed",
    "removed": "is gone",
    "inserted": "was never signed: it was put in here",
    "reordered": "was moved to another place",
    "truncated": "was cut off at the end",
}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Lines expected and found in one segment; `expected[0]` is the record `first`."""

    segment: str
    first: int
    expected: Sequence[Hash]
    found: Sequence[Hash]


def explain(folder: Path, dirty: Sequence[SegmentScan], signed: int) -> list[Problem]:
    """Hold segments that differ against the tree, which is the signed one."""
    stretches = []
    problems: list[Problem] = []
    for scan in dirty:
        first = scan.job.first
        last = signed if scan.job.last is None else min(scan.job.last, signed)
        expected = stored_leaves(folder, first, last, signed) or []
        found = list(scan.leaves or ())[: _signed_lines(scan, signed)]
        if scan.torn:
            found.append(leaf_hash(scan.torn))
            if expected and found[-1] == expected[-1]:
                message = f"the line feed behind record {last - 1} is gone"
                problems.append(Problem("altered", message, scan.job.path.name, last - 1))
        stretches.append(_Stretch(scan.job.path.name, first, expected, found))
    return problems + _problems_of(stretches, signed, torn=bool(dirty) and bool(dirty[-1].torn))


def explain_rewritten(
    folder: Path, scans: Sequence[SegmentScan], evidence: Evidence, start: int
) -> list[Problem]:
    """The tree is not the signed one: is it damaged, or was it written anew?"""
    head = evidence.head
    size = head.size if head else 0
    leaves = _all_leaves(folder, scans, size)
    if head and len(leaves) >= size and root_of(leaves[:size]) == head.root:
        return _damaged_tiles(folder, leaves, size)
    told = _by_content(scans, start, size)
    range_problem = _by_history(leaves, evidence)
    if range_problem is None:
        return told
    first_told = min((p.record for p in told if p.record is not None), default=None)
    bad_until, problem = range_problem
    if first_told is None or bad_until <= first_told:
        return [problem, *told]
    return told


def _signed_lines(scan: SegmentScan, signed: int) -> int:
    """How many lines of the newest segment claim to be among the signed ones."""
    count = scan.count
    if scan.job.last is not None:
        return count
    lines = scan.job.path.read_bytes().split(b"\n")[:count]
    while count:
        members = parse_line(lines[count - 1])
        if members is None or members["log"] != scan.job.log or members["seq"] < signed:
            break
        count -= 1
    return count


def _problems_of(stretches: Sequence[_Stretch], signed: int, *, torn: bool) -> list[Problem]:
    expected = [content for stretch in stretches for content in stretch.expected]
    found = [content for stretch in stretches for content in stretch.found]
    records = [
        (stretch.segment, stretch.first + place)
        for stretch in stretches
        for place in range(len(stretch.expected))
    ]
    told = differences(expected, found)
    problems: list[Problem] = []
    for one in told:
        cut = _is_cut(one, told, records, signed, torn=torn)
        parts = [one] if cut else _singly(one)
        problems.extend(_problem(part, records, stretches, cut=cut) for part in parts)
    return problems


def _singly(one: Difference) -> Iterator[Difference]:
    """A few altered or removed lines are named one by one."""
    if one.change not in {"altered", "removed"} or one.count > _MOST_SINGLE:
        yield one
        return
    for place in range(one.count):
        yield Difference(one.change, one.expected + place, one.found)


def _is_cut(
    one: Difference,
    told: Sequence[Difference],
    records: Sequence[tuple[str, int]],
    signed: int,
    *,
    torn: bool,
) -> bool:
    """True for lines missing up to the very end of the log, and for one cut through there."""
    if one is not told[-1] and not (torn and one is told[-2] and told[-1].change == "removed"):
        return False
    if not records or records[-1][1] != signed - 1:
        return False
    reaches_end = told[-1].expected + told[-1].count == len(records)
    return reaches_end and (one.change == "removed" or (torn and one.change == "altered"))


def _problem(
    one: Difference,
    records: Sequence[tuple[str, int]],
    stretches: Sequence[_Stretch],
    *,
    cut: bool,
) -> Problem:
    if one.expected < len(records):
        segment, record = records[one.expected]
    else:
        end = stretches[-1]
        segment, record = end.segment, end.first + len(end.expected)
    kind = "truncated" if cut else one.change
    which = (
        f"record {record}" if one.count == 1 else f"records {record} to {record + one.count - 1}"
    )
    if one.change == "inserted":
        which = "a line before record" if one.count == 1 else f"{one.count} lines before record"
        which = f"{which} {record}"
    words = _WORDS[kind] if one.count == 1 else _of_many(_WORDS[kind])
    return Problem(kind, f"{which} {words}", segment, record)


def _of_many(words: str) -> str:
    verb, rest = words.split(" ", 1)
    return " ".join([{"is": "are", "was": "were"}[verb], rest])


def _all_leaves(folder: Path, scans: Sequence[SegmentScan], size: int) -> list[Hash]:
    """The hash of every line: as stored before the first segment, as read from there on."""
    first = scans[0].job.first if scans else 0
    leaves = stored_leaves(folder, 0, first, size) or []
    for scan in scans:
        if scan.leaves is not None:
            leaves += scan.leaves
        else:
            last = min(scan.job.first + scan.count, size)
            leaves += stored_leaves(folder, scan.job.first, last, size) or []
    return leaves


def _damaged_tiles(folder: Path, leaves: Sequence[Hash], size: int) -> list[Problem]:
    files = TreeFiles(folder)
    hashes, level = list(leaves[:size]), 0
    problems = []
    for tile in tiles_of(size):
        if tile.level > level:
            whole = len(hashes) - len(hashes) % TILE_WIDTH
            hashes = [fold(hashes[at : at + TILE_WIDTH]) for at in range(0, whole, TILE_WIDTH)]
            level = tile.level
        start = tile.index * TILE_WIDTH
        try:
            stored = split_hashes(files.read(tile))
        except FileNotFoundError:
            stored = []
        if stored != hashes[start : start + tile.width]:
            record = start << (8 * level)
            message = "a tile of the tree is damaged; the records it stands for are intact"
            problems.append(Problem("altered", message, tile.path, record))
    return problems


def _by_content(scans: Sequence[SegmentScan], start: int, size: int) -> list[Problem]:
    """What the lines say of themselves: each carries its log and its sequence."""
    stretches = []
    for scan in scans:
        claims = []
        for place, line in enumerate(scan.job.path.read_bytes().split(b"\n")[: scan.count]):
            members = parse_line(line)
            own = members is not None and members["log"] == scan.job.log
            claims.append(b"%d" % members["seq"] if own and members else b"foreign %d" % place)
        first = max(scan.job.first, start)
        last = scan.job.last or max(size, scan.job.first + scan.count)
        expected = [b"%d" % seq for seq in range(first, last)]
        stretches.append(_Stretch(scan.job.path.name, first, expected, claims))
    torn = bool(scans) and bool(scans[-1].torn)
    return _problems_of(stretches, size, torn=torn)


def _by_history(leaves: Sequence[Hash], evidence: Evidence) -> tuple[int, Problem] | None:
    """Between the last checkpoint that still fits and the first that does not, it was rewritten."""
    good = 0
    points: list[Checkpoint] = [*evidence.history, *([evidence.head] if evidence.head else [])]
    for point in sorted(points, key=lambda one: one.size):
        if point.size > len(leaves) or root_of(leaves[: point.size]) != (point.root):
            message = f"among the records {good} to {point.size - 1} some are not what was signed"
            return point.size, Problem("altered", f"{message}; the tree was rewritten", None, good)
        good = point.size
    return None
