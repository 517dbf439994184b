"""CPU of a whole call: Tieline with every guarantee on, the official SDK, aiohttp, httpx2, httpx.

Each client reads one execution's status from the same local server, which runs in a process of
its own. Measured is the client's process time (user and system, all threads) a call, token and
JSON reading included; clients run in processes of their own, in turn, and the median of the
rounds counts. Run: `python benchmarks/calls.py`.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "calls.json"
PATH = "/api/v2/flows/executions/{id}"
EXECUTION = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
CLIENTS = ("tieline", "aiohttp", "sdk", "httpx2", "httpx")
ROUNDS = 3
CALLS = {1: 600, 50: 2000}
# httpx is so much slower at 50 that the same number of calls would only cost patience.
FEWER = {("httpx", 50): 400, ("httpx2", 50): 800, ("sdk", 50): 1000}

Once = Callable[[], Awaitable[object]]


async def spend(once: Once, calls: int, concurrency: int) -> float:
    """CPU seconds a call."""
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            await once()

    await asyncio.gather(*(once() for _ in range(concurrency)))  # open connections, get the token
    started = time.process_time()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return (time.process_time() - started) / calls


async def tieline(url: str, calls: int, concurrency: int) -> float:
    from tieline.calls.operation import Operation, Request
    from tieline.clock import SystemClock
    from tieline.http.caller import Caller
    from tieline.http.credentials import ClientCredentials, Endpoint
    from tieline.http.limiter import MemoryLimiterStore
    from tieline.observe.metrics import Metrics
    from tieline.secret import Secret

    follow = Operation(
        "flows.show", "GET", PATH, True, "platform", ("architect:flowExecution:view",)
    )
    caller = Caller(
        Endpoint("platform", url, url),
        ClientCredentials("benchmark", Secret("benchmark")),
        limiter=MemoryLimiterStore(SystemClock(), per_minute=10_000_000),
        meter=Metrics(),
    )
    try:
        return await spend(
            lambda: caller.call(Request(follow, path={"id": EXECUTION})), calls, concurrency
        )
    finally:
        await caller.aclose()


async def aiohttp(url: str, calls: int, concurrency: int) -> float:
    import aiohttp as library

    headers = {"Authorization": "Bearer benchmark", "Accept": "application/json"}
    async with library.ClientSession(headers=headers) as session:

        async def once() -> object:
            async with session.get(url + PATH.format(id=EXECUTION)) as response:
                response.raise_for_status()
                return await response.json()

        return await spend(once, calls, concurrency)


async def httpx(url: str, calls: int, concurrency: int) -> float:
    import httpx as library

    headers = {"Authorization": "Bearer benchmark", "Accept": "application/json"}
    async with library.AsyncClient(headers=headers) as session:

        async def once() -> object:
            response = await session.get(url + PATH.format(id=EXECUTION))
            return response.raise_for_status().json()

        return await spend(once, calls, concurrency)


async def httpx2(url: str, calls: int, concurrency: int) -> float:
    import httpx2 as library

    headers = {"Authorization": "Bearer benchmark", "Accept": "application/json"}
    async with library.AsyncClient(headers=headers) as session:

        async def once() -> object:
            response = await session.get(url + PATH.format(id=EXECUTION))
            return response.raise_for_status().json()

        return await spend(once, calls, concurrency)


async def sdk(url: str, calls: int, concurrency: int) -> float:
    from concurrent.futures import ThreadPoolExecutor

    from PureCloudPlatformClientV2 import ApiClient, ArchitectApi, Configuration

    Configuration().host = url
    client = ApiClient().get_client_credentials_token("benchmark", "benchmark")
    api = ArchitectApi(client)
    with ThreadPoolExecutor(concurrency) as pool:
        for _ in pool.map(api.get_flows_execution, [EXECUTION] * concurrency):
            pass
        started = time.process_time()
        for _ in pool.map(api.get_flows_execution, [EXECUTION] * calls):
            pass
        return (time.process_time() - started) / calls


def child(client: str, url: str, concurrency: int) -> None:
    calls = FEWER.get((client, concurrency), CALLS[concurrency])
    run = {"tieline": tieline, "aiohttp": aiohttp, "httpx": httpx, "httpx2": httpx2, "sdk": sdk}
    print(asyncio.run(run[client](url, calls, concurrency)))


def measure(url: str) -> dict[str, dict[str, float]]:
    """Microseconds a call, by concurrency and client: the median of the rounds."""
    found: dict[str, dict[str, float]] = {}
    for concurrency in CALLS:
        seen: dict[str, list[float]] = {client: [] for client in CLIENTS}
        for _ in range(ROUNDS):
            for client in CLIENTS:
                command = [sys.executable, __file__, client, url, str(concurrency)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                seen[client].append(float(done.stdout) * 1e6)
        found[str(concurrency)] = {c: round(statistics.median(s), 1) for c, s in seen.items()}
    return found


def main() -> None:
    """Measure, print the table, write the JSON."""
    command = [sys.executable, str(HERE / "calls_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        found = measure(f"http://127.0.0.1:{port}")
        server.communicate()
    rows = []
    for concurrency, by_client in found.items():
        ours = by_client["tieline"]
        for client, micros in by_client.items():
            ratio = round(ours / micros, 2)
            rows.append([int(concurrency), client, micros, ratio])
            print(
                f"{concurrency:>3} at once  {client:<8} {micros:8.1f} µs   tieline is {ratio:.2f}x"
            )
    document = {
        "title": "CPU of a whole call",
        "columns": ["calls at once", "client", "CPU a call, µs", "Tieline's share of it"],
        "rows": rows,
        "python": sys.version.split()[0],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
