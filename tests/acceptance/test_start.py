"""What a user types first: help, init, doctor, completion. The real command, the real emulator."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tieline.emulator.server import Address, running

LOADED_BY_HELP = """\
import sys
from tieline.cli.app import run
run(["--help"])
print(sorted({"cyclopts", "rich", "aiohttp", "pydantic"} & set(sys.modules)))
"""
Tieline = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Address]:
    with running() as (_, address):
        yield address


@pytest.fixture
def tieline(tmp_path: Path) -> Tieline:
    """The command, in an empty folder, with an environment that configures nothing."""
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "COLUMNS": "100"}

    def call(*words: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Any:
        return subprocess.run(
            [sys.executable, "-m", "tieline", *words],
            cwd=tmp_path, env={**base, **(env or {})}, input=stdin,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    return call


def levels(document: Mapping[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for check in document["checks"]:
        found.setdefault(check["check"], set()).add(check["level"])
    return found


def test_help_is_printed_without_the_framework(tieline: Tieline) -> None:
    shown = tieline("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("tieline ")
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED_BY_HELP],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_a_first_profile_against_the_emulator_is_healthy(
    tieline: Tieline, emulator: Address, tmp_path: Path
) -> None:
    written = tieline(
        "init", "--yes", "--profile", "local", "--base-url", emulator.url,
        "--client-id", emulator.client_id,
    )  # fmt: skip
    assert (written.returncode, written.stderr) == (0, "")
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"TIELINE_CLIENT_SECRET={emulator.client_secret}\n")
    dotenv.chmod(0o600)
    checked = tieline("doctor", "--json")
    assert checked.returncode == 0, checked.stdout
    document = json.loads(checked.stdout)
    assert document["ok"] is True
    assert levels(document)["credentials"] == {"ok"}
    assert "problem" not in levels(document)["permissions"]
    assert levels(document)["clock"] == {"ok"}
    values = {value["field"]: value for value in document["values"]}
    assert values["client_secret"] == {
        "field": "client_secret", "value": "***", "source": f"{dotenv} TIELINE_CLIENT_SECRET",
    }  # fmt: skip
    assert emulator.client_secret not in checked.stdout + checked.stderr


def test_doctor_speaks_the_guide_dialect_too(tieline: Tieline, emulator: Address) -> None:
    checked = tieline(
        "doctor", "--json",
        env={
            "TIELINE_API": "guide", "TIELINE_BASE_URL": emulator.url,
            "TIELINE_CLIENT_ID": emulator.client_id,
            "TIELINE_CLIENT_SECRET": emulator.client_secret,
        },
    )  # fmt: skip
    assert levels(json.loads(checked.stdout))["credentials"] == {"ok"}


@pytest.mark.parametrize(
    ("client", "secret"),
    [("tieline-demo", "wrong"), ("nobody", "tieline-demo-secret")],
    ids=["wrong secret", "unknown client"],
)
def test_refused_credentials_are_a_problem_with_a_fix(
    tieline: Tieline, emulator: Address, client: str, secret: str
) -> None:
    env = {
        "TIELINE_BASE_URL": emulator.url, "TIELINE_CLIENT_ID": client,
        "TIELINE_CLIENT_SECRET": secret,
    }  # fmt: skip
    checked = tieline("doctor", "--json", env=env)
    assert checked.returncode == 7
    document = json.loads(checked.stdout)
    assert levels(document)["credentials"] == {"problem"}
    assert levels(document)["permissions"] == {"unknown"}
    assert "Traceback" not in checked.stderr


def test_a_supplied_token_that_is_refused_is_a_problem(tieline: Tieline, emulator: Address) -> None:
    env = {"TIELINE_BASE_URL": emulator.url, "TIELINE_ACCESS_TOKEN": "expired-long-ago"}
    checked = tieline("doctor", "--json", env=env)
    assert checked.returncode == 7
    assert levels(json.loads(checked.stdout))["credentials"] == {"problem"}
    assert "expired-long-ago" not in checked.stdout + checked.stderr


def test_an_address_that_is_no_platform_is_a_problem(tieline: Tieline, tmp_path: Path) -> None:
    class NoPlatform(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def do_POST(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing on the test's stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), NoPlatform) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        env = {
            "TIELINE_BASE_URL": f"http://127.0.0.1:{server.server_port}",
            "TIELINE_CLIENT_ID": "x", "TIELINE_CLIENT_SECRET": "x", "HOME": str(tmp_path),
        }  # fmt: skip
        checked = tieline("doctor", "--json", env=env)
        server.shutdown()
    assert checked.returncode == 7
    found = levels(json.loads(checked.stdout))
    assert (found["network"], found["credentials"]) == ({"ok"}, {"problem"})


def test_doctor_with_a_broken_file_names_line_and_field(tieline: Tieline, tmp_path: Path) -> None:
    (tmp_path / "tieline.toml").write_text("[profiles.a]\nregoin = 'eu-west-1'\n")
    checked = tieline("doctor")
    assert checked.returncode == 7
    assert "tieline.toml:2: regoin" in checked.stdout
    assert "did you mean region?" in checked.stdout


def test_init_asks_nothing_off_a_terminal_and_overwrites_nothing(tieline: Tieline) -> None:
    asked = tieline("init")
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert tieline("init", "--yes", "--region", "eu_west_1").returncode == 0
    again = tieline("init", "--yes", "--json")
    assert again.returncode == 2
    assert "--force" in json.loads(again.stdout)["hint"]
    assert tieline("init", "--yes", "--force").returncode == 0


def test_init_refuses_a_region_there_is_not(tieline: Tieline, tmp_path: Path) -> None:
    refused = tieline("init", "--yes", "--region", "eu-vest-1")
    assert refused.returncode == 2
    assert "eu-west-1" in refused.stderr
    assert not (tmp_path / "tieline.toml").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_knows_the_groups(tieline: Tieline, shell: str) -> None:
    script = tieline("completion", shell)
    assert (script.returncode, script.stderr) == (0, "")
    assert "doctor" in script.stdout


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m tieline completion bash | head -1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
