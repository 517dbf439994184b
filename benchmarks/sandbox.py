"""One sandboxed call, warm and cold, per language and tier, beside a plain interpreter per call.

Warm: the sandbox has processes ready, as between calls of a service. Cold: a sandbox of its own,
started and ended with the call. Plain: `subprocess.run` of the same interpreter on the same
handler, without any isolation. Then: how long after its limit a breach is reported, and what a
thousand calls leave behind. Run: `python benchmarks/sandbox.py`.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio

from tieline.sandbox import Limits, RunResult, Sandbox, run_handler
from tieline.sandbox.jail import proc
from tieline.sandbox.limits import TIERS, Tier

HERE = Path(__file__).parent
CALLS, COLD_CALLS, MANY = 150, 12, 1_000
# Between warm calls, so that the pool is full again; a Node process takes longer to start.
REST_S = {"python": 0.02, "node": 0.12}
NAMESPACES_REST_S = 0.25
GOALS_MS = {("python", "confined"): 5.0, ("node", "confined"): 3.0}
CODE = {
    "handler.py": "def handler(event, context):\n    return {'id': event['id']}\n",
    "handler.js": "exports.handler = async (event) => ({ id: event.id });\n",
}
PLAIN = {
    "python": [sys.executable, "-c", "import handler; print(handler.handler({'id': 1}, None))"],
    "node": ["node", "-e", "require('./handler.js').handler({ id: 1 }).then(console.log)"],
}
SPIN = "def handler(event):\n    while True: pass\n"
BREACHES = {
    "wall": (SPIN, Limits(wall_s=0.3)),
    "cpu": (SPIN, Limits(wall_s=5, cpu_s=0.3)),
}


async def timed(once: Callable[[], Awaitable[RunResult]], calls: int, rest_s: float) -> list[float]:
    """Milliseconds of each call, sorted."""
    spent = []
    for _ in range(calls):
        started = time.perf_counter()
        ended = await once()
        spent.append((time.perf_counter() - started) * 1000)
        assert ended.status == "completed", ended
        await anyio.sleep(rest_s)
    return sorted(spent)


async def measure(language: str, tier: Tier, file: Path) -> list[object]:
    rest = NAMESPACES_REST_S if tier == "hardened" else REST_S[language]
    calls = CALLS // 3 if tier == "hardened" else CALLS
    with Sandbox(ready=2) as sandbox:
        await sandbox.run(file, {"id": 1}, tier=tier)
        await anyio.sleep(0.5)
        warm = await timed(lambda: sandbox.run(file, {"id": 1}, tier=tier), calls, rest)
    cold = await timed(lambda: run_handler(file, {"id": 1}, tier=tier), COLD_CALLS, 0)
    return [
        round(statistics.median(warm), 2),
        round(warm[int(len(warm) * 0.99)], 2),
        round(statistics.median(cold), 1),
    ]


def plain(language: str, folder: Path) -> float:
    spent = []
    for _ in range(COLD_CALLS):
        started = time.perf_counter()
        subprocess.run(PLAIN[language], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


async def speed(folder: Path) -> dict[str, object]:
    rows: list[list[object]] = []
    for language, name in (("python", "handler.py"), ("node", "handler.js")):
        peer = plain(language, folder)
        rows.append([language, "subprocess.run", "", "", round(peer, 1), "1.0", ""])
        for tier in TIERS:
            warm, warm99, cold = await measure(language, tier, folder / name)
            goal = GOALS_MS.get((language, tier))
            ratio = f"{peer / float(str(warm)):.1f}"
            rows.append(
                [
                    language,
                    tier,
                    warm,
                    warm99,
                    cold,
                    ratio,
                    "" if goal is None else f"≤ {goal:g} ms",
                ]
            )
    columns = ["language", "tier", "warm p50, ms", "p99", "cold p50, ms", "times faster", "goal"]
    return {"title": "One sandboxed call", "columns": columns, "rows": rows}


async def lateness(folder: Path) -> dict[str, object]:
    rows = []
    with Sandbox(ready=2) as sandbox:
        for reason, (content, limits) in BREACHES.items():
            file = folder / f"{reason}.py"
            file.write_text(content)
            late = []
            for _ in range(10):
                started = time.perf_counter()
                ended = await sandbox.run(file, {}, limits=limits)
                spent = (time.perf_counter() - started) * 1000
                # On a busy machine CPU time passes more slowly than the clock.
                over_cpu = ended.usage.cpu_ms - limits.cpu_allowed_s * 1000
                late.append(spent - limits.wall_s * 1000 if reason == "wall" else over_cpu)
                assert ended.reason == reason, ended
            rows.append(
                [reason, round(statistics.median(late), 1), round(max(late), 1), "≤ 250 ms"]
            )
    columns = ["limit", "reported after it, ms", "worst", "goal"]
    return {"title": "How late a breach is reported", "columns": columns, "rows": rows}


async def remains(folder: Path) -> dict[str, object]:
    rows = []
    for language, name in (("python", "handler.py"), ("node", "handler.js")):
        with Sandbox(ready=1) as sandbox:
            for _ in range(20):
                await sandbox.run(folder / name, {"id": 1})
            descriptors, memory = _descriptors(), _own_and_keepers_mb()
            for _ in range(MANY):
                await sandbox.run(folder / name, {"id": 1})
            await anyio.sleep(0.5)
            grown = _own_and_keepers_mb() - memory
            more = _descriptors() - descriptors
        left = len(proc.descendants(os.getpid()))
        rows.append([language, MANY, left, more, round(grown, 2)])
    columns = ["language", "calls", "processes left", "descriptors more", "growth, MB"]
    return {
        "title": "What many calls leave behind (goal: 0, 0, ≤ 5 MB)",
        "columns": columns,
        "rows": rows,
    }


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _own_and_keepers_mb() -> float:
    # The keeper is the first process we started; wardens come and go.
    keeper = min(proc.descendants(os.getpid()))
    return proc.read([os.getpid(), keeper]).rss_bytes / 1024**2


def publish(topic: str, result: dict[str, object]) -> None:
    """Print the table and keep it for the documentation."""
    rows = [result["columns"], *result["rows"]]  # type: ignore[misc]  # built above
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    print(result["title"])
    for row in rows:
        print("  ".join(f"{cell!s:<{width}}" for cell, width in zip(row, widths, strict=True)))
    path = HERE / "results" / f"{topic}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


async def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="tieline-benchmark-"))
    for name, content in CODE.items():
        (folder / name).write_text(content)
    try:
        publish("sandbox", await speed(folder))
        publish("sandbox-limits", await lateness(folder))
        publish("sandbox-remains", await remains(folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    anyio.run(main)
