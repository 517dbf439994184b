"""`tieline rules` as an administrator types it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "rules"
GUIDE = str(EXAMPLES / "technical-support.yaml")
SEEDED = str(EXAMPLES / "seeded-mistakes.yaml")
MISSPELT = str(EXAMPLES / "misspelt.yaml")
Tieline = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tieline(tmp_path: Path) -> Tieline:
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "100"}

    def call(*words: str, stdin: str = "") -> Any:
        return subprocess.run(
            [sys.executable, "-m", "tieline", "rules", *words],
            cwd=tmp_path, env=base, input=stdin,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    return call


def test_the_guides_rule_passes_check_verify_and_its_cases(tieline: Tieline) -> None:
    checked = tieline("check", GUIDE, "--json")
    verified = tieline("verify", GUIDE, "--json", "--strict")
    tested = tieline("test", GUIDE, "--json")

    assert (checked.returncode, verified.returncode, tested.returncode) == (0, 0, 0)
    assert json.loads(checked.stdout) == {"ok": True, "rules": 1, "findings": []}
    document = json.loads(verified.stdout)
    assert (document["ok"], document["complete"], document["findings"]) == (True, True, [])
    assert json.loads(tested.stdout)["failed"] == 0


def test_check_shows_the_line_a_caret_and_what_to_write(tieline: Tieline) -> None:
    shown = tieline("check", MISSPELT)

    assert shown.returncode == 7
    assert (
        "misspelt.yaml:14:11: error: there is no field `langauge` [unknown-field]" in shown.stdout
    )
    assert '        when: langauge eq "en"\n              ^\n' in shown.stdout
    assert "hint: did you mean `language`?" in shown.stdout


def test_verify_finds_the_seeded_mistakes_with_witnesses(tieline: Tieline) -> None:
    shown = tieline("verify", SEEDED, "--json")

    document = json.loads(shown.stdout)
    assert shown.returncode == 7
    assert [(one["kind"], one["rule"]) for one in document["findings"]] == [
        ("shadowed", "english with a priority"),
        ("unreachable", "half past four"),
        ("conflict", "vip"),
        ("redundant", "printers"),
        ("gap", None),
    ]
    assert document["findings"][1]["witness"] is None
    assert document["findings"][2]["witness"]["vip"] is True


def test_a_witness_is_evaluated_as_the_finding_says(tieline: Tieline) -> None:
    findings = json.loads(tieline("verify", SEEDED, "--json").stdout)["findings"]
    shadowed = json.dumps(findings[0]["witness"])

    shown = tieline("evaluate", SEEDED, "--record", shadowed, "--json")

    document = json.loads(shown.stdout)
    trace = {step["rule"]: step["matched"] for step in document["trace"]}
    assert document["matched"] in findings[0]["by"]
    assert trace["english with a priority"] is True


def test_evaluate_says_why(tieline: Tieline) -> None:
    record = '{"skill": ["billing"], "language": "en"}'

    shown = tieline("evaluate", GUIDE, "--record", record, "--json")

    assert shown.returncode == 0
    assert json.loads(shown.stdout) == {
        "matched": None,
        "then": {"queue": "General"},
        "trace": [
            {
                "rule": "Technical Support Escalation Rule",
                "matched": False,
                "because": 'skill is ["billing"], not contains "technical_support"',
            }
        ],
    }


def test_a_record_of_a_wrong_type_is_refused_and_named(tieline: Tieline) -> None:
    shown = tieline("evaluate", GUIDE, "--record", '{"priority": true}', "--json")

    document = json.loads(shown.stdout)
    assert shown.returncode == 2
    assert document["code"] == "VALIDATION_FAILED"
    assert document["details"][0]["message"] == "`priority` is a boolean, not integer"


def test_a_case_that_comes_out_otherwise_is_explained(tieline: Tieline, tmp_path: Path) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(
        "- {record: {language: en}, expect: Technical Support Escalation Rule}\n", encoding="utf-8"
    )

    shown = tieline("test", GUIDE, "--cases", str(cases))

    assert shown.returncode == 7
    assert "✗ case 4  no rule takes it: skill is missing" in shown.stdout


def test_a_file_of_cases_that_is_none_is_named(tieline: Tieline, tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text("")

    shown = tieline("test", GUIDE, "--cases", "cases.yaml")

    assert (shown.returncode, shown.stderr.split("\n")[0]) == (
        2, "error: cases.yaml: the rule file is empty",
    )  # fmt: skip


def test_fmt_changes_the_conditions_and_nothing_else(tieline: Tieline, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    head = "ruleset: r # a comment\nfields: {a: {type: integer}, b: {type: string}}\nrules:\n"
    file.write_text(f"{head}- {{name: x, when: 'a>=5 or  (b == \"it''s\")', then: {{queue: Q}}}}\n")

    first = tieline("fmt", str(file), "--write", "--json")
    second = tieline("fmt", str(file), "--json")

    assert json.loads(first.stdout)["changed"] is True
    assert json.loads(second.stdout)["changed"] is False
    assert file.read_text() == (
        f'{head}- {{name: x, when: a gte 5 or b eq "it\'s", then: {{queue: Q}}}}\n'
    )


def test_both_forms_of_the_file_verify_alike(tieline: Tieline, tmp_path: Path) -> None:
    tree = tieline("convert", SEEDED, "--to", "tree")
    (tmp_path / "tree.json").write_text(tree.stdout)

    shown = tieline("verify", "tree.json", "--json")

    kinds = [one["kind"] for one in json.loads(shown.stdout)["findings"]]
    assert kinds == ["shadowed", "unreachable", "conflict", "redundant", "gap"]


def test_the_published_schema_accepts_the_examples(tieline: Tieline) -> None:
    import jsonschema_rs
    import yaml

    schema = json.loads(tieline("schema").stdout)
    judge = jsonschema_rs.validator_for(schema)

    for path in (GUIDE, SEEDED):
        assert judge.is_valid(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    assert not judge.is_valid({"ruleset": "r", "fields": {}, "rules": [{"name": "a"}]})


UNREADABLE = [("", 2), ("just: text", 2), ("a: [", 2), ("!!python/name:os.system x", 2)]


@pytest.mark.parametrize(("text", "code"), UNREADABLE)
def test_what_is_no_rule_file_ends_with_usage(tieline: Tieline, text: str, code: int) -> None:
    shown = tieline("check", "-", "--json", stdin=text)

    assert shown.returncode == code
    assert json.loads(shown.stdout)["code"] == "VALIDATION_FAILED"
    assert json.loads(shown.stdout)["message"].startswith("<stdin>: ")


@pytest.mark.parametrize(
    "words",
    [
        ("check", "-"), ("check", "--strict", "-"), ("verify", "-"), ("fmt", "-"), ("test", "-"),
        ("convert", "-"), ("evaluate", "-", "--record", '{"language": "en"}'),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_lone_hyphen_is_the_rule_file_on_stdin(tieline: Tieline, words: tuple[str, ...]) -> None:
    shown = tieline(*words, stdin=Path(GUIDE).read_text(encoding="utf-8"))

    assert (shown.returncode, shown.stderr) == (0, "")


def test_an_option_that_is_none_is_not_taken_for_a_file(tieline: Tieline) -> None:
    shown = tieline("check", "--srict", GUIDE)

    assert shown.returncode == 2
    assert "There is no option --srict" in shown.stderr


def test_a_file_from_stdin_cannot_be_written_back(tieline: Tieline, tmp_path: Path) -> None:
    shown = tieline("fmt", "-", "--write", stdin=Path(GUIDE).read_text(encoding="utf-8"))

    assert shown.returncode == 2
    assert list(tmp_path.glob("*-*")) == []


def test_the_file_that_cannot_be_read_is_named(tieline: Tieline, tmp_path: Path) -> None:
    (tmp_path / "torn.yaml").write_text("rules: [")

    assert tieline("check", "torn.yaml").stderr.startswith("error: torn.yaml: this cannot be read")
    assert tieline("verify", MISSPELT).stderr.startswith(f"error: {MISSPELT}: the rules have an")


def test_what_a_file_holds_cannot_steer_the_terminal(tieline: Tieline, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(
        "ruleset: r\nfields: {s: {type: string}}\nrules:\n"
        '- {name: a, when: "s eq \\"\\\\u001b[2J\\"", then: {queue: "\\e[31mred"}}\n'
        '- {name: "\\e[31mred", when: exists s, then: {queue: "\\x9b31m"}}\n'
    )

    shown = [
        tieline("check", "odd.yaml"),
        tieline("evaluate", "odd.yaml", "--record", '{"s": "x"}'),
        tieline("convert", "odd.yaml"),
        tieline("verify", "odd.yaml", "--json"),
    ]

    for one in shown:
        assert not {"\x1b", "\x9b"} & set(one.stdout + one.stderr)
    assert "`name` holds the control character U+001B" in shown[0].stdout


def test_every_verb_says_what_it_does(tieline: Tieline) -> None:
    shown = tieline("--help").stdout

    for line in shown.splitlines():
        assert line[1:-1].strip() not in {"simulate", "history"}
    assert "Count what the rules would have done" in shown


def test_strict_makes_a_gap_wrong(tieline: Tieline, tmp_path: Path) -> None:
    file = tmp_path / "gap.yaml"
    file.write_text(
        "ruleset: r\nfields: {a: {type: boolean}}\n"
        "rules: [{name: x, when: a eq true, then: {queue: Q}}]\n"
    )

    assert tieline("verify", str(file)).returncode == 0
    assert tieline("verify", str(file), "--strict").returncode == 7
