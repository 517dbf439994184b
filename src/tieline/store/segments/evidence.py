"""The signed statements a verification starts from: checkpoint, history, keys, retention."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from tieline.audit.checkpoint import Checkpoint, VerifierKey, parse_checkpoint, parse_note
from tieline.audit.keychain import ChainedKey, signer_of
from tieline.audit.problem import Problem
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.store.segments.keys import load_chain


@dataclass(slots=True)
class Evidence:
    """What is signed. `head` is the largest checkpoint with a right signature, if there is one."""

    head: Checkpoint | None = None
    history: list[Checkpoint] = field(default_factory=list)  # by size, right signatures only
    problems: list[Problem] = field(default_factory=list)


def gather_evidence(folder: Path, *, pinned: VerifierKey | None = None) -> Evidence:
    """Read what is signed, and note what is not signed as it should be.

    `pinned` is a verifier key that was noted down elsewhere: with it, a log whose keys were all
    replaced is found out.
    """
    found = Evidence()
    try:
        chain = load_chain(folder / "keys")
    except StoreUnavailable as exc:
        found.problems.append(Problem("bad-signature", exc.message))
        return found
    if pinned is not None and pinned not in [link.key for link in chain]:
        found.problems.append(
            Problem("bad-signature", f"the log's keys do not lead back to {pinned}")
        )
    newest = _newest(folder, chain, found)
    _read_history(folder, chain, found)
    points = [*found.history, *([newest] if newest else [])]
    found.head = max(points, key=lambda point: point.size, default=None)
    if newest and found.head and found.head.size > newest.size:
        found.problems.append(
            Problem(
                "bad-checkpoint",
                f"the checkpoint covers {newest.size} records, an earlier one {found.head.size}:"
                " it was put back",
                record=newest.size,
            )
        )
    return found


def read_signed(note: str, chain: Sequence[ChainedKey]) -> Checkpoint:
    """A checkpoint that one of the log's keys signed in its turn.

    Raises:
        InvalidInput: it is malformed, of another log, or not signed so.
    """
    signed = parse_note(note)
    point = parse_checkpoint(signed.text)
    if point.origin != chain[0].key.name:
        raise InvalidInput(f"this is a checkpoint of {point.origin}, not of {chain[0].key.name}")
    if signer_of(signed, point.size, chain) is None:
        raise InvalidInput(f"the checkpoint of {point.size} records has no signature of the log")
    return point


def _newest(folder: Path, chain: Sequence[ChainedKey], found: Evidence) -> Checkpoint | None:
    try:
        note = (folder / "checkpoint").read_bytes().decode()
    except FileNotFoundError:
        found.problems.append(Problem("bad-checkpoint", "the log's checkpoint is missing"))
        return None
    except UnicodeDecodeError:
        found.problems.append(Problem("bad-checkpoint", "the log's checkpoint is not text"))
        return None
    return _judged(note, chain, found, "the log's checkpoint")


def _judged(
    note: str, chain: Sequence[ChainedKey], found: Evidence, what: str
) -> Checkpoint | None:
    try:
        point = parse_checkpoint(parse_note(note).text)
    except InvalidInput as exc:
        found.problems.append(Problem("bad-checkpoint", f"{what}: {exc.message}"))
        return None
    try:
        return read_signed(note, chain)
    except InvalidInput as exc:
        found.problems.append(Problem("bad-signature", f"{what}: {exc.message}", record=point.size))
        return None


def _read_history(folder: Path, chain: Sequence[ChainedKey], found: Evidence) -> None:
    try:
        lines = (folder / "checkpoints.jsonl").read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for number, line in enumerate(lines[:-1] if not lines[-1] else lines, start=1):
        what = f"line {number} of checkpoints.jsonl"
        try:
            members = orjson.loads(line)
            note, size = str(members["note"]), members["size"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            found.problems.append(Problem("bad-checkpoint", f"{what} is damaged"))
            continue
        point = _judged(note, chain, found, what)
        if point is None:
            continue
        if point.size != size:
            found.problems.append(
                Problem("bad-checkpoint", f"{what} names another size than its note", record=size)
            )
        found.history.append(point)
    found.history.sort(key=lambda point: point.size)
