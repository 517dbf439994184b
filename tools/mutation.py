"""Break the rules on purpose, one small change at a time, and count the changes the tests notice.

    python tools/mutation.py                          all of src/tieline/rules
    python tools/mutation.py evaluate 'verify/*'      some of its files
    python tools/mutation.py --sample 10 --seed 7     one mutant in ten, the same ones each time

mutmut makes the mutants and runs the tests (`[tool.mutmut]` in pyproject.toml); this chooses which
ones, shows the score of each file and fails when it is too low. What was noticed before stands
until its function changes; what survived is tried again, as the tests may know more by now. `make
clean` forgets all of it.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = Path("src/tieline/rules")
STATS = ROOT / "mutants" / "mutmut-stats.json"
TITLE = "Changes to the rules' code that a test notices"
COLUMNS = ["file of rules/", "mutants", "tried", "noticed", "score"]
RESULT = ROOT / "benchmarks" / "results" / "mutation.json"
# mutmut's own exit codes of one mutant; every other one is a test run that went wrong.
UNNOTICED = frozenset({0, 5, 33})  # all tests passed; no test was collected; no test comes by
SKIPPED = 34

Codes = dict[str, int | None]  # exit code by mutant; None: not tried yet


@dataclass(frozen=True, slots=True)
class Score:
    """How many of a file's mutants exist, were tried, and were noticed by a test."""

    file: str
    mutants: int
    tried: int
    noticed: int

    @property
    def percent(self) -> float:
        """Noticed of tried; 100 where nothing was tried."""
        return 100 * self.noticed / self.tried if self.tried else 100.0


def wanted(file: str, patterns: Sequence[str]) -> bool:
    """Whether a file such as `verify/space` is among those asked for; none asked for is all."""
    return not patterns or any(fnmatch(file, one.removesuffix(".py")) for one in patterns)


def drawn(mutant: str, percent: float, seed: int) -> bool:
    """Whether a mutant is in the sample; the same answer for the same seed, on any machine."""
    digest = hashlib.sha256(f"{seed}:{mutant}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < percent / 100 * 2**64


def ordered(codes: Mapping[str, int | None], chosen: frozenset[str]) -> Codes:
    """What mutmut is to find: None for a mutant it is to try, a code for one it is to leave."""
    found: Codes = {}
    for mutant, code in codes.items():
        stands = code is not None and code not in UNNOTICED and code != SKIPPED
        found[mutant] = code if stands else None if mutant in chosen else SKIPPED
    return found


def score(file: str, codes: Mapping[str, int | None], chosen: frozenset[str]) -> Score:
    """The score of the chosen mutants of a file that were tried."""
    tried = [codes[one] for one in chosen if codes[one] is not None]
    return Score(file, len(codes), len(tried), sum(1 for one in tried if one not in UNNOTICED))


def overall(scores: Sequence[Score]) -> float:
    """The score of all files, in percent; a file counts by its mutants, tried or not."""
    mutants = sum(one.mutants for one in scores)
    return sum(one.percent * one.mutants for one in scores) / mutants if mutants else 100.0


def table(scores: Sequence[Score]) -> dict[str, Any]:
    """The document of `benchmarks/results/mutation.json`, the whole last."""
    rows = [
        [one.file, f"{one.mutants:,}", f"{one.tried:,}", f"{one.noticed:,}", f"{one.percent:.1f} %"]
        for one in scores
    ]
    sums = (sum(one.mutants for one in scores), sum(one.tried for one in scores))
    noticed = sum(one.noticed for one in scores)
    whole = ["all", *(f"{one:,}" for one in (*sums, noticed)), f"{overall(scores):.1f} %"]
    return {"title": TITLE, "columns": COLUMNS, "rows": [*rows, whole]}


def recorded(document: Mapping[str, Any]) -> list[Score]:
    """The scores of a document that `table` made."""
    numbers = (
        [row[0], *(int(one.replace(",", "")) for one in row[1:4])] for row in document["rows"]
    )
    return [Score(*row) for row in numbers if row[0] != "all"]


def main() -> int:
    """Returns 1 when the score is too low, or when not everything chosen could be tried."""
    options = _options()
    os.chdir(ROOT)
    chosen = _choose(options)
    mutmut = Path(sys.executable).with_name("mutmut")
    command = [mutmut, "run", "--max-children", str(options.workers)]
    # mutmut has time limits of its own, by what each test takes on this machine.
    environment = {**os.environ, "PYTEST_TIMEOUT": "0"}
    subprocess.run(command, check=True, env=environment)  # noqa: S603  # the environment's own mutmut
    scores = [
        score(file, _read(_meta(file))["exit_code_by_key"], mutants)
        for file, mutants in chosen.items()
        if mutants
    ]
    return _report(scores, sum(map(len, chosen.values())), options)


def _choose(options: argparse.Namespace) -> dict[str, frozenset[str]]:
    """Make the mutants, and tell mutmut which to try; returns those, by file."""
    # Imported by who only wants the functions above, it would choose how that process forks.
    from mutmut.__main__ import copy_src_dir, create_mutants  # noqa: PLC0415

    copy_src_dir()
    create_mutants(options.workers)
    # Which tests come by which function is found out anew: mutmut would ask new tests only, and
    # after a change of its configuration forget what it is told here.
    STATS.unlink(missing_ok=True)
    chosen: dict[str, frozenset[str]] = {}
    for source in sorted((ROOT / SOURCES).rglob("*.py")):
        file = source.relative_to(ROOT / SOURCES).with_suffix("").as_posix()
        meta = _read(_meta(file))
        codes: Codes = meta["exit_code_by_key"]
        if wanted(file, options.files):
            draw = (one for one in codes if drawn(one, options.sample, options.seed))
            chosen[file] = frozenset(draw)
        meta["exit_code_by_key"] = ordered(codes, chosen.get(file, frozenset()))
        _meta(file).write_text(json.dumps(meta), encoding="utf-8")
    return chosen


def _meta(file: str) -> Path:
    return ROOT / "mutants" / SOURCES / f"{file}.py.meta"


def _report(scores: list[Score], asked: int, options: argparse.Namespace) -> int:
    for file, *numbers in table(scores)["rows"]:
        print(f"{file:32}" + "".join(f"{number:>10}" for number in numbers))
    tried = sum(one.tried for one in scores)
    if tried < asked:
        print(f"{asked - tried} mutants were not tried; run it again", file=sys.stderr)
        return 1
    if options.record:
        named = {one.file for one in scores}
        before = recorded(_read(RESULT)) if RESULT.is_file() else []
        kept = [one for one in before if one.file not in named]
        document = table(sorted([*kept, *scores], key=lambda one: one.file))
        RESULT.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if overall(scores) < options.least:
        print(
            f"the score is below {options.least:g} %; `mutmut browse` shows what survived",
            file=sys.stderr,
        )
        return 1
    return 0


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="*", help="files of rules/, such as evaluate or 'verify/*'")
    parser.add_argument("--sample", type=float, default=100, help="percent of the mutants")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--least", type=float, default=85, help="the score that passes, percent")
    parser.add_argument("--workers", type=int, default=2, help="mutants tried at once")
    parser.add_argument("--record", action="store_true", help=f"write {RESULT.relative_to(ROOT)}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
