"""Workers on PostgreSQL: chunks are delivered by Procrastinate, items are claimed in the ledger."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.server import running

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
UNLIMITED = 1_000_000_000
FIXTURE = {
    "limits": {
        "platform.api": {
            "client.credentials.token.rate.per.minute": UNLIMITED,
            "org.client.rate.per.minute": UNLIMITED,
        }
    }
}


@pytest.fixture
def emulator() -> Iterator[tuple[Emulator, dict[str, str]]]:
    with running(create_app(FIXTURE)) as (app, address):
        yield (
            app,
            {
                "PATH": os.environ["PATH"],
                "TIELINE_BASE_URL": address.url,
                "TIELINE_CLIENT_ID": address.client_id,
                "TIELINE_CLIENT_SECRET": address.client_secret,
            },
        )


@pytest.fixture
def store(postgres: Any) -> str:
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return str(postgres.url).replace("/postgres", f"/{name}")


def command(environment: dict[str, str], folder: Path, *words: str) -> "subprocess.Popen[str]":
    # A state folder of its own: another machine, but for the process ids.
    return subprocess.Popen(
        [sys.executable, "-m", "tieline", *words],
        cwd=folder, env={**environment, "HOME": str(folder), "TIELINE_STATE_DIR": str(folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def run_with_workers(
    app: Emulator, environment: dict[str, str], folder: Path, store: str, *, count: int, kills: int
) -> dict[str, Any]:
    folders = [folder / f"machine-{n}" for n in range(3 + kills)]
    for one in folders:
        one.mkdir()
    lines = (json.dumps({"Flow.customerId": f"c{n}"}) for n in range(count))
    (folders[0] / "items.jsonl").write_text("\n".join(lines))
    environment = {**environment, "TIELINE_STORE": store}
    finished(
        command(
            environment, folders[0], "runs", "start", "--flow", FLOW, "--items", "items.jsonl",
            "--name", "r", "--no-wait", "--concurrency", "16", "--leave-to-workers",
        )
    )  # fmt: skip
    for number in range(kills):
        before = len(app.world.flows.executions)
        worker = command(environment, folders[3 + number], "runs", "worker")
        deadline = time.monotonic() + 60
        while len(app.world.flows.executions) < before + 40:
            assert time.monotonic() < deadline, "the worker launches nothing"
            time.sleep(0.01)
        worker.kill()
        worker.communicate()
    workers = [command(environment, one, "runs", "worker", "--until-idle") for one in folders[:3]]
    for worker in workers:
        finished(worker)
    shown = finished(command(environment, folders[0], "runs", "show", "r", "--json"))
    told: dict[str, Any] = json.loads(shown)
    return told


def judge(app: Emulator, told: dict[str, Any], *, count: int, kills: int) -> None:
    launched = Counter(execution["name"] for execution in app.world.flows.executions)
    assert max(launched.values()) == 1
    assert told["state"] == "done"
    assert told["done"] + told["uncertain"] == count
    assert told["uncertain"] <= kills * 16


def test_three_workers_end_what_a_killed_one_left(
    emulator: tuple[Emulator, dict[str, str]], tmp_path: Path, store: str
) -> None:
    app, environment = emulator

    told = run_with_workers(app, environment, tmp_path, store, count=2_500, kills=1)

    judge(app, told, count=2_500, kills=1)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_three_workers_end_a_hundred_thousand_items_through_six_kills(
    emulator: tuple[Emulator, dict[str, str]], tmp_path: Path, store: str
) -> None:
    app, environment = emulator

    told = run_with_workers(app, environment, tmp_path, store, count=100_000, kills=6)

    judge(app, told, count=100_000, kills=6)
