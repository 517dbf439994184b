"""Retention: old segments go, what they prove stays.

Dropping segments is itself a record, written before the first file goes, and `retained.json` points
to it. The tree keeps the hashes of the dropped lines: proofs about every other record stay valid,
and a copy of a dropped segment can still be proven genuine.
"""

from pathlib import Path

import orjson

from tieline.audit.line import parse_line
from tieline.audit.problem import Problem
from tieline.store.segments.files import list_segments

RETAIN_OPERATION = "audit.retain"


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
