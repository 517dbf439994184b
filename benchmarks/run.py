"""`make bench`: every benchmark in turn, each with its peers, in a process of its own."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# Parts of a benchmark, started by it.
PARTS = {
    "run.py", "audit_share.py", "calls_server.py", "http_load.py", "runs_fleet.py", "runs_many.py",
}  # fmt: skip


def main() -> int:
    """Run all, or those named on the command line; returns how many failed."""
    named = {f"{name.removesuffix('.py')}.py" for name in sys.argv[1:]}
    scripts = sorted(path for path in HERE.glob("*.py") if path.name not in PARTS)
    failed = []
    for script in scripts:
        if named and script.name not in named:
            continue
        print(f"\n== {script.stem}", flush=True)
        if subprocess.run([sys.executable, str(script)], check=False).returncode != 0:
            failed.append(script.stem)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
