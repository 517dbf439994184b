"""Webhooks as typed: added, told of a real launch, checked by the receiver, replayed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tieline.emulator.server import Address, running

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
Tieline = Callable[..., "subprocess.CompletedProcess[str]"]


class Listener:
    """A receiver of its own process's making; keeps headers and bodies, answers `status`."""

    def __init__(self) -> None:
        self.status = 204
        self.heard: list[tuple[dict[str, str], bytes]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append((dict(self.headers), body))
                self.send_response(listener.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    thread = Thread(target=listener.server.serve_forever)
    thread.start()
    yield listener
    listener.server.shutdown()
    thread.join()
    listener.server.server_close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Address]:
    with running() as (_, address):
        yield address


@pytest.fixture
def tieline(tmp_path: Path, emulator: Address) -> Tieline:
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "100",
        "TIELINE_BASE_URL": emulator.url, "TIELINE_CLIENT_ID": emulator.client_id,
        "TIELINE_CLIENT_SECRET": emulator.client_secret, "TIELINE_STATE_DIR": str(tmp_path / "s"),
        "CRM_KEY": "crm-key-1",
    }  # fmt: skip

    def call(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tieline", *words],
            cwd=tmp_path, env={**environ, **more}, capture_output=True, text=True, check=False,
            timeout=60,
        )  # fmt: skip

    return call


def add(tieline: Tieline, listener: Listener, *words: str) -> str:
    done = tieline(
        "webhooks", "add", "crm", listener.url, "--allow-http", "--allow-network", "127.0.0.1",
        "--api-key-from", "CRM_KEY", "--json", *words,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["secret"])


def test_a_launch_is_told_and_the_receiver_can_check_it(
    tieline: Tieline, listener: Listener, tmp_path: Path
) -> None:
    secret = add(tieline, listener, "--event", "flows.launch.*")
    assert tieline("flows", "launch", FLOW, "--no-wait").returncode == 0
    tieline("webhooks", "deliver")

    headers, body = listener.heard[0]
    told = json.loads(body)
    assert told["type"].startswith("flows.launch.")
    assert told["data"]["target_id"] == FLOW
    assert headers["X-API-Key"] == "crm-key-1"
    (tmp_path / "body.json").write_bytes(body)
    (tmp_path / "headers.json").write_text(json.dumps(headers))
    given = ("webhooks", "verify", "--body", "@body.json", "--headers", "@headers.json", "--json")
    good = tieline(*given, TIELINE_WEBHOOK_SECRET=secret)
    assert (good.returncode, json.loads(good.stdout)["ok"]) == (0, True)
    assert tieline(*given, "--endpoint", "crm").returncode == 0

    (tmp_path / "body.json").write_bytes(body.replace(b"flows", b"fl0ws"))
    forged = tieline(*given, TIELINE_WEBHOOK_SECRET=secret)
    assert (forged.returncode, json.loads(forged.stdout)["ok"]) == (7, False)


def test_what_a_receiver_refused_for_good_is_replayed(tieline: Tieline, listener: Listener) -> None:
    add(tieline, listener)
    listener.status = 410
    assert tieline("flows", "launch", FLOW, "--no-wait").returncode == 0
    tieline("webhooks", "deliver")
    dead = json.loads(tieline("webhooks", "deliveries", "--state", "dead", "--json").stdout)
    assert [row["error"] for row in dead] == ["the receiver answered 410"]
    assert json.loads(tieline("webhooks", "list", "--json").stdout)[0]["state"] == "gone"

    listener.status = 204
    add(tieline, listener)
    done = tieline("webhooks", "replay", "--endpoint", "crm", "--json")
    assert json.loads(done.stdout) == {"replayed": len(dead)}
    assert tieline("webhooks", "deliver").returncode == 0
    assert tieline("webhooks", "remove", "crm").returncode == 0


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "https://u:p@x.org/"])
def test_a_url_that_may_not_be_called_is_bad_usage(tieline: Tieline, url: str) -> None:
    assert tieline("webhooks", "add", "crm", url).returncode == 2


def test_an_inner_address_is_not_called(tieline: Tieline, listener: Listener) -> None:
    port = listener.server.server_port
    assert tieline("webhooks", "add", "me", f"https://127.0.0.1:{port}/").returncode == 0
    assert tieline("flows", "launch", FLOW, "--no-wait").returncode == 0

    (row, *_) = json.loads(tieline("webhooks", "deliveries", "--json").stdout)
    assert "not a public address" in row["error"]
    assert listener.heard == []
