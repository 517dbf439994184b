"""`tieline rules history fetch`, as it is typed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tieline.emulator.app import create_app
from tieline.emulator.server import Address, running

SUPPORT, SALES = "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d03", "5b8e1c9d-7a2f-4d3b-8e6c-0f9a1b2c3d04"


def conversation(name: str, queue: str, media: str) -> dict[str, object]:
    session = {"mediaType": media, "segments": [{"queueId": queue}]}
    return {
        "id": name,
        "conversationStart": "2026-10-05T09:00:00.000Z",
        "participants": [{"purpose": "acd", "sessions": [session]}],
    }


FIXTURE = {
    "analytics": {"queued": 0, "pending": 0},
    "conversations": [
        conversation("a", SUPPORT, "voice"),
        conversation("b", SUPPORT, "email"),
        conversation("c", SALES, "voice"),
        conversation("d", SALES, "chat"),
    ],
}


@pytest.fixture(scope="module")
def organisation() -> Iterator[Address]:
    with running(create_app(FIXTURE)) as (_, address):
        yield address


def fetch(organisation: Address, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "TIELINE_API": "platform",
        "TIELINE_BASE_URL": organisation.url, "TIELINE_CLIENT_ID": organisation.client_id,
        "TIELINE_CLIENT_SECRET": organisation.client_secret,
        "TIELINE_STATE_DIR": str(folder / "state"),
    }  # fmt: skip
    return subprocess.run(
        [
            sys.executable, "-m", "tieline", "rules", "history", "fetch", "--json",
            "--interval", "2026-10-01/2026-10-31", "--output", "october.jsonl", *words,
        ],
        cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], ["a", "b", "c", "d"]),
        (["--queue", SUPPORT], ["a", "b"]),
        (["--queue", SUPPORT, "--queue", SALES, "--media-type", "voice"], ["a", "c"]),
        (["--media-type", "email", "--media-type", "chat"], ["b", "d"]),
    ],
    ids=["all", "a queue", "two queues and a type", "two types"],
)
def test_the_conversations_asked_for_are_fetched(
    organisation: Address, tmp_path: Path, words: list[str], names: list[str]
) -> None:
    done = fetch(organisation, tmp_path, *words)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["records"] == len(names)
    lines = (tmp_path / "october.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["conversation_id"] for line in lines] == names


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--queue", "Technical Support"], "UUID"), (["--media-type", "telex"], "telex")],
    ids=["a queue's name", "no type"],
)
def test_what_is_no_queue_or_type_ends_with_2(
    organisation: Address, tmp_path: Path, words: list[str], told: str
) -> None:
    done = fetch(organisation, tmp_path, *words)

    assert done.returncode == 2
    assert told in done.stdout + done.stderr
    assert not (tmp_path / "october.jsonl").exists()
