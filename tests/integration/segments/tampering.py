"""A log to tamper with, and the ways to do it; each says what must be found, and where."""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from tieline.audit.line import record_body
from tieline.audit.merkle import leaf_hash
from tieline.audit.record import Record
from tieline.store.segments.opening import open_log
from tieline.store.segments.tree import Tree, TreeFiles
from tieline.store.segments.verify import Verification

RECORDS = 600
# Sizes at which the template's history has a checkpoint.
SIGNED_AT = (40, 130, 256, 300, 420, 512, 600)


@dataclass(frozen=True, slots=True)
class Expected:
    """At least one problem of one of these kinds begins in this range of records."""

    kinds: frozenset[str]
    low: int | None = None
    high: int | None = None

    def met_by(self, found: Verification) -> bool:
        return not found.ok and any(
            problem.kind in self.kinds
            and (
                self.low is None
                or (problem.record is not None and self.low <= problem.record <= (self.high or 0))
            )
            for problem in found.problems
        )


def make_log(folder: Path, *, salt: str = "") -> None:
    """600 records in three segments, with a handover of the key and seven checkpoints."""
    opened = open_log(folder, segment_bytes=30_000)
    wall = 1_700_000_000.0
    for seq in range(RECORDS):
        record = Record("intent", "flows.launch", target_id=f"flow-{salt}{seq}", attempts=seq % 3)
        opened.writer.append([record_body(record, code_version="1")], wall=wall + seq)
        if seq + 1 in SIGNED_AT:
            opened.checkpointer.sign(opened.writer.end, wall=wall + 1000 * seq)
        if seq + 1 == SIGNED_AT[3]:
            opened.checkpointer.rotate_key()
    opened.close()


def segments(folder: Path) -> list[Path]:
    return sorted((folder / "segments").glob("*.jsonl"))


def read(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")[:-1]


def write(path: Path, lines: Sequence[bytes]) -> None:
    path.chmod(0o600)
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def one_segment(folder: Path, chance: random.Random) -> tuple[Path, int, list[bytes]]:
    path = chance.choice(segments(folder))
    return path, int(path.stem), read(path)


def flip_a_byte(folder: Path, chance: random.Random) -> Expected:
    path, first, lines = one_segment(folder, chance)
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= chance.randrange(1, 256)
    path.chmod(0o600)
    path.write_bytes(content)
    record = first + bytes(content[:place]).count(b"\n")
    touched = frozenset({"altered", "truncated"})
    if len(content[:place].split(b"\n")) > len(lines) or lines[record - first] == b"":
        record -= 1
    return Expected(touched, record, record)


def delete_a_line(folder: Path, chance: random.Random) -> Expected:
    path, first, lines = one_segment(folder, chance)
    place = chance.randrange(len(lines))
    del lines[place]
    write(path, lines)
    at_end = first + place == RECORDS - 1
    return Expected(frozenset({"truncated" if at_end else "removed"}), first + place, first + place)


def insert_a_line(folder: Path, chance: random.Random) -> Expected:
    path, first, lines = one_segment(folder, chance)
    place = chance.randrange(len(lines) + 1)
    members = orjson.loads(lines[min(place, len(lines) - 1)])
    lines.insert(place, orjson.dumps({**members, "target_id": "forged"}))
    write(path, lines)
    return Expected(frozenset({"inserted", "altered"}), first + place, first + place)


def repeat_a_line(folder: Path, chance: random.Random) -> Expected:
    path, first, lines = one_segment(folder, chance)
    source, place = chance.randrange(len(lines)), chance.randrange(len(lines) + 1)
    lines.insert(place, lines[source])
    write(path, lines)
    # Which of two equal lines is the copy cannot be told when they stand side by side.
    near = frozenset({"inserted", "reordered", "altered"})
    low, high = min(source, place), max(source, place) + 1
    return Expected(near, first + low, first + high)


def swap_two_lines(folder: Path, chance: random.Random) -> Expected:
    path, first, lines = one_segment(folder, chance)
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    write(path, lines)
    low, high = sorted((one, other))
    return Expected(frozenset({"reordered"}), first + low, first + high)


def cut_the_end(folder: Path, chance: random.Random) -> Expected:
    path = segments(folder)[-1]
    first, content = int(path.stem), path.read_bytes()
    keep = chance.randrange(len(content))
    path.chmod(0o600)
    path.write_bytes(content[:keep])
    record = first + content[:keep].count(b"\n")
    whole = content[keep : keep + 1] == b"\n"  # only the line feed of this one is gone
    return Expected(frozenset({"truncated", "altered"}), record, record + whole)


def drop_a_segment(folder: Path, chance: random.Random) -> Expected:
    path = chance.choice(segments(folder))
    path.unlink()
    return Expected(frozenset({"removed", "truncated"}), int(path.stem), int(path.stem))


def splice_another_log(folder: Path, chance: random.Random) -> Expected:
    """Lines of a log with another id in the place of ours."""
    path, first, lines = one_segment(folder, chance)
    low = chance.randrange(len(lines))
    high = chance.randrange(low, min(len(lines), low + 20)) + 1
    for place in range(low, high):
        members = orjson.loads(lines[place])
        lines[place] = orjson.dumps({**members, "log": "00112233445566ff"})
    write(path, lines)
    return Expected(frozenset({"altered"}), first + low, first + high - 1)


def rewrite_and_hash_again(folder: Path, chance: random.Random) -> Expected:
    """Change a line so that it looks right, and compute the whole tree anew."""
    path, first, lines = one_segment(folder, chance)
    place = chance.randrange(len(lines))
    members = orjson.loads(lines[place])
    lines[place] = orjson.dumps({**members, "target_id": "forged"})
    write(path, lines)
    hash_again(folder)
    record = first + place
    low = max((size for size in (0, *SIGNED_AT) if size <= record), default=0)
    return Expected(frozenset({"altered"}), low, record)


def delete_and_hash_again(folder: Path, chance: random.Random) -> Expected:
    path, first, lines = one_segment(folder, chance)
    place = chance.randrange(len(lines) - 1)
    del lines[place]
    write(path, lines)
    hash_again(folder)
    return Expected(frozenset({"removed"}), first + place, first + place)


def damage_a_tile(folder: Path, chance: random.Random) -> Expected:
    tiles = [path for path in (folder / "tile").rglob("*") if path.is_file()]
    path = chance.choice(sorted(tiles))
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
    path.write_bytes(content)
    return Expected(frozenset({"altered"}), 0, RECORDS)


def forge_the_checkpoint(folder: Path, chance: random.Random) -> Expected:
    path = chance.choice([folder / "checkpoint", folder / "checkpoints.jsonl"])
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content) - 1)] ^= chance.randrange(1, 256)
    path.write_bytes(content)
    return Expected(frozenset({"bad-checkpoint", "bad-signature"}))


def put_back_an_old_checkpoint(folder: Path, chance: random.Random) -> Expected:
    history = (folder / "checkpoints.jsonl").read_bytes().splitlines()
    (folder / "checkpoint").write_text(orjson.loads(chance.choice(history[:-1]))["note"])
    return Expected(frozenset({"bad-checkpoint"}))


def change_a_key(folder: Path, chance: random.Random) -> Expected:
    path = folder / "keys" / "log.keys"
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
    path.write_bytes(content)
    return Expected(frozenset({"bad-signature"}))


def change_the_logs_name(folder: Path, chance: random.Random) -> Expected:
    path = folder / "log.json"
    content = bytearray(path.read_bytes())
    content[chance.randrange(8, 24)] ^= chance.randrange(1, 256)
    path.write_bytes(content)
    return Expected(frozenset({"altered"}))


def hash_again(folder: Path) -> None:
    shutil.rmtree(folder / "tile")
    tree = Tree(TreeFiles(folder))
    for path in segments(folder):
        tree.grow([leaf_hash(line) for line in read(path)])
    tree.publish()


TAMPERINGS: tuple[Callable[[Path, random.Random], Expected], ...] = (
    flip_a_byte,
    delete_a_line,
    insert_a_line,
    repeat_a_line,
    swap_two_lines,
    cut_the_end,
    drop_a_segment,
    splice_another_log,
    rewrite_and_hash_again,
    delete_and_hash_again,
    damage_a_tile,
    forge_the_checkpoint,
    put_back_an_old_checkpoint,
    change_a_key,
    change_the_logs_name,
)
