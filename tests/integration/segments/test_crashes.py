import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tieline.store.segments.opening import open_log
from tieline.store.segments.verify import verify_log

# Appends in small segments, signs often, rotates keys, and says what was acknowledged.
WRITER = """
import sys
from pathlib import Path
from tieline.audit.line import record_body
from tieline.audit.record import Record
from tieline.store.segments.opening import open_log

opened = open_log(Path(sys.argv[1]), segment_bytes=20_000)
number = 0
while True:
    bodies = [
        record_body(Record("intent", "x", target_id=f"{sys.argv[2]}-{n}"), code_version="1")
        for n in range(number, number + number % 7 + 1)
    ]
    done = 0
    while done < len(bodies):
        for sequence in opened.writer.append(bodies[done:], wall=1_700_000_000.0 + number):
            print(sequence, f"{sys.argv[2]}-{number + done}", flush=True)
            done += 1
    number += len(bodies)
    if number % 5 == 0:
        opened.checkpointer.sign(opened.writer.end, wall=1_700_000_000.0 + 100 * number)
    if number % 101 == 0:
        opened.checkpointer.rotate_key()
"""


def write_until_killed(folder: Path, chance: random.Random, name: str) -> dict[int, str]:
    """Kill a writer with SIGKILL after some output; what it acknowledged by then."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), name], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    wanted = chance.randrange(1, 400)
    lines = [line for _, line in zip(range(wanted), writer.stdout, strict=False)]
    writer.kill()
    lines += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    pairs = (line.split() for line in lines if line.endswith("\n"))
    return {int(sequence): target for sequence, target in pairs}


def check_after_kill(folder: Path, acknowledged: dict[int, str]) -> None:
    kinds = {problem.kind for problem in verify_log(folder).problems}
    assert kinds <= {"torn-tail"}

    opened = open_log(folder)
    opened.checkpointer.sign(opened.writer.end, wall=1_800_000_000.0)
    opened.close()

    records = {}
    for path in sorted((folder / "segments").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            records[record["seq"]] = record.get("target_id")
    assert list(records) == list(range(len(records)))
    assert {seq: records[seq] for seq in acknowledged} == acknowledged
    assert verify_log(folder).ok


def kill_several_times(folder: Path, seed: int, times: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    acknowledged: dict[int, str] = {}
    for turn in range(times):
        acknowledged |= write_until_killed(folder, chance, f"{seed}-{turn}")
        check_after_kill(folder, acknowledged)


def test_no_acknowledged_record_is_lost_by_kill_9(tmp_path: Path) -> None:
    kill_several_times(tmp_path / "log", seed=1, times=4)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_no_acknowledged_record_is_lost_by_kill_9_in_300_kills(tmp_path: Path) -> None:
    for seed in range(30):
        kill_several_times(tmp_path / str(seed), seed=seed + 10, times=10)


def test_two_processes_that_are_killed_share_one_log(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    open_log(folder).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), name], stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    acknowledged: dict[int, str] = {}
    for writer in writers:
        assert writer.stdout is not None
        for _, line in zip(range(200), writer.stdout, strict=False):
            sequence, target = line.split()
            acknowledged[int(sequence)] = target
    for writer in writers:
        writer.kill()
        writer.wait()
        assert writer.stdout is not None
        writer.stdout.close()

    assert len(acknowledged) == 400
    check_after_kill(folder, acknowledged)
