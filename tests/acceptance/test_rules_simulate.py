"""`tieline rules simulate`, as it is typed, and its page, as a browser shows it."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "rules"
NEW = """
ruleset: support & sales
queue: Technical Support
fields:
  skill: {type: array, items: {type: string}}
  language: {type: string, enum: [en, de, fr]}
  priority: {type: integer, minimum: 0, maximum: 10}
  vip_flag: {type: boolean}
rules:
  - {name: "VIP <b>first</b>", priority: 20, when: vip_flag eq true, then: {queue: VIP}}
  - {name: German, priority: 3, when: language eq "de", then: {queue: German}}
default: {queue: General}
"""
HISTORY = [
    {"vip_flag": True, "language": "de", "at": "2026-10-01T09:00:00Z"},
    {"vip_flag": True, "at": "2026-10-01T10:00:00Z"},
    {"language": "de", "at": "2026-10-02T09:00:00Z"},
    {"language": "en", "skill": ["technical_support"], "priority": 7, "at": "2026-10-02T09:30:00Z"},
    {"language": "en", "at": "2026-10-02T09:30:00Z"},
    {"priority": "high", "at": "2026-10-02T09:30:00Z"},
]


def tieline(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tieline", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    rules, history = tmp_path / "new.yaml", tmp_path / "october.jsonl"
    rules.write_text(NEW)
    history.write_text("".join(json.dumps(record) + "\n" for record in HISTORY))
    return rules, history


def test_the_document_tells_who_takes_what_and_what_moves(files: tuple[Path, Path]) -> None:
    rules, history = files

    done = tieline(
        "rules", "simulate", rules, "--history", history, "--time-field", "at",
        "--against", EXAMPLES / "technical-support.yaml", "--json",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["records"], found["invalid"], found["matched"], found["unmatched"]) == (
        6,
        1,
        3,
        2,
    )
    assert found["match_rate"] == 0.6
    assert found["interval95"] == pytest.approx([0.2307, 0.8824], abs=1e-4)
    first, second = found["rules"]
    assert (first["matched"], first["won"], first["lost_to"]) == (2, 2, {})
    assert (second["matched"], second["won"]) == (2, 1)
    assert second["lost_to"] == {"VIP <b>first</b>": 1}
    assert {(m["from"], m["to"]): (m["count"], m["elsewhere"]) for m in found["moved"]} == {
        (None, "VIP <b>first</b>"): (2, True),
        (None, "German"): (1, True),
        ("Technical Support Escalation Rule", None): (1, True),
    }
    assert found["invalid_rows"] == [{"row": 6, "problem": "`priority` is a string, not integer"}]
    assert [(p["at"], p["records"]) for p in found["series"]["points"]] == [
        ("2026-10-01T09", 1), ("2026-10-01T10", 1), ("2026-10-02T09", 3),
    ]  # fmt: skip


def test_the_guides_rule_takes_what_it_should_of_the_shipped_history(tmp_path: Path) -> None:
    history = tmp_path / "october.parquet"
    subprocess.run([sys.executable, EXAMPLES / "make_history.py", history], check=True)

    done = tieline("rules", "simulate", EXAMPLES / "technical-support.yaml", "--history", history,
                   "--time-field", "conversation_start", "--json")  # fmt: skip

    found = json.loads(done.stdout)
    assert (found["records"], found["invalid"], found["matched"]) == (100_000, 0, 9_426)
    assert found["series"]["unit"] == "day"
    assert len(found["series"]["points"]) == 31


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--history", "none.csv"], "cannot be read"),
        (["--history", str(EXAMPLES / "technical-support.yaml")], "no history"),
    ],
    ids=["no such file", "another format"],
)
def test_what_is_no_history_ends_with_2(
    files: tuple[Path, Path], arguments: list[str], said: str
) -> None:
    done = tieline("rules", "simulate", files[0], *arguments)

    assert done.returncode == 2
    assert said in done.stderr


# Runs inside the page: what the reader sees, as numbers in an attribute that the test can read.
_LOOK = """<script>
addEventListener('load', () => {
  const bars = [...document.querySelectorAll('#series rect')];
  const box = bars.map(bar => bar.getBoundingClientRect());
  const fill = bars.map(bar => getComputedStyle(bar).fill);
  document.documentElement.dataset.seen = JSON.stringify({
    bars: box.filter(b => b.width > 1 && b.height > 1).length,
    colours: new Set(fill).size,
    whole: [...document.querySelectorAll('section')].every(s => s.scrollWidth <= s.clientWidth),
    wide: document.documentElement.scrollWidth <= innerWidth,
    ink: getComputedStyle(document.body).color,
    page: getComputedStyle(document.body).backgroundColor,
    fetched: performance.getEntriesByType('resource').length,
    text: document.body.innerText,
  });
});
</script>"""


def seen(page: str, folder: Path, *options: str) -> Any:
    """What a browser makes of the page."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None and os.environ.get("CI") != "true":
        pytest.xfail("no browser here; apt-get install chromium")
    assert browser is not None, "apt-get install chromium"
    copy = folder / "seen.html"
    copy.write_text(page.replace("</head>", f"{_LOOK}</head>"), encoding="utf-8")
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/user",
         "--window-size=1200,900", *options, "--dump-dom", copy.as_uri()],
        capture_output=True, text=True, check=True, timeout=100,
    )  # fmt: skip
    told = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert told is not None, done.stdout[:500]
    return json.loads(html.unescape(told[1]))


def test_the_page_is_seen_in_a_browser_in_light_and_dark(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    rules, history = files
    report = tmp_path / "october.html"
    done = tieline(
        "rules", "simulate", rules, "--history", history, "--time-field", "at",
        "--against", EXAMPLES / "technical-support.yaml", "--report", report,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = report.read_text(encoding="utf-8")

    light = seen(page, tmp_path)
    dark = seen(page, tmp_path, "--blink-settings=preferredColorScheme=0")

    assert light["bars"] == 4
    assert light["colours"] == 3  # two rules, and no rule
    assert light["wide"]
    assert light["fetched"] == 0
    assert "VIP <b>first</b>" in light["text"]
    assert "support & sales" in light["text"]
    assert "goes elsewhere" in light["text"]
    assert (light["ink"], light["page"]) == ("rgb(27, 31, 39)", "rgb(244, 246, 249)")
    assert (dark["ink"], dark["page"]) == ("rgb(232, 235, 241)", "rgb(16, 20, 27)")


def test_a_field_that_is_no_column_of_the_history_is_told(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    rules, lines = files
    history = tmp_path / "october.csv"
    history.write_text("Language,priority\nen,5\n", encoding="utf-8")

    told = tieline("rules", "simulate", EXAMPLES / "technical-support.yaml", "--history", history)
    quiet = tieline("rules", "simulate", rules, "--history", lines)

    assert f"{history} has no column `skill`, `language`, `vip_flag`: missing" in told.stderr
    assert (told.returncode, quiet.returncode, quiet.stderr) == (0, 0, "")


def test_a_name_of_any_length_leaves_the_numbers_on_the_page(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    rules, history = files
    long = tmp_path / "long.yaml"
    text = rules.read_text(encoding="utf-8")
    long.write_text(text.replace("VIP <b>first</b>", "x" * 400), encoding="utf-8")
    report = tmp_path / "long.html"

    done = tieline(
        "rules", "simulate", long, "--history", history, "--against", rules, "--report", report
    )
    assert done.returncode == 0, done.stderr
    look = seen(report.read_text(encoding="utf-8"), tmp_path)

    assert "x" * 400 in look["text"]
    assert look["whole"]
