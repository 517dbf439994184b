"""One file, from nothing to a deployed action that the platform calls: what a developer types."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tieline.emulator.app import Emulator
from tieline.emulator.server import Address, running

ROOT = Path(__file__).resolve().parents[2]
CUSTOMER = ROOT / "examples" / "data_actions" / "customer.py"
KEY = "k" * 24
ASK = '{"customer_id": "cust_10024", "request_type": "lookup"}'


@dataclass
class Laptop:
    """A developer's machine: a folder, an environment, and the real command line."""

    folder: Path
    environment: dict[str, str]

    def tieline(self, *arguments: str, expect: int = 0) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "tieline", *arguments, "--json"],
            check=False,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == expect, (done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def serving(self, *arguments: str, **more: str) -> Iterator[tuple[str, Path]]:
        """`tieline actions serve` as a process of its own; yields its address and its log."""
        ready, log = self.folder / "ready.json", self.folder / "serve.log"
        ready.unlink(missing_ok=True)
        with log.open("w") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "tieline", "actions", "serve", *arguments, "--port", "0",
                 "--ready-file", str(ready), "--json"],
                cwd=self.folder, env={**self.environment, **more}, stdout=stream, stderr=stream,
            )  # fmt: skip
            try:
                yield _address(ready, process, log), log
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(30)


def _address(ready: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    while not ready.exists():
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    url: str = json.loads(ready.read_text())["url"]
    return url


@pytest.fixture
def organisation() -> Iterator[tuple[Emulator, Address]]:
    with running() as started:
        yield started


@pytest.fixture(params=["platform", "guide"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def laptop(tmp_path: Path, organisation: tuple[Emulator, Address]) -> Laptop:
    _, address = organisation
    kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return Laptop(
        tmp_path,
        kept
        | {
            "TIELINE_BASE_URL": address.url,
            "TIELINE_CLIENT_ID": address.client_id,
            "TIELINE_CLIENT_SECRET": address.client_secret,
            "TIELINE_STATE_DIR": str(tmp_path / "state"),
            "PYTHONUNBUFFERED": "1",
        },
    )


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[str]:
    """The outside service of the example, on a socket."""
    ready = tmp_path / "crm.json"
    code = (
        "import sys, json, uvicorn, socket; sys.path.insert(0, sys.argv[1]); from crm import app\n"
        "s = socket.create_server(('127.0.0.1', 0))\n"
        "open(sys.argv[2] + '.part', 'w').write(json.dumps({'url': 'http://127.0.0.1:%d' % "
        "s.getsockname()[1]}))\n"
        "import os; os.replace(sys.argv[2] + '.part', sys.argv[2])\n"
        "uvicorn.Server(uvicorn.Config(app, log_level='error')).run(sockets=[s])"
    )
    with (tmp_path / "crm.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(CUSTOMER.parent), str(ready)], stderr=log
        )
        try:
            yield _address(ready, process, tmp_path / "crm.log")
        finally:
            process.terminate()
            process.wait(30)


def test_the_example_goes_from_nothing_to_an_action_the_platform_calls(
    laptop: Laptop, crm: str
) -> None:
    outside = {"TIELINE_OUTSIDE_BASE_URL": crm, "TIELINE_OUTSIDE_KEY": "crm-demo-key"}
    with laptop.serving(str(CUSTOMER), **outside) as (url, log):
        plan = laptop.tieline("actions", "plan", str(CUSTOMER), "--url", url)
        deployed = laptop.tieline("actions", "deploy", str(CUSTOMER), "--url", url)
        again = laptop.tieline("actions", "deploy", str(CUSTOMER), "--url", url)
        outcome = laptop.tieline("actions", "invoke", deployed[0]["action_id"], "--input", ASK)
        lines = [json.loads(line) for line in log.read_text().splitlines() if line[:1] == "{"]

    assert plan[0]["change"] == "create"
    assert deployed[0]["change"] == "create"
    assert again[0] == {**deployed[0], "change": "none"}
    assert outcome["status"] == "completed"
    assert outcome["result"]["data"] == {"name": "Ann Lee", "tier": "gold"}
    traces = {line["trace_id"] for line in lines if line.get("event") == "action"}
    assert traces == {outcome["correlation_id"]} == {outcome["result"]["trace_id"]}


def test_the_platform_calls_with_the_credential_the_deploy_refers_to(
    laptop: Laptop, organisation: tuple[Emulator, Address], crm: str
) -> None:
    emulator, _ = organisation
    credential = emulator.world.integrations.credentials.put(
        {"id": "c-1", "name": "hosted", "type": {"name": "userDefined"},
         "credentialFields": {"apiKey": KEY}},
    )  # fmt: skip
    outside = {"TIELINE_OUTSIDE_BASE_URL": crm, "TIELINE_OUTSIDE_KEY": "crm-demo-key"}
    where = [str(CUSTOMER), "--credential", credential["id"]]
    with laptop.serving(str(CUSTOMER), TIELINE_SERVE_API_KEYS=KEY, **outside) as (url, _):
        deployed = laptop.tieline("actions", "deploy", *where, "--url", url, "--test-input", ASK)
        again = laptop.tieline("actions", "plan", *where, "--url", url)
        outcome = laptop.tieline("actions", "invoke", deployed[0]["action_id"], "--input", ASK)

    assert again[0]["change"] == "none"
    assert outcome["status"] == "completed"
    assert outcome["result"]["success"] is True


def test_the_official_sdk_invokes_what_was_deployed(
    laptop: Laptop, organisation: tuple[Emulator, Address], crm: str
) -> None:
    _, address = organisation
    outside = {"TIELINE_OUTSIDE_BASE_URL": crm, "TIELINE_OUTSIDE_KEY": "crm-demo-key"}
    with laptop.serving(str(CUSTOMER), **outside) as (url, _):
        deployed = laptop.tieline("actions", "deploy", str(CUSTOMER), "--url", url)
        code = (
            "import sys, json, PureCloudPlatformClientV2 as P\n"
            "url, client, secret, action, ask = sys.argv[1:]\n"
            "P.Configuration().host = url\n"
            "api = P.IntegrationsApi(P.ApiClient().get_client_credentials_token(client, secret))\n"
            "print(json.dumps(api.post_integrations_action_execute(action, json.loads(ask))))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, address.url, address.client_id, address.client_secret,
             deployed[0]["action_id"], ASK],
            check=True, capture_output=True, text=True, env=laptop.environment, timeout=60,
        )  # fmt: skip

    assert json.loads(done.stdout)["data"] == {"name": "Ann Lee", "tier": "gold"}


def test_a_version_is_never_registered_twice_with_another_content(laptop: Laptop, api: str) -> None:
    laptop.environment["TIELINE_API"] = api
    mine = laptop.folder / "mine.py"
    mine.write_text(CUSTOMER.read_text())
    where = ["--url", "https://actions.example"]

    first = laptop.tieline("actions", "deploy", str(mine), *where)
    same = laptop.tieline("actions", "deploy", str(mine), *where)
    mine.write_text(CUSTOMER.read_text().replace('"delete"]', '"delete", "merge"]'))
    refused = laptop.tieline("actions", "deploy", str(mine), *where, expect=4)
    mine.write_text(mine.read_text().replace("1.0.0", "2.0.0"))
    next_one = laptop.tieline("actions", "deploy", str(mine), *where)

    assert (first[0]["change"], same[0]["change"]) == ("create", "none")
    assert refused["code"] == "CONFLICT"
    assert "2.0.0" in refused["hint"] or "1.1.0" in refused["hint"]
    assert next_one[0]["change"] == ("replace" if api == "platform" else "update")


def test_the_gateway_validates_strictly_and_invokes_through_the_organisation(
    laptop: Laptop, organisation: tuple[Emulator, Address]
) -> None:
    import httpx

    laptop.environment["TIELINE_API"] = "guide"
    action = "0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10"
    sample = {
        "contact": {
            "external_id": "crm-42", "channel": "chat", "timestamp": "2026-01-31T12:00:00Z",
        },
        "priority": 3,
        "tags": ["vip"],
    }  # fmt: skip
    with laptop.serving(TIELINE_SERVE_API_KEYS=KEY) as (url, _):
        path = f"{url}/v1/actions/{action}/invocations"
        key = {"X-API-Key": KEY}
        unknown = httpx.post(path, json=sample)
        refused = httpx.post(path, json={**sample, "priority": 9}, headers=key)
        accepted = httpx.post(path, json=sample, headers=key, timeout=30)
        tags = {"tags": ["vip", "new", "vip"]}
        repeated = httpx.post(path, json={**sample, **tags}, headers=key, timeout=30)

    assert unknown.status_code == 401
    assert refused.json()["code"] == "VALIDATION_FAILED"
    assert refused.json()["details"][0]["loc"] == ["priority"]
    assert accepted.json()["status"] == "success"
    assert accepted.json()["data"]["status"] == "completed"
    assert repeated.json()["status"] == "success"


SLOW = """
import asyncio
from pydantic import BaseModel
from tieline.actions import Context, action

class Ask(BaseModel):
    n: int

@action(name="custom_slow", version="1.0.0")
async def slow(request: Ask, context: Context) -> Ask:
    context.log.warning("begun")
    await asyncio.sleep(0.5)
    return request
"""


def test_a_stop_lets_a_running_handler_end(laptop: Laptop) -> None:
    import threading

    import httpx

    (laptop.folder / "slow_actions.py").write_text(SLOW)
    answers: list[httpx.Response] = []
    with laptop.serving("slow_actions.py") as (url, log):

        def call() -> None:
            answers.append(httpx.post(f"{url}/actions/custom_slow", json={"n": 1}, timeout=30))

        caller = threading.Thread(target=call)
        caller.start()
        while "begun" not in log.read_text():
            caller.join(0.02)
            assert caller.is_alive(), log.read_text()
    caller.join(30)

    assert [answer.json() for answer in answers] == [{"n": 1}]
