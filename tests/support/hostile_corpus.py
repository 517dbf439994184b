"""Run a corpus of hostile handlers, and look at the outside world after each.

A handler's head says what may become of it: `expect` (reasons; `completed` for none), and where it
matters `wall`, `cpu` (seconds), `allowed` (packages) and `result` (JSON). One that only tries the
door returns `got_through`, which must be empty. As a script: run a folder, print the findings.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from tieline.sandbox import Limits, RunResult, Sandbox
from tieline.sandbox.jail import proc
from tieline.sandbox.limits import Tier

LEFT_BEHIND = (Path("/tmp/tieline-left-behind"), Path("/dev/shm/tieline-left-behind"))
KERNEL_OBJECTS = tuple(Path("/proc/sysvipc", name) for name in ("shm", "sem", "msg"))
KERNEL_KEY = 0x7411  # what the corpus asks for
_MOMENT_S, _MOMENTS = 0.01, 50
MARK = b"tieline-corpus-child"


@dataclass
class Outside:
    """What a handler must not reach: a canary, a folder, listeners, a bystander process."""

    folder: Path
    secret: str
    listeners: dict[str, socket.socket]
    bystander: subprocess.Popen[bytes]
    corpus: Path

    @property
    def canary(self) -> Path:
        return self.folder / "canary"

    def event(self) -> dict[str, Any]:
        """Where everything is: an attacker who knows it all."""
        half = len(self.secret) // 2
        return {
            "canary": str(self.canary),
            "outside": str(self.folder),
            "host": os.getpid(),
            "bystander": self.bystander.pid,
            "port": self.listeners["tcp"].getsockname()[1],
            "unix": str(self.folder / "stream.socket"),
            "unix_datagram": str(self.folder / "datagram.socket"),
            "needle_parts": [self.secret[:half], self.secret[half:]],
        }

    def damage(self) -> list[str]:
        """What has changed, been reached or been left behind."""
        found = [f"{path} was left behind" for path in LEFT_BEHIND if path.exists()]
        if self.canary.read_text() != self.secret or self.canary.stat().st_mode & 0o7777 != 0o600:
            found.append("the canary was changed")
        names = {path.name for path in self.folder.iterdir()}
        if names != {"canary", "stream.socket", "datagram.socket"}:
            found.append(f"the outside folder holds {sorted(names)}")
        found += [f"{name} was reached" for name in self.listeners if self._reached(name)]
        if self.bystander.poll() is not None:
            found.append("the bystander was ended")
        objects = "".join(path.read_text() for path in KERNEL_OBJECTS if path.exists())
        if f" {KERNEL_KEY} " in objects:
            found.append("a System V object was left behind")
        if any(path.suffix not in {".py", ".js", ".mjs"} for path in self.corpus.iterdir()):
            found.append("the corpus folder was written to")
        return found

    async def leftovers(self) -> list[str]:
        """Processes of a handler that are still there; one that was killed may take a moment."""
        left: list[int] = []
        for _ in range(_MOMENTS):
            left = list(self._leftovers())
            if not left:
                break
            await anyio.sleep(_MOMENT_S)
        return [f"process {pid} was left behind" for pid in left]

    def _reached(self, name: str) -> bool:
        listener = self.listeners[name]
        try:
            listener.recv(1) if listener.type == socket.SOCK_DGRAM else listener.accept()
        except BlockingIOError:
            return False
        return True

    def _leftovers(self) -> Iterator[int]:
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                working = (entry / "cwd").readlink()
                if working == self.corpus or MARK in (entry / "cmdline").read_bytes():
                    yield int(entry.name)


@contextlib.contextmanager
def an_outside_world(corpus: Path) -> Iterator[Outside]:
    """Set it up, and take it down."""
    folder = Path(tempfile.mkdtemp(prefix="tieline-outside-"))
    listeners = {}
    for name, family, kind, address in (
        ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        ("unix", socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "stream.socket")),
        ("unix datagram", socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagram.socket")),
    ):
        listeners[name] = socket.socket(family, kind)
        listeners[name].bind(address)
        listeners[name].setblocking(False)
        if kind == socket.SOCK_STREAM:
            listeners[name].listen()
    secret = secrets.token_hex(16)
    os.environ["TIELINE_CORPUS_SECRET"] = secret
    (folder / "canary").write_text(secret)
    (folder / "canary").chmod(0o600)
    with subprocess.Popen(["sleep", "1000"]) as bystander:
        yield Outside(folder, secret, listeners, bystander, corpus)
        bystander.kill()
    for listener in listeners.values():
        listener.close()
    shutil.rmtree(folder)
    del os.environ["TIELINE_CORPUS_SECRET"]


def head_of(file: Path) -> dict[str, str]:
    """The `name: value` lines a handler begins with."""
    head = {}
    for line in file.read_text().splitlines():
        if not line.startswith(("# ", "// ")):
            break
        name, _, value = line.lstrip("#/ ").partition(": ")
        head[name] = value
    return head


async def attack(sandbox: Sandbox, file: Path, outside: Outside, tier: Tier) -> list[str]:
    """Run one hostile handler; sentences about everything that is not as it must be."""
    head = head_of(file)
    ended = await sandbox.run(
        file,
        outside.event(),
        tier=tier,
        limits=Limits(
            wall_s=float(head.get("wall", "5")),
            cpu_s=float(head["cpu"]) if "cpu" in head else None,
            memory_mb=128,
        ),
        allowed_packages=head["allowed"].split() if "allowed" in head else None,
    )
    wrong = [*_wrong_ends(ended, head, outside.secret, tier), *outside.damage()]
    return wrong + await outside.leftovers()


def _wrong_ends(ended: RunResult, head: dict[str, str], secret: str, tier: Tier) -> Iterator[str]:
    if (ended.reason or "completed") not in head["expect"].split():
        yield f"ended {ended.reason or 'completed'}, not {head['expect']}: {ended.error}"
    if ended.tier != tier:
        yield f"ran in tier {ended.tier}"
    if secret in json.dumps(ended.to_json()):
        yield "the secret is in the result"
    if isinstance(ended.result, dict) and ended.result.get("got_through"):
        yield f"got through: {ended.result['got_through']}"
    if "result" in head and ended.result != json.loads(head["result"]):
        yield f"the result is {ended.result!r}"


async def benign(sandbox: Sandbox, corpus: Path, tier: Tier) -> list[str]:
    """What is wrong with an ordinary handler's run in the same sandbox; nothing, one hopes."""
    folder = corpus.with_name("benign")
    file = folder / ("handler.py" if corpus.name.endswith("python") else "handler.js")
    ended = await sandbox.run(file, {"name": "Ada"}, tier=tier, environment={"GREETING": "Hello"})
    if ended.result == {"text": "Hello, Ada", "scratch": "kept", "threads": [1, 4, 9]}:
        return []
    return [f"the benign handler ended {ended.to_json()}"]


def _files(corpus: Path) -> list[Path]:
    return sorted(corpus.iterdir())


async def campaign(corpus: Path, tier: Tier = "confined") -> list[str]:
    """Every handler of a folder in one sandbox, a benign one before and after; all findings."""
    findings = []
    with an_outside_world(corpus) as outside, Sandbox(ready=0) as sandbox:
        findings += await benign(sandbox, corpus, tier)
        for file in _files(corpus):
            findings += [f"{file.name}: {p}" for p in await attack(sandbox, file, outside, tier)]
        findings += await benign(sandbox, corpus, tier)
    findings += [f"process {pid} outlived the sandbox" for pid in proc.descendants(os.getpid())]
    return findings


if __name__ == "__main__":
    sys.stdout.write(json.dumps(anyio.run(campaign, Path(sys.argv[1]).resolve())))
