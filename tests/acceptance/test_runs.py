"""Runs as a user types them: the real command, real signals, the emulator as judge."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.server import running

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
LOOKUP = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
UNLIMITED = 1_000_000_000
KEYS = ("client.credentials.token.rate.per.minute", "org.client.rate.per.minute")


class Desk:
    """A folder, an emulator, and the command."""

    def __init__(self, folder: Path, app: Emulator, environment: dict[str, str]) -> None:
        self.folder = folder
        self.app = app
        self.environment = environment
        self._spawned: list[subprocess.Popen[str]] = []

    def close(self) -> None:
        for process in self._spawned:
            process.kill()
            process.communicate()

    def tieline(self, *words: str, check: int | None = None) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "-m", "tieline", *words],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
            timeout=100,
        )  # fmt: skip
        assert check is None or done.returncode == check, (done.stdout, done.stderr)
        return done

    def spawn(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tieline", *words],
            cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._spawned.append(process)
        return process

    def items(self, count: int) -> str:
        lines = (json.dumps({"Flow.customerId": f"c{n}", "Flow.reason": "r"}) for n in range(count))
        (self.folder / "items.jsonl").write_text("\n".join(lines) + "\n")
        return "items.jsonl"

    def launched(self) -> "Counter[str]":
        return Counter(execution["name"] for execution in list(self.app.world.flows.executions))

    def wait_until_launched(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.launched()) < count:
            assert time.monotonic() < deadline, "nothing is launched"
            time.sleep(0.01)


@pytest.fixture
def limits() -> dict[str, int]:
    return dict.fromkeys(KEYS, UNLIMITED)


@pytest.fixture
def desk(tmp_path: Path, limits: dict[str, int]) -> Iterator[Desk]:
    with running(create_app({"limits": {"platform.api": limits}})) as (app, address):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "TIELINE_BASE_URL": address.url,
            "TIELINE_CLIENT_ID": address.client_id,
            "TIELINE_CLIENT_SECRET": address.client_secret,
            "TIELINE_STATE_DIR": str(tmp_path / "state"),
        }
        desk = Desk(tmp_path, app, environment)
        yield desk
        desk.close()


def start(desk: Desk, count: int, *more: str) -> tuple[str, ...]:
    return ("runs", "start", "--flow", FLOW, "--items", desk.items(count), "--name", "r", *more)


def test_a_run_launches_every_item_once_and_exports_what_became_of_each(desk: Desk) -> None:
    done = desk.tieline(*start(desk, 40, "--reference-field", "Flow.customerId", "--json"), check=0)

    told = json.loads(done.stdout)
    assert (told["state"], told["total"], told["done"]) == ("done", 40, 40)
    assert desk.launched() == Counter(f"c{n}" for n in range(40))

    desk.tieline("runs", "export", "r", "--to", "ends.csv", check=0)
    with (desk.folder / "ends.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["reference"] for row in rows] == [f"c{n}" for n in range(40)]
    assert {row["status"] for row in rows} == {"completed"}
    shown = json.loads(desk.tieline("runs", "show", "r", "--json", check=0).stdout)
    assert {**shown, "eta_s": None} == {**told, "eta_s": None}


def test_a_file_with_a_bad_line_starts_nothing_unless_it_is_set_aside(desk: Desk) -> None:
    words = start(desk, 3, "--no-wait", "--json")
    with (desk.folder / "items.jsonl").open("a") as file:
        file.write('{"Flow.customerId": }\n')

    refused = desk.tieline(*words, check=2)
    assert "line 4" in json.loads(refused.stdout)["message"]
    assert desk.launched() == Counter()

    taken = desk.tieline(*words, "--skip-invalid", "rejects.jsonl", check=0)
    assert json.loads(taken.stdout)["total"] == 3
    (reject,) = (desk.folder / "rejects.jsonl").read_text().splitlines()
    assert json.loads(reject)["line"] == 4


def test_an_error_that_holds_for_every_item_pauses_the_run_and_is_explained(desk: Desk) -> None:
    desk.environment |= {
        "TIELINE_CLIENT_ID": "tieline-readonly", "TIELINE_CLIENT_SECRET": "tieline-readonly-secret"
    }  # fmt: skip

    refused = desk.tieline(*start(desk, 30), "--json", check=3)

    assert json.loads(refused.stdout)["code"] == "PERMISSION_DENIED"
    shown = json.loads(desk.tieline("runs", "show", "r", "--json").stdout)
    assert (shown["state"], shown["pending"], shown["failed"]) == ("paused", 30, 0)
    assert shown["reason"]


def test_a_run_of_a_target_that_is_not_there_is_refused_before_anything_is_written(
    desk: Desk,
) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    for given, code in ((unknown, "NOT_FOUND"), ("no-uuid", "VALIDATION_FAILED")):
        words = [given if word == FLOW else word for word in start(desk, 3)]
        assert json.loads(desk.tieline(*words, "--json", check=2).stdout)["code"] == code

    assert desk.tieline("runs", "list", "--json", check=0).stdout == "[]\n"


def test_an_item_that_the_target_does_not_take_is_refused_with_its_line(desk: Desk) -> None:
    lines = ['{"Flow.customerId": "c0"}', '{"Flow.nope": 1}', '{"Flow.customerId": 7}']
    (desk.folder / "odd.jsonl").write_text("\n".join(lines))
    words = ("runs", "start", "--flow", FLOW, "--items", "odd.jsonl", "--no-wait", "--json")

    refused = json.loads(desk.tieline(*words, check=2).stdout)
    taken = desk.tieline(*words, "--skip-invalid", "rejects.jsonl", check=0)

    assert [detail["loc"] for detail in refused["details"]] == [["items", 2], ["items", 3]]
    assert "Flow.nope" in refused["message"]
    assert json.loads(taken.stdout)["done"] == 1
    assert "1 item, 2 lines set aside in rejects.jsonl" in taken.stderr
    written = (desk.folder / "rejects.jsonl").read_text().splitlines()
    rejects = [json.loads(line) for line in written]
    assert [(reject["line"], reject["raw"]) for reject in rejects] == [(2, lines[1]), (3, lines[2])]


def test_items_come_from_stdin_and_go_out_as_one_document(desk: Desk) -> None:
    words = ("runs", "start", "--flow", FLOW, "--items", "-", "--no-wait", "--name", "r", "--quiet")
    given = '{"Flow.customerId": "c0"}\n{"Flow.customerId": "c1"}\n'
    started = subprocess.run(
        [sys.executable, "-m", "tieline", *words], input=given, text=True, capture_output=True,
        cwd=desk.folder, env=desk.environment, check=False, timeout=60,
    )  # fmt: skip
    assert started.returncode == 0, started.stderr

    array = json.loads(desk.tieline("runs", "export", "r", "--json", check=0).stdout)
    lines = desk.tieline("runs", "export", "r", "--jsonl", check=0).stdout.splitlines()
    told = json.loads(desk.tieline("runs", "export", "r", "--to", "r.json", "--json").stdout)

    assert [item["input"]["Flow.customerId"] for item in array] == ["c0", "c1"]
    assert [json.loads(line) for line in lines] == array
    assert (told["items"], told["file"]) == (2, "r.json")
    assert json.loads((desk.folder / "r.json").read_text()) == array


def test_a_cancelled_run_is_no_success_and_is_not_resumed(desk: Desk) -> None:
    command = desk.spawn(*start(desk, 400, "--rate", "100/min", "--no-wait", "--json"))
    desk.wait_until_launched(20)
    desk.tieline("runs", "cancel", "r", check=0)
    out, err = command.communicate(timeout=60)

    assert command.returncode == 1, err
    assert json.loads(out)["state"] == "cancelled"
    assert "was cancelled" in desk.tieline("runs", "resume", "r", check=4).stderr


def test_ctrl_c_finishes_what_is_under_way_and_says_how_to_go_on(desk: Desk) -> None:
    command = desk.spawn(*start(desk, 400, "--rate", "100/min", "--no-wait"))
    desk.wait_until_launched(20)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=60)

    assert command.returncode == 130, (out, err)
    run_id = err.split("tieline runs resume ")[1].split("`")[0]
    stopped = json.loads(desk.tieline("runs", "show", run_id, "--json").stdout)
    assert (stopped["state"], stopped["uncertain"], stopped["sent"]) == ("paused", 0, 0)
    assert stopped["done"] == sum(desk.launched().values())

    (desk.folder / "items.jsonl").write_text("{}\n")
    assert "was changed" in desk.tieline("runs", "resume", run_id, check=4).stderr
    assert desk.tieline("runs", "cancel", run_id, check=0).returncode == 0


def test_after_kill_nine_a_resume_goes_on_and_what_nobody_knows_is_settled_by_hand(
    desk: Desk,
) -> None:
    command = desk.spawn(*start(desk, 600, "--no-wait", "--concurrency", "8"))
    desk.wait_until_launched(50)
    command.kill()
    command.communicate()

    left = json.loads(desk.tieline("runs", "show", "r", "--json", check=0).stdout)
    assert (left["state"], left["owners"]) == ("paused", 0), "seen at once, no lease is waited for"

    resumed = desk.tieline("runs", "resume", "r", "--json")
    told = json.loads(resumed.stdout)
    assert told["done"] + told["uncertain"] == 600
    assert told["uncertain"] <= 8
    assert resumed.returncode == (5 if told["uncertain"] else 0)
    assert max(desk.launched().values()) == 1

    desk.tieline("runs", "resolve", "r", "--look-up")
    desk.tieline("runs", "resolve", "r", "--item", "all", "--as", "done", "--note", "seen", check=0)
    settled = json.loads(desk.tieline("runs", "show", "r", "--json").stdout)
    assert (settled["done"], settled["uncertain"]) == (600, 0)
    audited = list((desk.folder / "state" / "audit" / "segments").glob("*.jsonl"))
    text = "".join(path.read_text() for path in audited)
    assert text.count('"runs.resolve"') == 2 * told["uncertain"]


def test_an_action_whose_answer_was_lost_is_settled_by_the_far_sides_history(desk: Desk) -> None:
    (desk.folder / "items.csv").write_text("customerId\nc1\nc2\nc3\n")
    path = "/api/v2/processes/data-actions/{}/invocations"
    lost = {"match": {"method": "POST", "path": path}, "do": {"kind": "drop_after_commit"}}
    desk.app.add_fault({**lost, "calls": [2]})
    desk.environment["TIELINE_API"] = "guide"
    start = ("runs", "start", "--action", LOOKUP, "--items", "items.csv", "--name", "r")

    desk.tieline(*start, "--reference-field", "customerId", check=5)
    resolved = desk.tieline("runs", "resolve", "r", "--look-up", check=0)

    assert "1 items settled by look-up" in resolved.stderr
    desk.tieline("runs", "export", "r", "--to", "ends.parquet", check=0)
    rows = pq.read_table(desk.folder / "ends.parquet").to_pylist()
    assert [(row["reference"], row["line"], row["state"]) for row in rows] == [
        ("c1", 2, "done"), ("c2", 3, "done"), ("c3", 4, "done"),
    ]  # fmt: skip
    made = {
        each["payload"]["customerId"]: each["id"] for each in desk.app.world.invocations.invocations
    }
    assert {row["reference"]: row["execution_id"] for row in rows} == made
    assert [json.loads(row["input"]) for row in rows] == [
        {"customerId": customer} for customer in ("c1", "c2", "c3")
    ]


def test_a_second_resume_watches_the_first(desk: Desk) -> None:
    command = desk.spawn(*start(desk, 150, "--rate", "120/min", "--no-wait"))
    desk.wait_until_launched(60)
    watcher = desk.spawn("runs", "resume", "r", "--json")
    assert watcher.stderr is not None
    assert "watching: another process" in watcher.stderr.readline()
    command.send_signal(signal.SIGINT)
    command.communicate(timeout=60)
    out, err = watcher.communicate(timeout=60)

    assert json.loads(out)["state"] == "paused", err
    assert sum(desk.launched().values()) == 120
    assert max(desk.launched().values()) == 1


@pytest.mark.parametrize("limits", [dict.fromkeys(KEYS, 40)])
def test_the_organisations_limit_is_kept_to_without_a_single_429(desk: Desk) -> None:
    command = desk.spawn(*start(desk, 200, "--no-wait"))
    desk.wait_until_launched(38)  # the other two calls read the limit and the flow
    command.send_signal(signal.SIGINT)
    command.communicate(timeout=60)

    assert not [entry for entry in desk.app.journal.since(0) if entry.status == 429]


def campaign_of_kills(desk: Desk, words: Callable[[], tuple[str, ...]], kills: int) -> Any:
    for _ in range(kills):
        before = sum(desk.launched().values())
        command = desk.spawn(*words())
        desk.wait_until_launched(before + 2_000)
        command.kill()
        command.communicate()
    last = desk.spawn(*words(), "--quiet", "--json")
    out, _ = last.communicate()
    return json.loads(out)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_items_through_six_kills(desk: Desk) -> None:
    first = desk.spawn(*start(desk, 100_000, "--no-wait"))
    desk.wait_until_launched(1_000)
    first.kill()
    first.communicate()

    told = campaign_of_kills(desk, lambda: ("runs", "resume", "r"), kills=5)

    assert told["done"] + told["uncertain"] == 100_000
    assert told["uncertain"] <= 6 * 64
    assert max(desk.launched().values()) == 1
    assert len(desk.launched()) >= told["done"]
