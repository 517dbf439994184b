"""Searching over the index, in a log that is longer than what is not indexed yet."""

from pathlib import Path
from typing import Any

import pytest

from tieline.audit.query import Query
from tieline.audit.record import Record
from tieline.store.segments.index import BLOCK_LINES, indexed_record, search
from tieline.store.segments.log import SegmentLog

RECORDS = 5 * BLOCK_LINES + 7


@pytest.fixture
async def log_id(tmp_path: Path) -> str:
    async with await SegmentLog.open(tmp_path) as log:
        for number in range(RECORDS // 2):
            intent = await log.append(Record("intent", "flows.launch", target_id=f"f{number % 3}"))
            await log.append(
                Record("outcome", "flows.launch", intent_id=intent, status="completed")
            )
        if RECORDS % 2:
            await log.append(Record("intent", "flows.launch"))
        return log.log_id


def seqs(found: Any) -> list[int]:
    return [record["seq"] for record in found]


@pytest.mark.parametrize("seq", [0, 1, BLOCK_LINES - 1, BLOCK_LINES, RECORDS - 1])
async def test_a_record_is_found_by_its_own_id_wherever_it_stands(
    tmp_path: Path, log_id: str, seq: int
) -> None:
    found = seqs(search(tmp_path, log_id, Query(id=f"{log_id}:{seq}"), limit=10))

    named_by_an_outcome = seq % 2 == 0 and seq != RECORDS - 1
    assert found == ([seq + 1, seq] if named_by_an_outcome else [seq])


@pytest.mark.parametrize("seq", ["9" * 30, "9" * 6000, "-1", "x", ""])
async def test_an_id_that_no_record_can_have_is_found_nowhere(
    tmp_path: Path, log_id: str, seq: str
) -> None:
    assert seqs(search(tmp_path, log_id, Query(id=f"{log_id}:{seq}"), limit=10)) == []


async def test_pages_follow_each_other_without_a_gap_and_without_repeating(
    tmp_path: Path, log_id: str
) -> None:
    pages: list[int] = []
    below: int | None = None
    while page := seqs(search(tmp_path, log_id, Query(target="f1"), limit=9, below=below)):
        pages += page
        below = page[-1]

    assert pages == [2 * number for number in range(RECORDS // 2) if number % 3 == 1][::-1]


async def test_one_record_is_read_by_its_number_and_none_that_is_not_there(
    tmp_path: Path, log_id: str
) -> None:
    for seq in (0, BLOCK_LINES, RECORDS - 1):
        found = indexed_record(tmp_path, log_id, seq)
        assert found is not None
        assert found["seq"] == seq
    assert indexed_record(tmp_path, log_id, RECORDS) is None
    assert indexed_record(tmp_path, log_id, 10**15) is None
