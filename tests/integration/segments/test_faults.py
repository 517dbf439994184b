import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tieline.audit.line import record_body
from tieline.audit.record import Record
from tieline.errors import InvalidInput, StoreUnavailable
from tieline.store.segments import SegmentLog
from tieline.store.segments.host import Host
from tieline.store.segments.keys import load_chain
from tieline.store.segments.opening import OpenLog, adopt_log, open_log
from tieline.store.segments.prove import prove_inclusion
from tieline.store.segments.retention import retain
from tieline.store.segments.verify import verify_log

INTENT = Record("intent", "flows.launch", target_id="3f1a")
BODY = record_body(INTENT, code_version="1")
WALL = 1_700_000_000.0


def append(opened: OpenLog, count: int, *, wall: float = WALL) -> None:
    left = count
    while left:
        left -= len(opened.writer.append([BODY] * left, wall=wall))
    opened.checkpointer.sign(opened.writer.end, wall=wall)


FULL_DISK = """
import resource, sys
from pathlib import Path
from tieline.errors import StoreUnavailable
from tieline.store.segments.opening import open_log

opened = open_log(Path(sys.argv[1]))
body = b'{"phase":"intent","operation":"x","pii_masked":true,"code_version":"1"}'
opened.writer.append([body] * 10, wall=1.0)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
try:
    opened.writer.append([body] * 100, wall=1.0)
except StoreUnavailable as exc:
    print(exc.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(list(opened.writer.append([body], wall=1.0)))
"""


def test_a_full_disk_refuses_the_record_and_leaves_no_half_of_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True
    )

    refused, after = done.stdout.splitlines()
    assert "cannot be used: File too large" in refused
    assert after == "[10]"
    assert verify_log(tmp_path).ok
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


async def test_a_place_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(StoreUnavailable, match="cannot be used: Not a directory"):
        await SegmentLog.open(tmp_path / "file" / "audit")


async def test_a_log_that_was_cut_off_takes_no_more_records(tmp_path: Path) -> None:
    opened = open_log(tmp_path)
    append(opened, 10)
    opened.close()
    path = tmp_path / "segments" / "000000000000.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:7]))

    with pytest.raises(StoreUnavailable, match="has 7 records, but 10 were signed"):
        await SegmentLog.open(tmp_path)


def test_a_log_whose_lines_vanish_under_it_stops(tmp_path: Path) -> None:
    opened = open_log(tmp_path)
    append(opened, 10)
    (tmp_path / "segments" / "000000000000.jsonl").write_bytes(b"")

    with pytest.raises(StoreUnavailable, match="became shorter"):
        append(opened, 1)
    opened.close()


def test_a_log_without_its_checkpoint_takes_no_more_records(tmp_path: Path) -> None:
    open_log(tmp_path).close()
    (tmp_path / "checkpoint").unlink()

    with pytest.raises(StoreUnavailable, match="checkpoint"):
        open_log(tmp_path)


def test_lost_tiles_are_computed_again_from_the_lines(tmp_path: Path) -> None:
    opened = open_log(tmp_path)
    append(opened, 700)
    opened.close()
    shutil.rmtree(tmp_path / "tile")

    opened = open_log(tmp_path)
    append(opened, 1)
    opened.close()

    found = verify_log(tmp_path)
    assert (found.ok, found.size) == (True, 701)


def test_a_second_machine_on_a_network_file_system_is_refused(tmp_path: Path) -> None:
    here, there = Host("here", "boot-1"), Host("there", "boot-2")
    open_log(tmp_path, host=here, networked=True).close()

    with pytest.raises(StoreUnavailable, match=r"written by another machine \(here\)"):
        open_log(tmp_path, host=there, networked=True)
    open_log(tmp_path, host=Host("here", "boot-9"), networked=True).close()
    open_log(tmp_path, host=Host("a container", "boot-9"), networked=True).close()


def test_a_log_that_was_moved_is_taken_over(tmp_path: Path) -> None:
    open_log(tmp_path, host=Host("here", "boot-1"), networked=False).close()
    open_log(tmp_path, host=Host("there", "boot-2"), networked=False).close()
    with pytest.raises(StoreUnavailable):
        open_log(tmp_path, networked=True)

    adopt_log(tmp_path)

    open_log(tmp_path, networked=True).close()


def test_adopting_needs_a_log(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no audit log"):
        adopt_log(tmp_path)


def test_retention_drops_whole_segments_and_proofs_stay_valid(tmp_path: Path) -> None:
    opened = open_log(tmp_path, segment_bytes=20_000)
    append(opened, 600)
    append(opened, 600, wall=WALL + 1000)

    done = retain(opened, tmp_path, since="2023-11-14T22:20:00.000Z", wall=WALL + 2000)
    opened.close()

    assert done.first == 512
    assert len(done.dropped) == 2
    found = verify_log(tmp_path)
    assert (found.ok, found.retained_from, found.size) == (True, 512, 1201)
    assert prove_inclusion(tmp_path, 700).size == 1201
    with pytest.raises(InvalidInput, match="dropped by retention"):
        prove_inclusion(tmp_path, 5)


def test_dropping_segments_without_a_record_of_it_is_found(tmp_path: Path) -> None:
    opened = open_log(tmp_path, segment_bytes=20_000)
    append(opened, 600)
    opened.close()
    (tmp_path / "segments" / "000000000000.jsonl").unlink()
    assert [p.kind for p in verify_log(tmp_path).problems] == ["removed"]

    (tmp_path / "retained.json").write_text('{"first": 256, "record": 599}')

    assert {p.kind for p in verify_log(tmp_path).problems} == {"removed", "altered"}


def test_a_retired_key_signs_nothing_more(tmp_path: Path) -> None:
    opened = open_log(tmp_path)
    append(opened, 3)
    old = opened.keys.signer
    opened.checkpointer.rotate_key()
    append(opened, 3)
    opened.close()
    assert verify_log(tmp_path).ok
    assert [link.since for link in load_chain(tmp_path / "keys")] == [0, 3]

    text = (tmp_path / "checkpoint").read_text().rpartition("\n\n")[0] + "\n"
    (tmp_path / "checkpoint").write_text(old.sign(text))

    assert "bad-signature" in {p.kind for p in verify_log(tmp_path).problems}


def test_a_process_signs_with_the_key_another_one_handed_over_to(tmp_path: Path) -> None:
    one, other = open_log(tmp_path), open_log(tmp_path)
    append(one, 3)
    append(other, 3)
    one.checkpointer.rotate_key()
    append(other, 3)
    one.close()
    other.close()

    found = verify_log(tmp_path)
    assert (found.ok, found.size) == (True, 9)


def test_a_key_rotation_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    opened = open_log(tmp_path)
    append(opened, 3)
    before = (tmp_path / "keys" / "signing.key").read_bytes()
    opened.checkpointer.rotate_key()
    opened.close()
    keys = tmp_path / "keys"
    (keys / "signing.key").replace(keys / "signing.next")
    (keys / "signing.key").write_bytes(before)

    opened = open_log(tmp_path)
    append(opened, 3)
    opened.close()

    assert verify_log(tmp_path).ok


def test_a_log_with_all_keys_replaced_is_found_out_by_a_key_noted_elsewhere(tmp_path: Path) -> None:
    genuine, forged = tmp_path / "genuine", tmp_path / "forged"
    for folder in (genuine, forged):
        opened = open_log(folder)
        append(opened, 3)
        opened.close()
    noted = load_chain(genuine / "keys")[0].key

    assert verify_log(genuine, pinned=noted).ok
    assert not verify_log(forged, pinned=noted).ok


def test_an_unfinished_line_is_reported_until_it_is_moved_away(tmp_path: Path) -> None:
    opened = open_log(tmp_path)
    append(opened, 3)
    opened.close()
    with (tmp_path / "segments" / "000000000000.jsonl").open("ab") as file:
        file.write(b'{"log":"')

    (problem,) = verify_log(tmp_path).problems
    assert (problem.kind, problem.record) == ("torn-tail", 3)

    opened = open_log(tmp_path)
    append(opened, 1)
    opened.close()
    assert verify_log(tmp_path).ok


def test_records_behind_the_checkpoint_are_counted_as_unsigned(tmp_path: Path) -> None:
    opened = open_log(tmp_path)
    append(opened, 3)
    opened.writer.append([BODY] * 2, wall=WALL)
    opened.close()

    found = verify_log(tmp_path)
    assert (found.ok, found.records, found.size, found.unsigned) == (True, 5, 3, 2)
