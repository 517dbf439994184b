"""`tieline emulator` as people type it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TIELINE = [sys.executable, "-m", "tieline", "emulator"]


def tieline(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TIELINE, *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], Path]]:
    ready = tmp_path_factory.mktemp("emulator") / "ready.json"
    process = subprocess.Popen(
        [*TIELINE, "start", "--port", "0", "--ready-file", str(ready), "--clock", "virtual"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    printed = json.loads(process.stdout.readline())
    yield printed, ready
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_it_prints_and_writes_where_it_answers(started: tuple[dict[str, Any], Path]) -> None:
    printed, ready = started

    assert json.loads(ready.read_text()) == printed
    assert set(printed) == {"url", "pid", "client_id", "client_secret"}
    assert (printed["client_id"], printed["client_secret"]) == (
        "tieline-demo", "tieline-demo-secret",
    )  # fmt: skip


def test_faults_are_set_and_cleared_and_time_moves(
    started: tuple[dict[str, Any], Path],
) -> None:
    url = ("--url", started[0]["url"], "--json")

    rule = '{"do": {"kind": "garbage"}}'
    faults = [tieline("fault", *words, *url) for words in ((rule,), (), ("--clear",))]
    moved = [json.loads(tieline("advance", s, *url).stdout)["epoch"] for s in ("0", "60")]
    bad = tieline("fault", '{"do": {"kind": "explode"}}', *url)

    assert [len(json.loads(each.stdout)["faults"]) for each in faults] == [1, 1, 0]
    assert moved[1] - moved[0] == pytest.approx(60)
    assert (bad.returncode, json.loads(bad.stdout)["code"]) == (2, "VALIDATION_FAILED")


def test_the_journal_is_listed_recorded_and_replayed(
    started: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    url = ("--url", started[0]["url"])
    file = str(tmp_path / "session.jsonl")

    reset = tieline("reset", *url, "--json")
    journal = tieline("journal", *url, "--json")
    record = tieline("record", file, *url, "--json")
    replayed = tieline("replay", file, "--json")

    assert json.loads(reset.stdout) == {"status": "ok"}
    assert json.loads(journal.stdout) == []
    assert json.loads(record.stdout)["requests"] == 0
    assert (replayed.returncode, json.loads(replayed.stdout)["ok"]) == (0, True)


def test_without_an_emulator_it_says_how_to_start_one() -> None:
    got = tieline("journal", "--url", "http://127.0.0.1:9")

    assert got.returncode == 6
    assert "tieline emulator start" in got.stderr


def test_a_bad_fixture_is_named_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "fixture.json"
    path.write_text('{"flows": [{"name": "no id"}]}')

    got = tieline("start", "--port", "0", "--fixture", str(path), "--json")

    assert got.returncode == 2
    assert json.loads(got.stdout)["code"] == "CONFIG_INVALID"
    assert str(path) in json.loads(got.stdout)["message"]
