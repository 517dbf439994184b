"""What a user types to invoke things: one suite, both dialects, over a real socket."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tieline.cli.app import run
from tieline.contracts.modelling import class_name
from tieline.emulator.server import Address, running

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
USER = "9d2f7a30-5b7e-4f0e-8c3d-2a6b1e4f7c01"
CONTACT = "c7a4e2b1-6f3d-4e8a-9b0c-5d1f8a2e3b02"
FUNCTION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
ACTIONS = {
    "platform": ("custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01", "custom_customer_lookup"),
    "guide": ("0c9a4d8e-2d57-4a0c-8a42-6f0f3c7f5b10", "custom_contact_intake"),
}
PAYLOADS: dict[str, Any] = {
    "platform": {"customerId": "10024"},
    "guide": {
        "contact": {"external_id": "1", "channel": "chat", "timestamp": "2026-01-31T12:00:00Z"},
        "priority": 3,
    },
}
LAUNCHES = {"method": "POST", "path": "/api/v2/flows/executions"}
LOOKS = {"method": "GET", "path": "/api/v2/flows/executions/{}"}
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass
class Desk:
    """A user's shell, and the emulator's journal and faults beside it."""

    api: str
    url: str
    capture: pytest.CaptureFixture[str]
    folder: Path
    errors: list[str] = field(default_factory=list)

    def tieline(self, *words: str, expect: int = 0) -> Any:
        code = run([*words, "--json"])
        out, err = self.capture.readouterr()
        assert code == expect, (out, err)
        assert "Traceback" not in out + err
        self.errors.append(err)
        return json.loads(out)

    def launch(self, *words: str, expect: int = 0) -> Any:
        who = ("--user", USER) if self.api == "guide" else ()
        return self.tieline("flows", "launch", FLOW, *who, *words, expect=expect)

    def invoke_action(self, given: Any, *, target: str | None = None, expect: int = 0) -> Any:
        action = target or ACTIONS[self.api][0]
        return self.tieline(
            "actions", "invoke", action, "--input", json.dumps(given), expect=expect
        )

    def fault(self, match: dict[str, str], *does: dict[str, Any]) -> None:
        """The first matching request meets the first fault, the second the second, and so on."""
        rules = [{"match": match, "calls": [n], "do": do} for n, do in enumerate(does, start=1)]
        self.control("POST", "faults", rules)

    def sent(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Requests that would change something, or those of one operation."""
        entries: list[dict[str, Any]] = self.control("GET", "journal")["entries"]
        if operation is not None:
            return [entry for entry in entries if entry["operation"] == operation]
        return [e for e in entries if e["method"] == "POST" and e["operation"] != "oauth.token"]

    def control(self, method: str, what: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # our own emulator on loopback
            f"{self.url}/_emulator/{what}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # same
            content = answer.read()
        return json.loads(content) if content else None


@pytest.fixture(scope="module")
def emulator() -> Iterator[Address]:
    with running() as (_, address):
        yield address


@pytest.fixture
def desk_of(
    emulator: Address,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str], Desk]:
    def make(api: str) -> Desk:
        settings = {
            "API": api, "BASE_URL": emulator.url, "CLIENT_ID": emulator.client_id,
            "CLIENT_SECRET": emulator.client_secret, "STATE_DIR": str(tmp_path / "state"),
        }  # fmt: skip
        for name, value in settings.items():
            monkeypatch.setenv(f"TIELINE_{name}", value)
        monkeypatch.chdir(tmp_path)
        desk = Desk(api, emulator.url, capsys, tmp_path)
        desk.control("POST", "reset")
        return desk

    return make


@pytest.fixture(params=["platform", "guide"])
def desk(request: pytest.FixtureRequest, desk_of: Callable[[str], Desk]) -> Desk:
    """The same shell in either dialect."""
    return desk_of(request.param)


def test_a_function_is_shown_and_invoked(desk: Desk) -> None:
    shown = desk.tieline("functions", "show", FUNCTION)
    given = '{"customerId": "10024", "sessionId": "s"}'

    outcome = desk.tieline("functions", "invoke", FUNCTION, "--input", given)

    assert shown["inputs"] == ["customerId", "sessionId"]
    assert list(outcome) == [
        "status", "target", "execution_id", "result", "error", "attempts", "cached",
        "correlation_id", "latency_ms", "audit_id",
    ]  # fmt: skip
    assert outcome["status"] == "completed"
    assert outcome["result"]["customerId"] == "10024"
    assert outcome["target"]["name"] == "DataEnrichmentFunction"
    assert outcome["attempts"] == 1
    assert outcome["correlation_id"]
    assert outcome["audit_id"]


def test_an_action_is_invoked_by_id_and_by_name_and_has_a_history(desk: Desk) -> None:
    by_id = desk.invoke_action(PAYLOADS[desk.api])
    by_name = desk.invoke_action(PAYLOADS[desk.api], target=ACTIONS[desk.api][1])

    history = desk.tieline("actions", "history", ACTIONS[desk.api][0])

    assert by_id["status"] == by_name["status"] == "completed"
    assert by_id["target"] == by_name["target"]
    assert [past["status"] for past in history] == ["completed", "completed"]
    assert {past["source"] for past in history} == {
        "audit" if desk.api == "platform" else "platform"
    }


def test_actions_are_listed_and_shown(desk: Desk) -> None:
    listed = desk.tieline("actions", "list", "--name", ACTIONS[desk.api][1])
    shown = desk.tieline("actions", "show", ACTIONS[desk.api][1])

    assert [entry["id"] for entry in listed] == [ACTIONS[desk.api][0]]
    assert shown["id"] == ACTIONS[desk.api][0]
    assert shown["input_schema"]["type"] == "object"
    assert shown["output_schema"]["type"] == "object"


def test_a_registered_action_is_turned_into_models(desk: Desk) -> None:
    shown = desk.tieline("actions", "show", ACTIONS[desk.api][1], "--python")

    models: dict[str, Any] = {}
    exec(shown["python"], models)  # noqa: S102  # what a developer does with it
    stem = class_name(ACTIONS[desk.api][1])
    models[f"{stem}Request"].model_validate_json(json.dumps(PAYLOADS[desk.api]))
    assert f"{stem}Reply" in models


def test_a_flow_is_launched_waited_for_and_shown(desk: Desk) -> None:
    outcome = desk.launch("--input", '{"Flow.customerId": "10024"}')

    shown = desk.tieline("flows", "show", outcome["execution_id"])

    assert outcome["status"] == shown["status"] == "completed"
    assert outcome["result"]["Flow.customerId"] == "10024"
    assert shown["target"]["id"] == FLOW


def test_a_launch_that_is_not_waited_for_can_be_looked_at(desk: Desk) -> None:
    launched = desk.launch("--no-wait")

    shown = desk.tieline("flows", "show", launched["execution_id"])

    assert launched["status"] in {"queued", "running"}
    assert shown["execution_id"] == launched["execution_id"]


def test_a_wait_that_is_too_short_keeps_the_execution(desk: Desk) -> None:
    outcome = desk.launch("--timeout", "0.6", expect=1)

    assert outcome["status"] == "timed_out"
    assert outcome["error"]["limit"] == "timeout of the call"
    assert desk.tieline("flows", "show", outcome["execution_id"])["error"] is None


BAD_INPUTS = [
    ("an undefined key", '{"nope": 1}'),
    ("a key that is nearly right", '{"customerID": "1"}'),
    ("an array", "[1]"),
    ("a text", '"text"'),
    ("null", "null"),
    ("no JSON", "{"),
    ("nothing", ""),
    ("NaN", '{"customerId": NaN}'),
    ("infinity by size", '{"customerId": 1e999}'),
    ("one key twice", '{"customerId": "1", "customerId": "2"}'),
    ("ten thousand levels", '{"customerId": ' + "[" * 10_000 + "]" * 10_000 + "}"),
    ("a file that is not there", "@nowhere.json"),
    ("a folder", "@."),
]


@pytest.mark.parametrize(
    "given", [row[1] for row in BAD_INPUTS], ids=[row[0] for row in BAD_INPUTS]
)
def test_bad_input_is_refused_before_anything_is_sent(desk: Desk, given: str) -> None:
    error = desk.tieline("functions", "invoke", FUNCTION, "--input", given, expect=2)

    assert error["status"] == "error"
    assert error["code"] in {"VALIDATION_FAILED", "LIMIT_EXCEEDED"}
    assert error["message"]
    assert desk.sent() == []


def test_a_wrong_type_is_refused_before_anything_is_sent(desk: Desk) -> None:
    wrong = {"customerId": 1} if desk.api == "platform" else {**PAYLOADS["guide"], "priority": 9}

    error = desk.invoke_action(wrong, expect=2)

    assert error["details"][0]["loc"] in (["customerId"], ["priority"])
    assert desk.sent() == []


def test_a_megabyte_of_text_is_answered_not_choked_on(desk: Desk) -> None:
    (desk.folder / "big.json").write_text(json.dumps({"customerId": "x" * 1_000_000}))

    code = run(["functions", "invoke", FUNCTION, "--input", "@big.json", "--json"])

    document = json.loads(desk.capture.readouterr().out)
    if desk.api == "platform":  # an action's body ends at 512,000 bytes
        assert (code, document["code"], desk.sent()) == (2, "LIMIT_EXCEEDED", [])
    else:
        assert (code, document["status"]) == (0, "completed")


ODD_IDS = ["a/b", "..", ".", "../../oauth/token", "%2e%2e", "ünï/çødé", "a?b=c#d", "x" * 10_000, ""]


@pytest.mark.parametrize("odd", ODD_IDS, ids=lambda odd: odd[:16] or "empty")
@pytest.mark.parametrize("verb", [("functions", "show"), ("actions", "show"), ("flows", "show")])
def test_an_odd_id_cannot_change_the_path(desk: Desk, verb: tuple[str, str], odd: str) -> None:
    error = desk.tieline(*verb, odd, expect=2)

    assert error["code"] in {"NOT_FOUND", "VALIDATION_FAILED", "LIMIT_EXCEEDED", "GENESYS_API_400"}
    assert len(error["message"]) < 1_000
    allowed = ("/api/v2/flows/executions/", "/api/v2/integrations/actions", "/api/v2/customcode/",
               "/api/v2/platform/actions", "/oauth/token", "/api/v2/oauth/token")  # fmt: skip
    entries = desk.control("GET", "journal")["entries"]
    assert all(entry["path"].startswith(allowed) for entry in entries)
    assert desk.sent() == []


def test_an_unknown_id_is_not_found(desk: Desk) -> None:
    who = ("--user", USER) if desk.api == "guide" else ()

    for words in (
        ("functions", "invoke", NOBODY, "--input", "{}"),
        ("flows", "show", NOBODY),
        ("flows", "launch", NOBODY, *who),
    ):
        assert desk.tieline(*words, expect=2)["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after_commit"},
        {"kind": "drop_after_read"},
        {"kind": "garbage"},
        {"kind": "truncate", "bytes": 5},
        {"kind": "html", "status": 502},
        {"kind": "status", "status": 503},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}".strip(),
)
def test_a_launch_whose_answer_is_lost_is_uncertain_and_sent_once(
    desk: Desk, fault: dict[str, Any]
) -> None:
    desk.fault(LAUNCHES, fault)

    outcome = desk.launch(expect=5)

    assert outcome["status"] == "uncertain"
    assert outcome["error"]["code"] == "OUTCOME_UNKNOWN"
    assert outcome["correlation_id"] in outcome["error"]["hint"]
    assert len(desk.sent("flows.launch")) == 1


def test_a_lost_answer_without_waiting_is_an_error_of_its_own(desk: Desk) -> None:
    desk.fault(LAUNCHES, {"kind": "drop_after_commit"})

    error = desk.launch("--no-wait", expect=5)

    assert error["code"] == "OUTCOME_UNKNOWN"
    assert error["hint"]


@pytest.mark.parametrize("answer", [{"status": 429}, {"status": 503}], ids=["429", "503"])
def test_a_refusal_that_says_when_is_waited_out(desk: Desk, answer: dict[str, int]) -> None:
    desk.fault(LAUNCHES, {"kind": "status", "retry_after": 1, **answer})

    launched = desk.launch("--no-wait")

    assert launched["attempts"] == 2
    assert [entry["effect"] is None for entry in desk.sent("flows.launch")] == [True, False]


def test_a_rate_limit_beyond_the_deadline_is_given_up_at_once(desk: Desk) -> None:
    desk.fault(LAUNCHES, {"kind": "status", "status": 429, "retry_after": 3600})
    began = time.monotonic()

    error = desk.launch("--timeout", "30", expect=6)

    assert error["code"] == "RATE_LIMITED"
    assert time.monotonic() - began < 20


def test_looks_that_alternate_between_429_200_and_503_end_well(desk: Desk) -> None:
    desk.fault(
        LOOKS,
        {"kind": "status", "status": 429, "retry_after": 1},
        {"kind": "delay", "seconds": 0.01},
        {"kind": "status", "status": 503},
        {"kind": "html", "status": 502},
    )

    assert desk.launch()["status"] == "completed"
    assert len(desk.sent("flows.launch")) == 1


def test_who_may_not_launch_is_told_what_is_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIELINE_CLIENT_ID", "tieline-readonly")
    monkeypatch.setenv("TIELINE_CLIENT_SECRET", "tieline-readonly-secret")

    error = desk.launch(expect=3)

    assert error["code"] == "PERMISSION_DENIED"
    missing = "architect:flow:launch" if desk.api == "platform" else "flow:execution:write"
    assert missing in error["message"] + error["hint"]


def test_a_wrong_secret_is_told_without_being_repeated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIELINE_CLIENT_SECRET", "not-the-secret")

    error = desk.launch(expect=3)

    assert error["code"] == "AUTHENTICATION_FAILED"
    assert "not-the-secret" not in json.dumps(error)


def test_nobody_there_is_given_up_before_anything_is_carried_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIELINE_BASE_URL", "http://127.0.0.1:9")

    error = desk.launch("--timeout", "3", expect=6)

    assert error["code"] in {"NETWORK_ERROR", "MAX_RETRIES_EXCEEDED", "DEADLINE_EXCEEDED"}


def test_what_was_done_is_in_the_audit_log_and_verifies(desk: Desk) -> None:
    outcome = desk.launch("--input", '{"Flow.customerId": "10024"}')

    lines = [
        json.loads(line)
        for path in sorted((desk.folder / "state" / "audit" / "segments").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]

    mine = [line for line in lines if line.get("operation") == "flows.launch"]
    assert [line.get("status") for line in mine] == [None, "running", "completed"]
    assert mine[-1]["execution_id"] == outcome["execution_id"]
    assert outcome["audit_id"] == f"{mine[-1]['log']}:{mine[-1]['seq']}"
    assert desk.tieline("audit", "verify")["ok"]


PARTICIPANTS = [
    ("none", ()),
    ("both", ("--user", USER, "--external-contact", CONTACT)),
    ("a user that is no id", ("--user", "me")),
]


@pytest.mark.parametrize("who", [row[1] for row in PARTICIPANTS], ids=[r[0] for r in PARTICIPANTS])
def test_a_guide_launch_is_for_exactly_one(
    desk_of: Callable[[str], Desk], who: tuple[str, ...]
) -> None:
    desk = desk_of("guide")

    error = desk.tieline("flows", "launch", FLOW, *who, expect=2)

    assert error["code"] == "VALIDATION_FAILED"
    assert desk.sent() == []


def test_a_guide_launch_may_be_for_an_external_contact(desk_of: Callable[[str], Desk]) -> None:
    desk = desk_of("guide")

    launched = desk.tieline("flows", "launch", FLOW, "--external-contact", CONTACT, "--no-wait")

    assert launched["execution_id"]


def test_a_platform_launch_is_for_nobody(desk_of: Callable[[str], Desk]) -> None:
    error = desk_of("platform").tieline("flows", "launch", FLOW, "--user", USER, expect=2)

    assert error["code"] == "UNSUPPORTED"


def test_an_action_that_ran_and_failed_is_a_failed_outcome(desk_of: Callable[[str], Desk]) -> None:
    outcome = desk_of("platform").invoke_action({"customerId": "boom"}, expect=1)

    assert outcome["status"] == "failed"
    assert outcome["error"]["message"]


@pytest.mark.parametrize("timeout", ["0", "-1", "soon"])
def test_a_timeout_is_a_number_above_zero(desk: Desk, timeout: str) -> None:
    error = desk.launch("--timeout", timeout, expect=2)

    assert error["code"] == "VALIDATION_FAILED"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_at_once_and_says_how_to_come_back(
    desk: Desk, stop: signal.Signals
) -> None:
    desk.fault(LOOKS, *[{"kind": "delay", "seconds": 30}] * 5)
    who = ["--user", USER] if desk.api == "guide" else []
    process = subprocess.Popen(
        [sys.executable, "-m", "tieline", "flows", "launch", FLOW, *who],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        _until(lambda: desk.sent("flows.show"))
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()

    assert process.returncode == 130, (out, err)
    assert "goes on; `tieline flows show" in err
    assert "Traceback" not in err


def _until(seen: Callable[[], Any]) -> None:
    waited = 0.0
    while not seen():
        assert waited < 30, "it never came"
        time.sleep(0.05)
        waited += 0.05
