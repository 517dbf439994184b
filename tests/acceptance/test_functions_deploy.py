"""The guide's DataEnrichmentFunction: run here, deployed, invoked; one result everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.emulator.app import create_app
from tieline.emulator.server import Address, running

EXAMPLES = Path(__file__).parents[2] / "examples" / "functions"
FUNCTION = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
INPUT = '{"customerId": "10024", "sessionId": "s-1"}'
ENRICHED = {
    "customerId": "10024", "sessionId": "s-1", "tier": "bronze", "score": 1, "enriched": True,
}  # fmt: skip


class Desk:
    """A user's shell beside an emulator."""

    def __init__(self, address: Address, folder: Path) -> None:
        self._address = address
        self._folder = folder

    def tieline(self, *words: str, api: str = "platform", expect: int = 0) -> Any:
        ended = subprocess.run(
            [sys.executable, "-m", "tieline", *words, "--json"],
            cwd=self._folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self._folder),
                "TIELINE_BASE_URL": self._address.url,
                "TIELINE_CLIENT_ID": self._address.client_id,
                "TIELINE_CLIENT_SECRET": self._address.client_secret,
                "TIELINE_API": api,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == expect, (ended.stdout, ended.stderr)
        return json.loads(ended.stdout)


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    with running(create_app(EXAMPLES / "emulator.yaml")) as (_, address):
        yield Desk(address, tmp_path)


def test_the_guides_function_gives_one_result_here_and_in_both_dialects(desk: Desk) -> None:
    node = str(EXAMPLES / "data_enrichment")
    results = {
        path: desk.tieline("functions", "run", str(EXAMPLES / path), "--input", INPUT)["result"]
        for path in ("data_enrichment.py", "data_enrichment")
    }
    planned = desk.tieline("functions", "plan", node)
    deployed = desk.tieline("functions", "deploy", node)
    again = desk.tieline("functions", "deploy", node)
    for api in ("platform", "guide"):
        words = ("functions", "invoke", FUNCTION, "--input", INPUT)
        results[api] = desk.tieline(*words, api=api)["result"]

    assert results == dict.fromkeys(results, ENRICHED)
    assert [each["path"] for each in planned["differences"]] == ["code"]
    assert (planned["change"], deployed["change"], again["change"]) == ("update", "update", "none")
    assert deployed["action_id"] == FUNCTION


def test_a_failing_input_fails_alike_everywhere(desk: Desk) -> None:
    desk.tieline("functions", "deploy", str(EXAMPLES / "data_enrichment"))
    words = ("--input", '{"customerId": ""}')

    here = desk.tieline("functions", "run", str(EXAMPLES / "data_enrichment"), *words, expect=1)
    there = desk.tieline("functions", "invoke", FUNCTION, *words, expect=1)
    guide = desk.tieline("functions", "invoke", FUNCTION, *words, api="guide", expect=1)

    for document in (here, there, guide):
        assert document["status"] == "failed"
        assert "customerId is required" in json.dumps(document["error"])


def test_what_cannot_be_deployed_exits_2_and_sends_nothing(desk: Desk, tmp_path: Path) -> None:
    no_definition = desk.tieline("functions", "deploy", str(tmp_path), expect=2)
    guide = desk.tieline(
        "functions", "plan", str(EXAMPLES / "data_enrichment"), api="guide", expect=2
    )

    assert "function.yaml" in no_definition["message"]
    assert guide["code"] == "UNSUPPORTED"


def test_the_fixtures_code_is_the_examples() -> None:
    (entry,) = yaml.safe_load((EXAMPLES / "emulator.yaml").read_text())["custom_code"]

    assert entry["code"] == (EXAMPLES / "data_enrichment.py").read_text()
