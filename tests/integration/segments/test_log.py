import asyncio
import json
from pathlib import Path

import pytest

from tieline.audit.record import Record
from tieline.clock import JumpingClock
from tieline.errors import StoreUnavailable
from tieline.store.segments import SegmentLog

INTENT = Record("intent", "flows.launch", target_kind="flow", target_id="3f1a")


def lines(folder: Path) -> list[dict[str, object]]:
    files = sorted((folder / "segments").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


async def test_a_record_gets_its_sequence_its_time_and_an_id_from_the_log(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path / "audit", clock=JumpingClock()) as log:
        first, second = await log.append(INTENT), await log.append(INTENT)

    assert (first, second) == (f"{log.log_id}:0", f"{log.log_id}:1")
    assert [line["seq"] for line in lines(tmp_path / "audit")] == [0, 1]
    assert lines(tmp_path / "audit")[0] == {
        "log": log.log_id, "seq": 0, "time": "2023-11-14T22:13:20.000Z", "phase": "intent",
        "operation": "flows.launch", "target_kind": "flow", "target_id": "3f1a",
        "pii_masked": True, "code_version": "0.1.0",
    }  # fmt: skip


async def test_many_tasks_and_two_logs_of_one_folder_share_one_sequence(tmp_path: Path) -> None:
    async with (
        await SegmentLog.open(tmp_path) as one,
        await SegmentLog.open(tmp_path) as other,
    ):
        ids = await asyncio.gather(*(log.append(INTENT) for log in (one, other) * 200))

    assert sorted(int(name.split(":")[1]) for name in ids) == list(range(400))
    assert [line["seq"] for line in lines(tmp_path)] == list(range(400))


async def test_a_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path) as log:
        await log.append(INTENT)
    async with await SegmentLog.open(tmp_path) as again:
        assert await again.append(INTENT) == f"{log.log_id}:1"


async def test_equal_inputs_have_equal_fingerprints_in_one_log_only(tmp_path: Path) -> None:
    async with (
        await SegmentLog.open(tmp_path / "a") as one,
        await SegmentLog.open(tmp_path / "b") as other,
    ):
        assert one.fingerprint({"a": 1, "b": 2}) == one.fingerprint({"b": 2, "a": 1})
        assert one.fingerprint({"a": 1}) != other.fingerprint({"a": 1})


async def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path):
        modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "keys").glob("*.key")}

    assert modes == {"signing.key": 0o600, "fingerprint.key": 0o600}


async def test_a_clock_that_runs_backwards_repeats_the_last_time_and_says_so(
    tmp_path: Path,
) -> None:
    clock = JumpingClock(wall=1_700_000_100.0)
    async with await SegmentLog.open(tmp_path, clock=clock) as log:
        await log.append(INTENT)
        clock.set_wall(1_700_000_040.0)
        await log.append(INTENT)

    before, behind = lines(tmp_path)
    assert behind["time"] == before["time"]
    assert behind["clock_behind_ms"] == 60_000


async def test_segments_end_at_whole_tiles_and_the_sequence_goes_on(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path, segment_bytes=40_000) as log:
        await asyncio.gather(*(log.append(INTENT) for _ in range(1000)))

    firsts = [int(file.stem) for file in sorted((tmp_path / "segments").glob("*.jsonl"))]
    assert len(firsts) > 1
    assert [first % 256 for first in firsts] == [0] * len(firsts)
    assert [line["seq"] for line in lines(tmp_path)] == list(range(1000))


async def test_an_unfinished_line_is_kept_as_evidence_and_told_in_the_log(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path) as log:
        await log.append(INTENT)
    with (tmp_path / "segments" / "000000000000.jsonl").open("ab") as file:
        file.write(b'{"log":"half of a li')
    async with await SegmentLog.open(tmp_path) as log:
        await log.append(INTENT)

    told = lines(tmp_path)
    assert [line["operation"] for line in told] == ["flows.launch", "audit.recover", "flows.launch"]
    evidence = told[1]["extra"]
    assert isinstance(evidence, dict)
    assert (tmp_path / evidence["kept"]).read_bytes() == b'{"log":"half of a li'


@pytest.mark.parametrize("damage", [b"not json\n", b'{"log":"x","seq":0,"time":"t"}\n'])
async def test_a_log_whose_end_is_not_its_own_takes_no_more_records(
    tmp_path: Path, damage: bytes
) -> None:
    async with await SegmentLog.open(tmp_path) as log:
        await log.append(INTENT)
    with (tmp_path / "segments" / "000000000000.jsonl").open("ab") as file:
        file.write(damage)

    with pytest.raises(StoreUnavailable, match="not a record of this log"):
        await SegmentLog.open(tmp_path)


async def test_large_content_and_invalid_unicode_are_recorded(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path) as log:
        await log.append(Record("outcome", "x", result={"text": "a" * 2**20}))
        await log.append(Record("outcome", "x", result={"\ud800": ["\udfff", 2**80, float("nan")]}))
        await log.append(Record("outcome", "x", result="b" * 9 * 2**20))

    large, odd, omitted = (line["result"] for line in lines(tmp_path))
    assert large == {"text": "a" * 2**20}
    assert odd == {"\ufffd": ["\ufffd", 2**80, None]}
    assert isinstance(omitted, dict)
    assert omitted["omitted_bytes"] > 9 * 2**20
