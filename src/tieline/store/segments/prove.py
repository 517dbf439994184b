"""Makes proofs from a log's tiles and its newest checkpoint. Reads only."""

from pathlib import Path

from tieline.audit.checkpoint import Checkpoint, parse_checkpoint, parse_note
from tieline.audit.merkle import consistency_path, inclusion_path, subtree
from tieline.audit.proof import ConsistencyProof, InclusionProof
from tieline.audit.tiles import nodes_from
from tieline.errors import InvalidInput
from tieline.store.segments.files import VERIFY_HINT, list_segments, storing
from tieline.store.segments.keys import load_chain
from tieline.store.segments.tree import Place, TreeFiles, read_lines


def newest_checkpoint(folder: Path) -> tuple[str, Checkpoint]:
    """The log's newest checkpoint, as its note and parsed.

    Raises:
        StoreUnavailable: there is none.
        InvalidInput: it is damaged.
    """
    with storing(folder):
        note = (folder / "checkpoint").read_text("utf-8")
    return note, parse_checkpoint(parse_note(note).text)


def prove_inclusion(folder: Path, record: int) -> InclusionProof:
    """Prove that a record is in the log the newest checkpoint signs.

    Raises:
        InvalidInput: there is no such record, it was dropped by retention, or is not signed yet.
        StoreUnavailable: the log cannot be read, or its tree is damaged.
    """
    note, point = newest_checkpoint(folder)
    if not 0 <= record < point.size:
        raise InvalidInput(
            f"record {record} is not among the {point.size} signed records",
            hint="`tieline audit checkpoint` signs what was appended since",
        )
    with storing(folder):
        line = read_record(folder, record)
        node = nodes_from(TreeFiles(folder).read, point.size)
        path = inclusion_path(node, record, point.size)
    return InclusionProof(record, line.decode(), point.size, path, note, _keys(folder))


def prove_consistency(folder: Path, old: Checkpoint) -> ConsistencyProof:
    """Prove that the log of an earlier checkpoint is the beginning of today's.

    Raises:
        InvalidInput: the old checkpoint is of another log, or covers more than the newest.
        StoreUnavailable: the log cannot be read, or its tree is damaged.
    """
    note, point = newest_checkpoint(folder)
    if old.origin != point.origin:
        raise InvalidInput(f"this is a checkpoint of {old.origin}, the log is {point.origin}")
    if old.size > point.size:
        raise InvalidInput(
            f"the old checkpoint covers {old.size} records, the log's newest only {point.size}",
            hint=VERIFY_HINT,
        )
    with storing(folder):
        node = nodes_from(TreeFiles(folder).read, point.size)
        if subtree(node, 0, old.size) != old.root:
            raise InvalidInput(
                f"the log's first {old.size} records are not those of the old checkpoint: there is"
                " no proof, it was changed",
                hint=VERIFY_HINT,
            )
        path = consistency_path(node, old.size, point.size)
    return ConsistencyProof(old.size, old.root, point.size, path, note, _keys(folder))


def read_record(folder: Path, record: int) -> bytes:
    """The exact line of a record.

    Raises:
        InvalidInput: its segment is not there any more.
    """
    firsts = [segment.first for segment in list_segments(folder) if segment.first <= record]
    if not firsts:
        raise InvalidInput(f"record {record} was dropped by retention, its hash remains")
    at, line = Place(firsts[-1], firsts[-1], 0), b""
    for lines, _ in read_lines(folder, at, Place(record + 1, 0, 0)):
        line = lines[-1]
    return line


def _keys(folder: Path) -> list[str]:
    return [str(link.key) for link in load_chain(folder / "keys")]
