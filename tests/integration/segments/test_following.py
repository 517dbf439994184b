"""A log is read as it grows, line by line, whatever happens to it meanwhile."""

import shutil
from pathlib import Path

from tieline.audit.line import parse_line
from tieline.audit.record import Record
from tieline.store.segments.following import PIECE_BYTES, LogFollower
from tieline.store.segments.log import SegmentLog


async def append(folder: Path, count: int, *, bytes_each: int = 10, **options: int) -> None:
    async with await SegmentLog.open(folder, **options) as log:
        for number in range(count):
            await log.append(Record("intent", f"op.{number}", result="x" * bytes_each))


def read_all(follower: LogFollower) -> list[int]:
    found: list[int] = []
    while True:
        piece = follower.more()
        if not piece.lines:
            return found
        for line in piece.lines:
            record = parse_line(line)
            assert record is not None
            found.append(record["seq"])


async def test_every_line_is_read_once_over_segments_and_only_what_is_new_is_read_again(
    tmp_path: Path,
) -> None:
    follower = LogFollower(tmp_path)
    assert read_all(follower) == []

    await append(tmp_path, 600, segment_bytes=20_000)
    assert len(list((tmp_path / "segments").iterdir())) > 1
    assert read_all(follower) == list(range(600))
    assert read_all(follower) == []

    await append(tmp_path, 3, segment_bytes=20_000)
    assert read_all(follower) == [600, 601, 602]


async def test_a_record_longer_than_a_piece_is_read_whole(tmp_path: Path) -> None:
    await append(tmp_path, 2, bytes_each=3 * PIECE_BYTES)

    assert read_all(LogFollower(tmp_path)) == [0, 1]


async def test_it_tells_how_much_is_left(tmp_path: Path) -> None:
    await append(tmp_path, 40, bytes_each=PIECE_BYTES // 10)
    follower = LogFollower(tmp_path)

    left = [follower.more().behind for _ in range(8)]

    assert left == sorted(left, reverse=True)
    assert left[0] > 3 * PIECE_BYTES
    assert left[-1] == 0


async def test_a_half_written_line_waits_for_its_end(tmp_path: Path) -> None:
    await append(tmp_path, 1)
    (segment,) = (tmp_path / "segments").iterdir()
    line = segment.read_bytes()
    follower = LogFollower(tmp_path)
    assert read_all(follower) == [0]

    with segment.open("ab") as file:
        file.write(line[:-1])
    assert read_all(follower) == []
    with segment.open("ab") as file:
        file.write(b"\n")
    assert read_all(follower) == [0]


async def test_another_log_in_its_place_is_told_and_read_from_its_beginning(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    await append(folder, 5)
    follower = LogFollower(folder)
    assert read_all(follower) == [0, 1, 2, 3, 4]

    shutil.rmtree(folder)
    assert follower.more().anew
    await append(folder, 2)
    assert read_all(follower) == [0, 1]
