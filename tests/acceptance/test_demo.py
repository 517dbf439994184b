import json
import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_needs_nothing_and_shows_what_it_promises(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TIELINE_REGION": "nowhere"}

    done = subprocess.run(
        [sys.executable, "-m", "tieline", "demo"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    for shown in (
        "platform dialect", "guide dialect", "DataEnrichmentFunction", "custom_customer_lookup",
        "refused before anything was sent", "after 2 attempts", "uncertain, correlation id",
        "not sent again: the emulator's journal shows 1 request and 1 execution",
        "Upsert a routing rule", "Everything is as promised.",
    ):  # fmt: skip
        assert shown in done.stdout
    assert "NO  " not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_auditor_proves_a_record_of_the_demo_with_a_script_that_shares_no_code(
    tmp_path: Path,
) -> None:
    script = Path(__file__).parents[2] / "docs" / "how-to" / "check_proof.py"
    state = tmp_path / "kept"

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=True,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, timeout=100,
        )  # fmt: skip
        return done.stdout

    run("-m", "tieline", "demo", "--keep", str(state), "--quiet")
    audit = ("-m", "tieline", "audit")
    verified = json.loads(run(*audit, "verify", "--json", "--state-dir", str(state)))
    told = json.loads(run(*audit, "checkpoint", "--json", "--state-dir", str(state)))
    proof = tmp_path / "proof.json"
    proof.write_text(run(*audit, "prove", "0", "--state-dir", str(state)))

    assert verified["ok"]
    assert run(str(script), str(proof), told["keys"][0]).startswith("proven")


def test_the_demo_tells_the_same_as_json(tmp_path: Path) -> None:
    from tieline.cli.demo_script import Step

    step = Step("guide", "Launch", "uncertain", ok=True, facts={"attempts": 1})

    assert json.loads(json.dumps(step.to_json())) == {
        "dialect": "guide", "what": "Launch", "came": "uncertain", "ok": True,
        "facts": {"attempts": 1},
    }  # fmt: skip
