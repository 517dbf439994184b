"""`tieline functions run` as a user types it: documents, exit codes, and what it refuses."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HANDLER = """
import os
import sys


def handler(event, context):
    print("working")
    print("careful", file=sys.stderr)
    return {"double": event["n"] * 2, "environment": dict(os.environ)}
"""
Tieline = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tieline(tmp_path: Path) -> Tieline:
    def call(*words: str, stdin: str = "") -> Any:
        return subprocess.run(
            [sys.executable, "-m", "tieline", "functions", "run", *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SECRET": "s3cr3t"},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    (tmp_path / "double.py").write_text(HANDLER)
    return call


def test_a_run_prints_its_document_and_nothing_of_our_environment(tieline: Tieline) -> None:
    ended = tieline("double.py", "--input", '{"n": 21}', "--env", "LANG=C", "--json")

    document = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert document["result"] == {"double": 42, "environment": {"LANG": "C"}}
    assert [line["text"] for line in document["logs"]] == ["working\n", "careful\n"]
    assert set(document) == {
        "status", "reason", "result", "error", "logs", "tier", "duration_ms", "usage",
    }  # fmt: skip
    assert set(document["usage"]) == {"cpu_ms", "max_rss_mb"}


def test_without_json_people_see_the_logs_on_stderr(tieline: Tieline) -> None:
    ended = tieline("double.py", "--input", "-", stdin='{"n": 1}')

    assert ended.returncode == 0
    assert "stdout: working\nstderr: careful\n" in ended.stderr
    assert "status       completed" in ended.stdout


def test_a_failed_run_exits_1_and_names_the_line(tieline: Tieline) -> None:
    ended = tieline("double.py", "--input", "{}", "--json")

    document = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (document["status"], document["reason"]) == ("failed", "exception")
    assert document["error"]["type"] == "KeyError"
    assert document["error"]["stack"][-1]["line"] == 9


def test_a_handler_that_the_file_turns_out_not_to_define_has_failed(
    tieline: Tieline, tmp_path: Path
) -> None:
    (tmp_path / "loads.py").write_text("print('loaded')\ndef other(event): return 1\n")

    ended = tieline("loads.py", "--input", "{}", "--handler", "loads.py:nope", "--json")

    document = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (document["status"], document["error"]["message"]) == (
        "failed",
        "loads has no function named nope",
    )
    assert document["logs"] == [{"stream": "stdout", "text": "loaded\n"}]


def test_a_run_over_time_has_timed_out(tieline: Tieline, tmp_path: Path) -> None:
    (tmp_path / "spin.py").write_text("def handler(event):\n    while True: pass\n")

    ended = tieline("spin.py", "--input", "{}", "--timeout", "0.2", "--json")

    document = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (document["status"], document["reason"]) == ("timed_out", "wall")


def test_a_tier_that_cannot_be_had_runs_nothing_and_exits_6(tieline: Tieline) -> None:
    words = ("double.py", "--input", "{}", "--tier", "process", "--require-tier", "confined")

    ended = tieline(*words, "--json")

    document = json.loads(ended.stdout)
    assert ended.returncode == 6
    assert (document["reason"], document["tier"], document["logs"]) == (
        "tier_unavailable",
        None,
        [],
    )


@pytest.mark.parametrize(
    "words",
    [
        ("missing.py", "--input", "{}"),
        ("double.py", "--input", "{"),
        ("double.py", "--input", "{}", "--runtime", "node"),
        ("double.py", "--input", "{}", "--env", "novalue"),
        ("double.py", "--input", "{}", "--memory", "1"),
        ("double.py", "--input", "{}", "--tier", "sealed"),
    ],
)
def test_bad_usage_exits_2_and_runs_nothing(tieline: Tieline, words: tuple[str, ...]) -> None:
    ended = tieline(*words)

    assert ended.returncode == 2
    assert "working" not in ended.stderr
