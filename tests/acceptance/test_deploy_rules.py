"""Guide 4's own rule, from its file to an organisation and back, as an administrator types it."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tieline.emulator.server import Address, running

EXAMPLES = Path(__file__).parents[2] / "examples" / "rules"
GUIDE = EXAMPLES / "technical-support.yaml"
RULE = "Technical Support Escalation Rule"
Tieline = Callable[..., Any]


@pytest.fixture
def organisation() -> Iterator[Address]:
    with running() as (_, address):
        yield address


@pytest.fixture
def heard() -> Iterator[tuple[str, list[Any]]]:
    heard: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append((self.headers["X-API-Key"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks", heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tieline(tmp_path: Path, organisation: Address) -> Tieline:
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "100",
        "TIELINE_BASE_URL": organisation.url, "TIELINE_CLIENT_ID": organisation.client_id,
        "TIELINE_CLIENT_SECRET": organisation.client_secret,
        "TIELINE_STATE_DIR": str(tmp_path / "state"), "CRM_KEY": "crm-key-1",
    }  # fmt: skip

    def call(*words: str, api: str, expect: int = 0, told: bool = False) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "tieline", *words, *([] if told else ["--json"])],
            cwd=tmp_path, env={**environ, "TIELINE_API": api},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == expect, (done.stdout, done.stderr)
        if told:
            return (done.stdout + done.stderr).splitlines()
        return json.loads(done.stdout) if done.stdout else None

    return call


@pytest.mark.parametrize("api", ["guide", "platform"])
def test_the_guides_rule_is_planned_applied_told_of_and_rolled_back(
    tieline: Tieline, tmp_path: Path, heard: tuple[str, list[Any]], api: str
) -> None:
    url, events = heard
    tieline(
        "webhooks", "add", "crm", url, "--allow-http", "--allow-network", "127.0.0.1",
        "--api-key-from", "CRM_KEY", "--event", "routing.rule.verified", api=api,
    )  # fmt: skip
    records = [{"skill": ["technical_support"], "language": "en", "priority": n} for n in range(10)]
    history = tmp_path / "history.jsonl"
    history.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert tieline("rules", "check", str(GUIDE), api=api)["ok"]
    assert tieline("rules", "verify", str(GUIDE), api=api)["ok"]

    planned = tieline("rules", "plan", str(GUIDE), api=api)
    assert {change["kind"] for change in planned["changes"]} == {"add"}
    applied = tieline("rules", "apply", str(GUIDE), "--history", str(history), api=api)
    assert (applied["change"], list(applied["rules"])) == ("applied", [RULE])
    assert tieline("rules", "apply", str(GUIDE), api=api)["change"] == "none"
    status = tieline("rules", "status", str(GUIDE), api=api)
    assert (status["state"], status["in_sync"]) == ("deployed", True)
    assert all(step["done"] for step in status["standing"]["steps"])

    tieline("webhooks", "deliver", api=api)
    ((key, told),) = events
    assert (key, told["event"]) == ("crm-key-1", "routing.rule.verified")
    assert (told["rule_id"], told["validation_status"]) == (applied["rules"][RULE], "passed")
    metrics = told["metrics"]
    assert metrics["condition_count"] == 4
    assert metrics["evaluation_latency_ms"] > 0
    rate = metrics["estimated_match_rate"]
    assert (rate["value"], rate["records"]) == (0.5, 10)
    low, high = rate["interval95"]
    assert low < 0.5 < high

    assert tieline("rules", "rollback", str(GUIDE), api=api)["change"] == "rolled_back"
    assert tieline("rules", "status", str(GUIDE), api=api)["state"] == "none"


def test_a_plan_is_held_to_what_was_shown(tieline: Tieline, tmp_path: Path) -> None:
    shown = tieline("rules", "plan", str(GUIDE), api="guide")
    rival = ("--state-dir", str(tmp_path / "rival"))
    tieline("rules", "apply", str(GUIDE), *rival, api="guide")

    refused = tieline("rules", "apply", str(GUIDE), api="guide", expect=4)
    assert refused["code"] == "STALE_PLAN"
    tieline("rules", "apply", str(GUIDE), "--plan-id", shown["plan_id"], api="guide", expect=4)
    tieline("rules", "plan", str(GUIDE), api="guide")
    assert tieline("rules", "apply", str(GUIDE), api="guide")["change"] == "none"


WAITS = (
    "ruleset: waits\n"
    "queue: Technical Support\n"
    "fields:\n"
    "  EstimatedWaitTime: {type: number, minimum: 0}\n"
    "rules:\n"
    "  - name: help out\n"
    "    when: EstimatedWaitTime gt 120\n"
    "    then:\n"
    "      groups: [{id: 7e3d9b1c-4a5f-4e2d-8c6b-0a1f2e3d4c13, type: GROUP}]\n"
    "      waitSeconds: 30\n"
)


@pytest.mark.parametrize("target", ["table", "queue"])
def test_a_stale_plan_ends_with_code_4_and_changes_nothing(
    tieline: Tieline, tmp_path: Path, organisation: Address, target: str
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(GUIDE.read_text() if target == "table" else WAITS)
    tieline("rules", "plan", str(file), api="platform")
    tieline("rules", "apply", str(file), "--state-dir", str(tmp_path / "rival"), api="platform")
    before = changes(organisation)

    refused = tieline("rules", "apply", str(file), api="platform", expect=4)

    assert refused["code"] == "STALE_PLAN"
    assert changes(organisation) == before


def control(organisation: Address, method: str, what: str, body: Any = None) -> Any:
    request = urllib.request.Request(  # noqa: S310  # our own emulator on loopback
        f"{organisation.url}/_emulator/{what}", method=method, data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        return json.load(answer)


def changes(organisation: Address) -> int:
    entries = control(organisation, "GET", "journal")["entries"]
    return sum(e["effect"] is not None and e["operation"] != "oauth.token" for e in entries)


def test_a_canary_that_finds_another_result_ends_with_code_7_and_says_what_executes(
    tieline: Tieline, tmp_path: Path, organisation: Address
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(GUIDE.read_text())
    tieline("rules", "apply", str(file), api="platform")
    file.write_text(GUIDE.read_text().replace("priority gte 5", "priority gte 7"))
    wrong = {"table": {"version": 2}, "rowExecutionOutputs": []}
    control(organisation, "POST", "faults", [
        {"match": {"method": "POST", "path": "/api/v2/businessrules/decisiontables/{}/execute"},
         "do": {"kind": "status", "status": 200, "body": wrong}},
    ])  # fmt: skip

    refused = tieline("rules", "apply", str(file), api="platform", expect=7)

    assert refused["message"].endswith("version 1 executes again")
    assert refused["details"][0]["found"] is None
    lines = tieline("rules", "status", str(file), api="platform", told=True)
    assert lines[0] == "technical-support (table): deployed"
    assert lines[2].startswith("  decision table technical-support, version 1, id ")
    assert lines[5].strip() == refused["message"]
    last = tieline("rules", "status", str(file), api="platform")["deployments"][-1]
    assert (last["state"], last["message"]) == ("undone", refused["message"])


def test_a_replaced_table_is_told_of_at_every_step(tieline: Tieline, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(GUIDE.read_text())
    old = tieline("rules", "apply", str(file), api="platform")["table"]
    file.write_text(GUIDE.read_text().replace("priority gte 5", "priority gte 5 or priority lt 1"))

    refused = tieline("rules", "apply", str(file), api="platform", expect=2)
    assert (refused["code"], "--replace-table" in refused["hint"]) == ("UNSUPPORTED", True)
    told = tieline("rules", "plan", str(file), "--replace-table", api="platform", told=True)
    assert "  + Technical Support Escalation Rule (3 rows)" in told
    assert any(line.startswith(f"  note: REPLACES the decision table technical-support ({old})")
               for line in told)  # fmt: skip
    told = tieline("rules", "apply", str(file), "--replace-table", api="platform", told=True)
    assert told[-1] == f"  FLOWS GO ON USING {old} until you point them at this table"
    told = tieline("rules", "status", str(file), api="platform", told=True)
    assert f"  it replaces {old}, which flows may still use" in told
    told = tieline("rules", "rollback", str(file), api="platform", told=True)
    assert told[-1] == f"  the table it made is deleted; the one before it is as it was, id {old}"


def test_rules_that_are_wrong_are_not_deployed(tieline: Tieline, tmp_path: Path) -> None:
    seeded = str(EXAMPLES / "seeded-mistakes.yaml")
    refused = tieline("rules", "apply", seeded, api="guide", expect=7)
    assert refused["details"]
    lost = tmp_path / "lost.yaml"
    lost.write_text(GUIDE.read_text().replace("{queue: General}", "{queue: Genral}"))
    refused = tieline("rules", "plan", str(lost), api="platform", expect=7)
    assert refused["details"][0]["code"] == "unknown-queue"


def test_rules_of_a_queues_metrics_become_its_conditional_group_routing(
    tieline: Tieline, tmp_path: Path
) -> None:
    file = tmp_path / "waits.yaml"
    file.write_text(WAITS)
    applied = tieline("rules", "apply", str(file), api="platform")
    assert (applied["target"], applied["change"]) == ("queue", "applied")
    assert tieline("rules", "apply", str(file), api="platform")["change"] == "none"
    assert tieline("rules", "status", str(file), api="platform")["in_sync"]
    tieline("rules", "rollback", str(file), api="platform")
    assert not tieline("rules", "status", str(file), api="platform")["in_sync"]
