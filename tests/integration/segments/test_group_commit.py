import asyncio
from pathlib import Path

import pytest

from tieline.audit.record import Record
from tieline.errors import StoreUnavailable
from tieline.store.segments import SegmentLog
from tieline.store.segments.verify import verify_log

INTENT = Record("intent", "flows.launch", target_id="3f1a")


async def test_what_was_submitted_before_closing_is_written(tmp_path: Path) -> None:
    for turn in range(20):
        log = await SegmentLog.open(tmp_path)
        waiting = [asyncio.ensure_future(log.append(INTENT)) for _ in range(10)]
        await asyncio.sleep(0)
        await log.aclose()
        ids = await asyncio.gather(*waiting)
        assert len(set(ids)) == 10, turn

    assert verify_log(tmp_path).size == 200


async def test_a_cancelled_task_takes_nothing_back_and_disturbs_nobody(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path) as log:
        waiting = [asyncio.ensure_future(log.append(INTENT)) for _ in range(10)]
        await asyncio.sleep(0)
        waiting[3].cancel()
        done = await asyncio.gather(*waiting, return_exceptions=True)

    assert sum(isinstance(one, str) for one in done) == 9
    assert verify_log(tmp_path).records == 10


async def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    log = await SegmentLog.open(tmp_path)
    await log.aclose()
    await log.aclose()

    with pytest.raises(StoreUnavailable, match="closed"):
        await log.append(INTENT)


async def test_a_checkpoint_follows_while_records_come(tmp_path: Path) -> None:
    async with await SegmentLog.open(tmp_path) as log, asyncio.timeout(60):
        written = 0
        while verify_log(tmp_path).size == 0:
            await log.append(INTENT)
            written += 1

    assert verify_log(tmp_path).size == written
