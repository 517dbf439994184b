"""Puts the real output of `make demo` into the README: `make readme`.

A test compares the README's block with a fresh run by `shape`: ids, ports and durations differ from
run to run, everything else must be the same.
"""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
_BLOCK = re.compile(r"(<!-- demo -->\n```text\n)(.*?)(```\n<!-- /demo -->)", re.DOTALL)
_VARYING = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b\d+ ms\b"), "N ms"),
    (re.compile(r"\b(?:queued|running|completed) after\b"), "STATE after"),
)


def run_demo() -> str:
    """What `make demo` prints.

    Raises:
        CalledProcessError: the demo failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tieline", "demo"], capture_output=True, text=True, check=True
    )
    return done.stdout


def shape(output: str) -> str:
    """The output without what differs from run to run."""
    for pattern, word in _VARYING:
        output = pattern.sub(word, output)
    return output


def shown(readme: str) -> str:
    """The output that the README shows.

    Raises:
        ValueError: there is no such block.
    """
    found = _BLOCK.search(readme)
    if found is None:
        raise ValueError("the README has no block between <!-- demo --> and <!-- /demo -->")
    return found[2]


def main() -> None:
    """Run the demo and replace the block."""
    readme = README.read_text(encoding="utf-8")
    shown(readme)
    output = run_demo()
    README.write_text(
        _BLOCK.sub(lambda found: found[1] + output + found[3], readme), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
