"""Puts real output into the how-to pages that show a terminal: `make consoles`.

A fenced `console` block holds commands behind `$ ` and what they print. All blocks of a page run in
one folder, in order, beside an emulator and a receiver of webhooks; lines `% run: COMMAND`, which
readers do not see, run in between. A test compares each block with a fresh run by `shape`: ids,
hashes, times and ports differ from run to run, everything else must be the same.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from tieline.emulator.server import Address, running

HOW_TO = Path(__file__).parents[1] / "docs" / "how-to"
PAGES = (HOW_TO / "audit.md", HOW_TO / "webhooks.md")
# What the pages call the receiver; the real one has a free port.
RECEIVER = "127.0.0.1:9000"

_PART = re.compile(
    r"^```console\n(?P<block>.*?)^```$|^% run: (?P<run>[^\n]*)$", re.MULTILINE | re.DOTALL
)
_VARYING = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\bevt_[0-9a-f]{32}"), "EVENT"),
    (re.compile(r"\bwhsec_[\w+/=]+"), "SECRET"),
    (re.compile(r"[0-9a-f]{64}|\b[0-9a-f]{32}\b"), "HASH"),
    (re.compile(r"(?<=:)[0-9a-f]{12}\b"), "PSEUDONYM"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "LOG"),
    (re.compile(r"(?<![\w+/])(?=[\w+/]*[A-Z])[\w+/]{40,}={0,2}"), "BASE64"),
    (re.compile(r"\+[0-9a-f]{8}\+"), "+KEY+"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b\d+\.\d{2,}\b|\b\d{10}\b"), "NUMBER"),
    (re.compile(r"[ ─━]{2,}"), "  "),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One command of a page, and the lines under it."""

    command: str
    output: str


def shape(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def shown(page: str) -> list[Shown]:
    """The commands of a page's console blocks, in order."""
    return [
        one for part in _PART.finditer(page) if part["block"] for one in _commands(part["block"])
    ]


def run_page(page: str) -> str:
    """The page with the output of a fresh run."""
    with _desk() as desk:

        def fresh(part: re.Match[str]) -> str:
            if part["run"]:
                desk.run(part["run"])
                return part[0]
            lines = [
                f"$ {one.command}\n{desk.run(one.command)}" for one in _commands(part["block"])
            ]
            return f"```console\n{''.join(lines)}```"

        return _PART.sub(fresh, page)


def _commands(block: str) -> Iterator[Shown]:
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        # A command goes on where its line ends with a backslash.
        found = re.match(r"(?:.*\\\n)*.*\n", piece)
        command = found[0] if found else piece
        yield Shown(command.rstrip("\n"), piece[len(command) :])


@dataclass(frozen=True, slots=True)
class _Desk:
    folder: Path
    environ: dict[str, str]
    receiver: str

    def run(self, command: str) -> str:
        """What a command prints, both streams; its exit code is the next one's `$?`."""
        script = f"(exit $(cat .last 2>/dev/null || echo 0)); {command}\necho $? > .last"
        done = subprocess.run(  # noqa: S603  # our own pages
            ["/bin/sh", "-c", script.replace(RECEIVER, self.receiver)],
            cwd=self.folder, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=True, timeout=120,
        )  # fmt: skip
        said = done.stdout.replace(self.receiver, RECEIVER).replace(str(self.folder), "/home/you")
        return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


@contextmanager
def _desk() -> Iterator[_Desk]:
    with (
        tempfile.TemporaryDirectory() as name,
        running() as (_, address),
        _receiver(Path(name)) as receiver,
    ):
        folder = Path(name)
        for script in HOW_TO.glob("*.py"):
            (folder / script.name).write_bytes(script.read_bytes())
        yield _Desk(folder, _environ(folder, address), receiver)


def _environ(folder: Path, address: Address) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder), "COLUMNS": "100", "TIELINE_STATE_DIR": ".tieline",
        "TIELINE_BASE_URL": address.url, "TIELINE_CLIENT_ID": address.client_id,
        "TIELINE_CLIENT_SECRET": address.client_secret,
        "GIT_AUTHOR_NAME": "Auditor", "GIT_AUTHOR_EMAIL": "auditor@example.org",
        "GIT_COMMITTER_NAME": "Auditor", "GIT_COMMITTER_EMAIL": "auditor@example.org",
    }  # fmt: skip


@contextmanager
def _receiver(folder: Path) -> Iterator[str]:
    """Keeps the last message in `body.json` and `headers.json`, and answers what `answer` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "body.json").write_bytes(body)
            (folder / "headers.json").write_text(json.dumps(dict(self.headers)))
            said = folder / "answer"
            self.send_response(int(said.read_text()) if said.exists() else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    """Write fresh output into every page."""
    for path in PAGES:
        path.write_text(run_page(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
