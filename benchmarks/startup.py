"""CPU of starting: `tieline --help`, `import tieline`, the peers' frameworks, and each dependency.

Every line is a fresh interpreter; the smallest CPU of the rounds counts, interpreter included,
since noise only ever adds. Run: `python benchmarks/startup.py`.
"""

import json
import os
import resource
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 7
GOALS_MS = {"tieline --help": 150, "import tieline": 60}

STARTS = {
    "python (nothing)": ["-c", ""],
    "import tieline": ["-c", "import tieline"],
    "tieline --help": ["-m", "tieline", "--help"],
    "tieline doctor --help": ["-m", "tieline", "doctor", "--help"],
    "import tieline.client": ["-c", "import tieline.client"],
    "the official SDK": ["-c", "import PureCloudPlatformClientV2"],
    "argparse": ["-c", "import argparse"],
    "cyclopts": ["-c", "import cyclopts; cyclopts.App"],
}
# Distribution → what is imported of it, as Tieline does.
DEPENDENCIES = {
    "aiohttp": "aiohttp",
    "anyio": "anyio",
    "cryptography": "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cyclopts": "cyclopts.core",
    "google-re2": "re2",
    "jinja2": "jinja2",
    "jsonschema-rs": "jsonschema_rs",
    "orjson": "orjson",
    "platformdirs": "platformdirs",
    "prometheus-client": "prometheus_client.core",
    "python-sat": "pysat.solvers",
    "pydantic": "pydantic.main",
    "python-dotenv": "dotenv",
    "python-jsonpath": "jsonpath",
    "pyyaml": "yaml",
    "rich": "rich.table",
    "starlette": "starlette.applications",
    "structlog": "structlog",
    "truststore": "truststore",
    "uvicorn": "uvicorn",
}


def cpu_ms(arguments: list[str]) -> float:
    """CPU, user and system, of one fresh interpreter; best of the rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "NO_COLOR": "1"},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = min(best, spent * 1000)
    return best


def starts() -> dict[str, object]:
    """Our starts beside the peers', each with the goal where there is one."""
    rows = []
    for name, arguments in STARTS.items():
        goal = GOALS_MS.get(name)
        rows.append([name, round(cpu_ms(arguments)), "" if goal is None else f"≤ {goal}"])
    return {
        "title": "CPU of starting, interpreter included",
        "columns": ["what", "CPU, ms", "goal"],
        "rows": rows,
    }


def imports() -> dict[str, object]:
    """What each dependency adds to an interpreter that does nothing."""
    nothing = cpu_ms(["-c", ""])
    rows = [
        [name, version(name), max(0, round(cpu_ms(["-c", f"import {module}"]) - nothing))]
        for name, module in DEPENDENCIES.items()
    ]
    return {
        "title": "CPU at import, the interpreter's own left out",
        "columns": ["package", "version", "CPU, ms"],
        "rows": rows,
    }


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


if __name__ == "__main__":
    publish("startup", starts())
    publish("imports", imports())
