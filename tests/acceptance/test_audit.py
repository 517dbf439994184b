"""What an auditor types, over a log that real launches made."""

import csv
import io
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import canaries
import pytest

from tieline.emulator.server import Address, running

FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
FUNCTION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
CHECK_PROOF = Path(__file__).parents[2] / "docs" / "how-to" / "check_proof.py"

Tieline = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Address]:
    with running() as (_, address):
        yield address


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workplace")


def environ_of(workplace: Path, emulator: Address) -> dict[str, str]:
    """What a shell of this desk has set."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(workplace), "COLUMNS": "100",
        "TIELINE_BASE_URL": emulator.url, "TIELINE_CLIENT_ID": emulator.client_id,
        "TIELINE_CLIENT_SECRET": emulator.client_secret, "TIELINE_STATE_DIR": str(workplace / "s"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def tieline(workplace: Path, emulator: Address) -> Tieline:
    environ = environ_of(workplace, emulator)

    def call(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tieline", *words],
            cwd=workplace, env={**environ, **more}, capture_output=True, text=True, check=False,
            timeout=60,
        )  # fmt: skip

    return call


@pytest.fixture(scope="module")
def audit(tieline: Tieline) -> Tieline:
    """The `audit` group, over a log of three launches and an invocation."""
    person = '{"Flow.reason": "ann.lee@example.org", "Flow.phone": "4111 1111 1111 1111"}'
    for _ in range(3):
        done = tieline("flows", "launch", FLOW, "--input", person, "--no-wait", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
    given = '{"customerId": "10024", "sessionId": "s-1"}'
    assert tieline("functions", "invoke", FUNCTION, "--input", given).returncode == 0

    def call(*words: str) -> "subprocess.CompletedProcess[str]":
        return tieline("audit", *words)

    return call


def run_check(proof: Path, key: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(CHECK_PROOF), str(proof), key],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_an_intact_log_verifies(audit: Tieline) -> None:
    done = audit("verify", "--json")

    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["problems"]) == (0, True, [])
    assert found["records"] == found["head"]["size"] >= 8


def test_records_are_found_by_target_status_and_id(audit: Tieline) -> None:
    found = json.loads(audit("search", "--target", FLOW, "--json").stdout)
    assert len(found) == 6
    assert {record["phase"] for record in found} == {"intent", "outcome"}
    intent = found[-1]
    name = f"{intent['log']}:{intent['seq']}"
    tied = json.loads(audit("search", "--id", name, "--json").stdout)
    assert [record["phase"] for record in tied] == ["outcome", "intent"]
    assert json.loads(audit("search", "--status", "no such", "--json").stdout) == []


def test_nothing_personal_is_in_the_log(audit: Tieline, workplace: Path) -> None:
    assert audit("verify").returncode == 0
    for path in workplace.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"ann.lee" not in content, path
            assert b"4111 1111" not in content, path


def test_a_record_is_proven_by_a_script_that_shares_no_code(
    audit: Tieline, workplace: Path
) -> None:
    assert len([line for line in CHECK_PROOF.read_text().splitlines() if line.strip()]) <= 50
    key = json.loads(audit("checkpoint", "--json").stdout)["keys"][0]
    proof = workplace / "proof.json"
    for record in range(4):
        proof.write_text(audit("prove", str(record)).stdout)
        checked = run_check(proof, key)
        assert (checked.returncode, checked.stdout[:6]) == (0, "proven"), checked.stderr

    forged = json.loads(proof.read_text())
    forged["line"] = forged["line"].replace("flows.launch", "flows.delete")
    proof.write_text(json.dumps(forged))
    assert run_check(proof, key).returncode == 1


def test_a_kept_checkpoint_proves_that_nothing_before_it_changed(
    audit: Tieline, tieline: Tieline, workplace: Path
) -> None:
    kept = workplace / "kept.checkpoint"
    done = json.loads(audit("checkpoint", "--to", str(kept), "--json").stdout)
    assert done["checkpoint"] == kept.read_text()
    assert tieline("flows", "launch", FLOW, "--no-wait").returncode == 0

    assert audit("verify", "--since", str(kept)).returncode == 0
    proof = workplace / "consistency.json"
    proof.write_text(audit("prove", "--since", str(kept)).stdout)
    assert run_check(proof, done["keys"][0]).returncode == 0


def test_a_checkpoint_is_kept_in_git(audit: Tieline, workplace: Path) -> None:
    repository = workplace / "evidence"
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for name, value in (("user.name", "Auditor"), ("user.email", "auditor@example.org")):
        subprocess.run([*git, "config", name, value], check=True)

    done = audit("checkpoint", "--to", f"git:{repository}")

    assert done.returncode == 0, done.stderr
    log = subprocess.run([*git, "log", "--format=%s"], capture_output=True, text=True, check=True)
    assert log.stdout.startswith("Checkpoint of tieline.audit/")


def test_the_log_is_exported_under_the_guides_names(audit: Tieline, workplace: Path) -> None:
    exported = audit("export", "-", "--format", "csv", "--view", "guide0").stdout
    (row,) = csv.DictReader(io.StringIO(exported))
    assert (row["custom_code_id"], row["status"]) == (FUNCTION, "completed")
    assert json.loads(row["inputs"]) == {"customerId": "10024", "sessionId": "s-1"}

    raw = audit("export").stdout.splitlines()
    assert [json.loads(line)["seq"] for line in raw] == list(range(len(raw)))

    done = json.loads(audit("export", str(workplace / "log.parquet"), "--json").stdout)
    assert (done["format"], done["rows"]) == ("parquet", len(raw))


def test_every_record_fits_the_published_schema(audit: Tieline) -> None:
    from tieline.contracts.validation import Schema

    schema = Schema(json.loads(audit("schema").stdout))
    for line in audit("export").stdout.splitlines():
        assert schema.violations(json.loads(line)) == (), line


def test_an_altered_record_is_named_with_exit_code_7(audit: Tieline, workplace: Path) -> None:
    copy = workplace / "copy"
    subprocess.run(["cp", "-r", str(workplace / "s" / "audit"), str(copy)], check=True)
    path = copy / "segments" / "000000000000.jsonl"
    path.write_bytes(path.read_bytes().replace(b"flows.launch", b"flows.lunch!", 1))

    done = audit("verify", "--log", str(copy), "--json")

    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (7, False)
    assert found["problems"] == [
        {
            "kind": "altered", "segment": "000000000000.jsonl", "record": 0,
            "message": "record 0 is not what was signed",
        }
    ]  # fmt: skip


def test_without_a_log_that_can_be_written_nothing_is_sent(
    tieline: Tieline, workplace: Path, emulator: Address
) -> None:
    (workplace / "occupied").write_text("a file where the folder should be")
    before = journal(emulator)

    done = tieline(
        "flows", "launch", FLOW, "--no-wait", "--json",
        TIELINE_STATE_DIR=str(workplace / "occupied"),
    )  # fmt: skip

    assert (done.returncode, json.loads(done.stdout)["code"]) == (6, "STORE_UNAVAILABLE")
    assert journal(emulator) == before


@pytest.mark.parametrize(
    ("shell", "reason"),
    [
        ("ulimit -f 0; export TIELINE_STATE_DIR=full", "File too large"),
        ("export TIELINE_STATE_DIR=/proc/tieline", "No such file or directory"),
    ],
    ids=["a disk that is full", "a file system that cannot be written"],
)
def test_nothing_is_sent_that_cannot_be_recorded(
    tieline: Tieline, workplace: Path, emulator: Address, shell: str, reason: str
) -> None:
    before = journal(emulator)
    launch = f"{sys.executable} -m tieline flows launch {FLOW} --no-wait --json"

    done = subprocess.run(
        ["/bin/sh", "-c", f"{shell}; exec {launch}"], cwd=workplace,
        env=environ_of(workplace, emulator),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    refused = json.loads(done.stdout)
    assert (done.returncode, refused["code"]) == (6, "STORE_UNAVAILABLE"), done.stderr
    assert reason in refused["message"]
    assert "nothing goes out unrecorded" in refused["hint"]
    assert journal(emulator) == before
    assert tieline("flows", "launch", FLOW, "--no-wait").returncode == 0


def test_a_folder_without_a_log_is_bad_usage(audit: Tieline, workplace: Path) -> None:
    for verb in ("verify", "checkpoint", "export", "search"):
        done = audit(verb, "--log", str(workplace / "nothing"))
        assert (done.returncode, "there is no audit log" in done.stderr) == (2, True), verb


def test_the_key_is_rotated_and_the_log_still_verifies(audit: Tieline, tieline: Tieline) -> None:
    assert audit("rotate-key").returncode == 0
    assert tieline("flows", "launch", FLOW, "--no-wait").returncode == 0

    assert audit("verify").returncode == 0
    assert len(json.loads(audit("checkpoint", "--json").stdout)["keys"]) == 2


def journal(emulator: Address) -> int:
    """How many launches the emulator saw."""
    with urllib.request.urlopen(f"{emulator.url}/_emulator/journal") as answer:  # noqa: S310  # our own emulator
        entries = json.load(answer)["entries"]
    return sum(entry["operation"] == "flows.launch" for entry in entries)


def test_metrics_of_the_commands_are_counted_from_the_log(audit: Tieline, tieline: Tieline) -> None:
    assert audit("verify").returncode == 0

    text = tieline("metrics").stdout
    counted = [line for line in text.splitlines() if line.startswith("tieline_invocations_total{")]
    assert any(FUNCTION in line and 'status="completed"' in line for line in counted)
    assert text.endswith("# EOF\n")
    summary = json.loads(tieline("metrics", "--json").stdout)
    assert summary["audit"]["signed_records"] >= 8
    assert summary["webhooks"] == {"pending": 0, "dead": 0}


def test_canaries_reach_no_file_and_no_log(tieline: Tieline, workplace: Path) -> None:
    every = ", ".join(canaries.PEOPLE.values())
    launch, lookup, wrong = (
        json.dumps(dict.fromkeys(names, every))
        for names in (["Flow.reason", "Flow.phone"], ["customerId", "sessionId"], ["nowhere"])
    )
    commands = (
        ("flows", "launch", FLOW, "--input", launch, "--no-wait", "--verbose"),
        ("functions", "invoke", FUNCTION, "--input", lookup, "--verbose"),
        ("functions", "invoke", FUNCTION, "--input", wrong, "--verbose"),
    )
    said = [tieline(*words).stderr for words in commands]
    assert tieline("audit", "search", "--target", FLOW).returncode == 0

    written = {path: path.read_bytes() for path in workplace.rglob("*") if path.is_file()}
    for canary in (*canaries.PEOPLE.values(), "tieline-demo-secret"):
        bare = canary.removeprefix("Bearer ")
        assert not any(bare in text for text in said), canary
        assert [path for path, content in written.items() if bare.encode() in content] == []
