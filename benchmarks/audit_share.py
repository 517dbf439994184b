"""What the audit log costs an invocation: CPU with it, and with nothing in its place.

The same process invokes a data action on a server of its own process, one request a time, with
inputs that differ. With the log an intent is durable before each request and an outcome after it;
without it the services write nothing, mask nothing and wait for no disk. Rounds alternate; of each
side the best counts, because what others do on the machine is not the log's.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from tieline.client import AsyncClient
from tieline.clock import SystemClock
from tieline.config.profile import Profile
from tieline.http.limiter import MemoryLimiterStore
from tieline.secret import Secret
from tieline.services.connection import open_session
from tieline.services.session import Session

ACTION = "custom_-_7c1d8a52-3b0e-4f6e-9a53-1d2f5b8c9e01"
COLUMNS = ["calls at once", "CPU with the log, µs", "without, µs", "the log's share, %"]


class NoTrail:
    """In the place of a trail: accounts for everything, writes nothing."""

    async def intent(self, *_: Any, **__: Any) -> str:
        return "none:0"

    def accounts_for(self, _: Any) -> bool:
        return True

    async def outcome(self, *_: Any, **__: Any) -> None:
        return None

    async def aclose(self) -> None:
        pass


def open_one(url: str, folder: Path, *, audit: bool) -> Session:
    """A session whose calls meet no rate limit."""
    profile = Profile(
        "bench", "platform", url, url, folder,
        client_id="bench", client_secret=Secret("bench"), token_cache=False,
    )  # fmt: skip
    limiter = MemoryLimiterStore(SystemClock(), per_minute=100_000_000)
    session = open_session(profile, limiter=limiter)
    if audit:
        return session
    nothing: Any = NoTrail()
    session.calls._trail = nothing  # type: ignore[attr-defined]  # noqa: SLF001  # it asks for intents
    return replace(session, trail=nothing)


async def spend(url: str, folder: Path, calls: int, at_once: int, *, audit: bool) -> float:
    """Microseconds of CPU an invocation, all threads."""
    async with AsyncClient(session=open_one(url, folder, audit=audit)) as client:
        numbers = count(10_000)
        left = iter(range(calls))

        async def invoke() -> None:
            value = {"Flow.customerId": str(next(numbers)), "Flow.vip": True, "Flow.reason": "call"}
            await client.actions.invoke(ACTION, value)

        async def worker() -> None:
            for _ in left:
                await invoke()

        await asyncio.gather(*(invoke() for _ in range(at_once)))
        began = time.process_time()
        await asyncio.gather(*(worker() for _ in range(at_once)))
        return (time.process_time() - began) / calls * 1e6


def waiting_us(folder: Path) -> float:
    """Microseconds of CPU that the system takes to write a line and wait for the disk, no more."""
    path = folder / "bare"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(100):
            os.write(descriptor, b"x" * 500)
            os.fdatasync(descriptor)
        best = min(best, (time.process_time() - began) / 100)
    os.close(descriptor)
    path.unlink()
    return best * 1e6


def measure(*, rounds: int, calls: dict[int, int]) -> dict[str, Any]:
    """The document of `results/audit-share.json`."""
    command = [sys.executable, str(Path(__file__).with_name("calls_server.py"))]
    rows: list[list[float]] = []
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server,
        tempfile.TemporaryDirectory(dir=".") as name,
    ):
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        for at_once, number in calls.items():
            best = {True: float("inf"), False: float("inf")}
            for turn in range(rounds):
                for audit in (True, False):
                    folder = Path(name) / f"{at_once}-{turn}-{audit}"
                    spent = asyncio.run(spend(url, folder, number, at_once, audit=audit))
                    best[audit] = min(best[audit], spent)
            share = 100 * (best[True] - best[False]) / best[True]
            rows.append([at_once, round(best[True], 1), round(best[False], 1), round(share, 1)])
        bare = waiting_us(Path(name))
        server.communicate()
    return {
        "title": "The audit log's share of an invocation's CPU (one request, two records)",
        "columns": COLUMNS,
        "rows": rows,
        "notes": {"bare_write_and_fdatasync_us": round(bare, 1)},
    }
