"""Verification of 200 and 2,000 rules beside one naive z3 query a pair of rules.

python benchmarks/rules_verify.py [--quick]

z3 is asked, for every pair, whether the later rule matches a record that the earlier one does not:
a smaller question than ours (no unions, no gaps, no witnesses). Where all pairs would take minutes,
a random sample of them is timed and scaled up; the table says how many were asked.
"""

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import z3

from tieline.rules.check import check_rule_file, usable
from tieline.rules.model import And, Condition, Expression, Not, Or, Ruleset
from tieline.rules.rule_file import rule_file_from_json
from tieline.rules.verify.verify import verify_ruleset

RESULTS = Path(__file__).parent / "results" / "rules_verify.json"
QUICK = "--quick" in sys.argv
SIZES = (200,) if QUICK else (200, 2_000)
MOST_PAIRS = 2_000 if QUICK else 20_000
ROUNDS = 3
LANGUAGES = ["en", "de", "fr", "es", "it"]
FIELDS: dict[str, Any] = {
    "skill": {"type": "array", "items": {"type": "string"}},
    "language": {"type": "string", "enum": LANGUAGES},
    "priority": {"type": "integer", "minimum": 0, "maximum": 100},
    "vip": {"type": "boolean"},
    "region": {"type": "string"},
    "wait": {"type": "number", "minimum": 0},
}
SIGNS = {"eq": "__eq__", "gte": "__ge__", "lt": "__lt__"}


def rules(count: int) -> Ruleset:
    """Rules of two to four conditions, as an administrator's file has them."""
    chance = random.Random(3)  # noqa: S311  # the same rules every time
    entries = []
    for number in range(count):
        low = chance.randint(0, 95)
        parts = [
            f'skill contains "s{chance.randint(0, 60)}"',
            f'language eq "{chance.choice(LANGUAGES)}"',
            f"(priority gte {low} or vip eq true)",
            f'region eq "r{chance.randint(0, 40)}"',
            f"wait lt {chance.randint(1, 5_000) / 10}",
            f"priority lt {low + 5}",
        ]
        when = " and ".join(chance.sample(parts, chance.randint(2, 4)))
        then = {"queue": f"Q{chance.randint(0, 20)}"}
        priority = chance.randint(0, count)
        entries.append({"name": f"r{number}", "priority": priority, "when": when, "then": then})
    document = {"ruleset": "benchmark", "fields": FIELDS, "rules": entries}
    return usable(check_rule_file(rule_file_from_json(document)))


def seconds(ruleset: Ruleset) -> float:
    """CPU seconds of the best of some whole verifications; neither peer uses a second thread."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        verification = verify_ruleset(ruleset)
        best = min(best, time.process_time() - start)
        assert verification.complete
    return best


def to_z3(expression: Expression) -> Any:
    """The same condition for z3: texts as numbers, members as booleans."""
    match expression:
        case And(children=children):
            return z3.And([to_z3(child) for child in children])
        case Or(children=children):
            return z3.Or([to_z3(child) for child in children])
        case Not(child=child):
            return z3.Not(to_z3(child))
        case Condition(field=field, operator=operator, value=value):
            there = z3.Bool(f"{field} is there")
            if operator == "contains":
                return z3.And(there, z3.Bool(f"{field} has {value}"))
            if isinstance(value, bool):
                return z3.And(there, z3.Bool(field) == value)
            if isinstance(value, str):
                return z3.And(there, z3.Int(field) == z3.IntVal(int.from_bytes(value.encode())))
            kind = z3.Real if FIELDS[field]["type"] == "number" else z3.Int
            literal = z3.RealVal(str(value)) if kind is z3.Real else value
            return z3.And(there, getattr(kind(field), SIGNS[operator])(literal))


def naive_seconds(ruleset: Ruleset) -> tuple[float, int, int]:
    """Seconds for all pairs (scaled up from a sample), how many were asked, how many there are."""
    formulas = [to_z3(rule.when) for rule in ruleset.ordered()]
    pairs = [(one, other) for other in range(len(formulas)) for one in range(other)]
    asked = pairs
    if len(pairs) > MOST_PAIRS:
        asked = random.Random(5).sample(pairs, MOST_PAIRS)  # noqa: S311  # a fixed sample
    start = time.process_time()
    for one, other in asked:
        solver = z3.Solver()
        solver.add(formulas[other], z3.Not(formulas[one]))
        solver.check()
    spent = time.process_time() - start
    return spent * len(pairs) / len(asked), len(asked), len(pairs)


def main() -> None:
    """Measure, print, write the result for the documentation."""
    rows = []
    for count in SIZES:
        ruleset = rules(count)
        ours = seconds(ruleset)
        theirs, asked, pairs = naive_seconds(ruleset)
        rows.append(
            [
                f"{count:,}",
                f"{ours:.3f} s",
                f"{theirs:.1f} s",
                f"{asked:,} of {pairs:,}",
                f"{theirs / ours:,.0f}x",
            ]
        )
    columns = ["rules", "tieline, CPU", "z3, a query a pair, CPU", "pairs asked", "ratio"]
    for row in (columns, *rows):
        print("  ".join(f"{cell:>20}" for cell in row))
    if not QUICK:
        document = {"title": "Verification of rules", "columns": columns, "rows": rows}
        RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
