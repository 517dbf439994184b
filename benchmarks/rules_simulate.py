"""Simulating rules on a history: beside DuckDB (one CASE expression), polars and zen-engine.

Every measurement is a process of its own, so that its peak memory is its own. All answer the same
question, which rule takes each record, and have to agree on every count; ours tells besides what
each rule matches and loses to whom. zen-engine evaluates a row at a time: it gets 2,000 rows and
its time is extrapolated. At 2,000 rules the other peers get a million records and are extrapolated.
What is in memory is asked up to three times, and the quickest counts; the ratio is of CPU time,
which a busy machine does not change.

Run: `python benchmarks/rules_simulate.py` for a million records, `--full` for ten million besides.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from tieline.rules.model import And, Condition, Expression, Or, Rule, Ruleset

if TYPE_CHECKING:
    from tieline.rules.simulation.workbench import Workbench

RESULTS = Path(__file__).parent / "results" / "rules_simulate.json"
THREADS = 2
MILLION = 1_000_000
ZEN_ROWS = 2_000
# What takes longer than this is not asked again: its noise is small beside it.
ASKED_AGAIN_SECONDS = 3.0
SKILLS = [f"skill_{n}" for n in range(40)]
LANGUAGES = ["en", "de", "fr", "es", "it"]
REGIONS = [f"r{n}" for n in range(12)]
SUBJECTS = [
    f"{about} {how} {n}"
    for about in ("refund", "billing", "login", "outage", "invoice", "upgrade")
    for how in ("please", "urgent", "today", "again")
    for n in range(400)
]
FIELDS: dict[str, Any] = {
    **{name: {"type": "string"} for name in ("skill", "language", "region", "subject")},
    **{name: {"type": "integer"} for name in ("priority", "wait")},
    "vip": {"type": "boolean"},
    "value": {"type": "number"},
}


def write_history(path: Path, records: int) -> None:
    """Eight columns, the same for every run of one size."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance = np.random.default_rng(1)

    def some(values: list[str]) -> pa.Array:
        codes = chance.integers(0, len(values), records, dtype=np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values))

    table = pa.table(
        {
            "skill": some(SKILLS),
            "language": some(LANGUAGES),
            "region": some(REGIONS),
            "priority": chance.integers(0, 11, records),
            "wait": chance.integers(0, 3600, records),
            "vip": chance.random(records) < 0.1,
            "value": chance.random(records) * 1000,
            "subject": some(SUBJECTS),
        }
    )
    pq.write_table(table, path)


def ruleset(rules: int, *, text: bool) -> Ruleset:
    """Rules of three to five conditions, with text searches among them or not."""
    chance = random.Random(2)  # noqa: S311  # the same rules every time
    names = [*FIELDS][:3] + ["priority", "wait", "vip", "value"] + (["subject"] if text else [])
    made = []
    for number in range(rules):
        parts: list[Expression] = [Condition("skill", "eq", chance.choice(SKILLS))]
        parts += [condition(chance, chance.choice(names)) for _ in range(chance.randrange(2, 5))]
        when = And(tuple(parts))
        if chance.random() < 0.3:
            when = And((parts[0], parts[1], Or(tuple(parts[2:]))))
        queue = {"queue": f"q{number % 20}"}
        made.append(Rule(f"rule {number}", when, queue, chance.randrange(10)))
    return Ruleset("benchmark", FIELDS, tuple(made))


def condition(chance: random.Random, field: str) -> Condition:
    match field:
        case "skill" | "language" | "region":
            values = {"skill": SKILLS, "language": LANGUAGES, "region": REGIONS}[field]
            return Condition(field, chance.choice(["eq", "neq"]), chance.choice(values))
        case "priority":
            return Condition(field, chance.choice(["gte", "lt"]), chance.randrange(11))
        case "wait":
            return Condition(field, chance.choice(["gt", "lte"]), chance.randrange(0, 3600, 60))
        case "vip":
            return Condition(field, "eq", chance.random() < 0.5)
        case "value":
            return Condition(field, chance.choice(["gt", "lt"]), chance.randrange(0, 1000, 50))
        case _:
            searches: list[tuple[Any, str]] = [
                *(("contains", word) for word in ("refund", "urgent", "login 1", "39")),
                *(("regex", form) for form in ("^bill.*7$", "(out|in)voice.*9", "again [0-9]3")),
            ]
            return Condition(field, *chance.choice(searches))


def edited(rules: Ruleset, *, wait: int) -> Ruleset:
    """The rule in the middle with one condition that no rule had."""
    name = rules.ordered()[len(rules.rules) // 2].name
    changed = tuple(
        replace(rule, when=And((rule.when, Condition("wait", "lte", wait))))
        if rule.name == name
        else rule
        for rule in rules.rules
    )
    return replace(rules, rules=changed)


def quickest(run: Callable[[], Any]) -> dict[str, float]:
    """Seconds and CPU seconds of all threads, the least of up to three times each."""
    walls, cpus = [], []
    for _ in range(3):
        start, cpu = perf_counter(), process_time()
        run()
        walls.append(perf_counter() - start)
        cpus.append(process_time() - cpu)
        if walls[-1] > ASKED_AGAIN_SECONDS:
            break
    return {"warm": min(walls), "cpu": min(cpus)}


def tieline(history: Path, rules: Ruleset) -> dict[str, Any]:
    """Cold: everything `rules simulate` tells, from the file. Warm and edited: the workbench."""
    from concurrent.futures import ThreadPoolExecutor

    from tieline.rules.simulation.question import Question
    from tieline.rules.simulation.workbench import Workbench
    from tieline.services.simulating.simulation import Counting, simulate
    from tieline.store.history.source import history_pieces

    found = simulate(Question(rules), history, threads=THREADS)
    cold_memory = peak_mb()
    counting = Counting(Question(rules))
    pieces = history_pieces(history, counting.decoder)
    chunks = [batch.chunk for piece in pieces for batch in piece()]
    with ThreadPoolExecutor(THREADS) as pool:
        # What an earlier count left behind: encoded columns and no bitmap.
        warm = quickest(lambda: list(pool.map(counting.takes, chunks)))
        won = [sum(counts) for counts in zip(*pool.map(counting.takes, chunks), strict=True)]
        bench = Workbench(chunks, spread=pool.map)
        assert bench.run(rules).won == won == found.tally.won
        edit = min(edit_seconds(bench, edited(rules, wait=wait)) for wait in (1234, 1235, 1236))
    return {
        "cold": found.elapsed_ms / 1000,
        **warm,
        "edit": edit,
        "won": won,
        "cold_mb": cold_memory,
    }


def edit_seconds(bench: "Workbench", rules: Ruleset) -> float:
    start = perf_counter()
    bench.run(rules)
    return perf_counter() - start


def sql(part: Expression) -> str:
    """A part of a rule in DuckDB's language."""
    match part:
        case And(children=children) | Or(children=children):
            word = " AND " if isinstance(part, And) else " OR "
            return "(" + word.join(sql(child) for child in children) + ")"
        case Condition(field=field, operator=operator, value=value):
            literal = f"'{value}'" if isinstance(value, str) else str(value).lower()
            match operator:
                case "contains":
                    return f"contains({field}, {literal})"
                case "regex":
                    return f"regexp_matches({field}, {literal})"
            signs = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
            return f"{field} {signs[operator]} {literal}"
    raise ValueError(part)


def duckdb(history: Path, rules: Ruleset) -> dict[str, Any]:
    """One CASE expression; its own columnar table when warm."""
    import duckdb as engine

    cases = " ".join(f"WHEN {sql(r.when)} THEN {n}" for n, r in enumerate(rules.ordered()))
    query = f"SELECT CASE {cases} ELSE -1 END w, count(*) FROM {{}} GROUP BY w"  # noqa: S608  # ours
    connection = engine.connect(config={"threads": THREADS})
    start = perf_counter()
    counts = dict(connection.execute(query.format(f"'{history}'")).fetchall())
    cold, cold_memory = perf_counter() - start, peak_mb()
    connection.execute(f"CREATE TABLE history AS FROM '{history}'")
    warm = quickest(lambda: connection.execute(query.format("history")).fetchall())
    won = [counts.get(place, 0) for place in range(len(rules.rules))]
    return {"cold": cold, **warm, "won": won, "cold_mb": cold_memory}


def polars(history: Path, rules: Ruleset) -> dict[str, Any]:
    """One when/then chain; texts as categories where no rule searches them."""
    import polars as pl

    def expression(part: Expression) -> Any:
        match part:
            case And(children=children):
                return pl.all_horizontal(*(expression(child) for child in children))
            case Or(children=children):
                return pl.any_horizontal(*(expression(child) for child in children))
            case Condition(field=field, operator="contains", value=value):
                return pl.col(field).str.contains(value, literal=True)
            case Condition(field=field, operator="regex", value=value):
                return pl.col(field).str.contains(value)
            case Condition(field=field, operator=operator, value=value):
                names = {"neq": "ne", "gte": "ge", "lte": "le"}
                return getattr(pl.col(field), names.get(operator, operator))(value)
        raise ValueError(part)

    winner = pl.coalesce(
        *(
            pl.when(expression(rule.when)).then(pl.lit(place, pl.Int32))
            for place, rule in enumerate(rules.ordered())
        ),
        pl.lit(-1, pl.Int32),
    ).alias("winner")

    def asked(frame: Any) -> dict[int, int]:
        counted = frame.select(winner).group_by("winner").len().collect(engine="streaming")
        return dict(counted.iter_rows())

    texts = pl.col("skill", "language", "region", "subject").cast(pl.String)
    start = perf_counter()
    counts = asked(pl.scan_parquet(history).with_columns(texts))
    cold, cold_memory = perf_counter() - start, peak_mb()
    frame = pl.scan_parquet(history).with_columns(texts).collect()
    warm = quickest(lambda: asked(frame.lazy()))
    won = [counts.get(place, 0) for place in range(len(rules.rules))]
    return {"cold": cold, **warm, "won": won, "cold_mb": cold_memory}


def zen(history: Path, rules: Ruleset) -> dict[str, Any]:
    """A decision table of one expression a row, hit policy first; `rows` a second."""
    import pyarrow.parquet as pq
    import zen as engine

    def text(part: Expression) -> str:
        match part:
            case And(children=children) | Or(children=children):
                word = " and " if isinstance(part, And) else " or "
                return "(" + word.join(text(child) for child in children) + ")"
            case Condition(field=field, operator="contains", value=value):
                return f"contains({field}, {json.dumps(value)})"
            case Condition(field=field, operator="regex", value=value):
                return f"matches({field}, {json.dumps(value)})"
            case Condition(field=field, operator=operator, value=value):
                signs = {"eq": "==", "neq": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
                return f"{field} {signs[operator]} {json.dumps(value)}"
        raise ValueError(part)

    table = {
        "hitPolicy": "first",
        "inputs": [{"id": "i", "name": "when"}],
        "outputs": [{"id": "o", "name": "winner", "field": "winner"}],
        "rules": [
            {"_id": str(n), "i": text(rule.when), "o": str(n)}
            for n, rule in enumerate(rules.ordered())
        ],
    }
    kinds = [("a", "inputNode", {}), ("b", "decisionTableNode", table), ("c", "outputNode", {})]
    document = {
        "nodes": [{"id": i, "name": i, "type": kind, "content": c} for i, kind, c in kinds],
        "edges": [
            {"id": "1", "sourceId": "a", "targetId": "b", "type": "edge"},
            {"id": "2", "sourceId": "b", "targetId": "c", "type": "edge"},
        ],
    }
    decision = engine.ZenEngine().create_decision(json.dumps(document))
    batch = next(pq.ParquetFile(history).iter_batches(ZEN_ROWS))
    rows = batch.to_pylist()
    decision.evaluate(rows[0])

    def winners() -> list[int | None]:
        return [decision.evaluate(row)["result"].get("winner") for row in rows]

    return {**quickest(winners), "rows": len(rows)}


def peak_mb() -> float:
    """Peak memory of this process; getrusage would count what its parent had when it forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


ENGINES = {"tieline": tieline, "DuckDB": duckdb, "polars": polars, "zen-engine": zen}


def measured(engine: str, history: Path, rules: int, *, text: bool) -> dict[str, Any]:
    """One engine on one question, in a process of its own."""
    command = [sys.executable, __file__, "--engine", engine, "--history", str(history)]
    command += ["--rules", str(rules), *(["--text"] if text else [])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def question(
    histories: dict[int, Path], records: int, rules: int, *, text: bool
) -> list[dict[str, Any]]:
    """All engines on one question; checks that they agree."""
    ours = measured("tieline", histories[records], rules, text=text)
    rows = []
    for engine in ENGINES:
        fewer = MILLION if rules > 200 and engine != "tieline" else records
        if engine == "zen-engine":
            found = measured(engine, histories[MILLION], rules, text=text)
            times, exact = records / found["rows"], False
        else:
            found = (
                ours
                if engine == "tieline"
                else measured(engine, histories[fewer], rules, text=text)
            )
            times, exact = records / fewer, fewer == records
            if exact and found["won"] != ours["won"]:
                raise SystemExit(f"{engine} counts otherwise at {records} x {rules}")
        row = {"engine": engine, "records": records, "rules": rules, "text": text, "exact": exact}
        for what in ("cold", "warm", "cpu", "edit"):
            row[what] = None if found.get(what) is None else found[what] * times
        row["cold_mb"] = found.get("cold_mb")
        rows.append(row)
        told = ", ".join(
            f"{w} {row[w]:.3f} s" for w in ("cold", "warm", "edit") if row[w] is not None
        )
        print(
            f"{records:>11,} x {rules:>5,}{' text' if text else '':5}  {engine:<11} {told}",
            flush=True,
        )
    return rows


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """As the documentation shows it; `~` marks what is extrapolated."""
    shown = []
    ours: dict[str, Any] = {}
    for row in rows:
        if row["engine"] == "tieline":
            ours = row
        mark = "" if row["exact"] else "~"
        # Measurements of before CPU time was taken have none.
        ratio_of = "cpu" if row.get("cpu") and ours.get("cpu") else "warm"
        shown.append(
            [
                f"{row['records'] // MILLION} M x {row['rules']:,}",
                "yes" if row["text"] else "no",
                row["engine"],
                *(f"{mark}{row[w]:.3g}" if row[w] is not None else "" for w in ("cold", "warm")),
                "" if row["edit"] is None else f"{row['edit'] * 1000:.0f} ms",
                f"{row[ratio_of] / ours[ratio_of]:.1f}",
                "" if row["cold_mb"] is None or mark else f"{row['cold_mb']:,.0f}",
            ]
        )
    return {
        "title": f"Which rule takes each record, {THREADS} threads, seconds; ~ extrapolated",
        "columns": [
            "records x rules", "text", "engine", "from Parquet", "in memory", "one rule edited",
            "times ours", "peak MB, cold",
        ],
        "rows": shown,
        "measurements": rows,
        "cpus": os.cpu_count(),
    }  # fmt: skip


def measured_before() -> list[dict[str, Any]]:
    """The measurements of the table as it stands; those of other sizes are kept."""
    if not RESULTS.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))["measurements"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10 million records too")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--history", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rules", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--text", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        print(
            json.dumps(ENGINES[given.engine](given.history, ruleset(given.rules, text=given.text)))
        )
        return
    sizes = (MILLION, 10 * MILLION) if given.full else (MILLION,)
    with tempfile.TemporaryDirectory() as folder:
        histories = {size: Path(folder) / f"{size}.parquet" for size in sizes}
        for size, path in histories.items():
            write_history(path, size)
        rows = [
            row
            for size in sizes
            for rules in (20, 200, 2_000)
            for text in (False, True)
            for row in question(histories, size, rules, text=text)
        ]
    rows += [row for row in measured_before() if row["records"] not in sizes]
    RESULTS.write_text(json.dumps(table(rows), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
