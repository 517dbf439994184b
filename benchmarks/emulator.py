"""The emulator: requests a second on one core, start-up, a request in-process, a fixture a test.

Servers run in processes of their own and answer the same execution status over kept connections;
peers are the least that uvicorn can serve and the same answer by a Starlette route. A rate is
requests by the server's own CPU seconds, so that a busy machine does not change it much.
Run: `python benchmarks/emulator.py`.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from http_load import ROUNDS, cpu_of, rate_of

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "emulator.json"
FLOW = "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11"
BODY = json.dumps({"id": FLOW, "status": "COMPLETED", "outputData": {"x": "1" * 400}}).encode()


def call(url: str, method: str, path: str, body: Any, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if path == "/oauth/token":
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = Request(url + path, data, headers, method=method)  # noqa: S310  # our own server
    with urlopen(request) as answer:  # noqa: S310  # as above
        return json.load(answer)


def http_get(path: str, token: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: emulator\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\n\r\n"
    ).encode()


def emulator_rate() -> tuple[float, float, float]:
    """Requests a second; CPU and wall seconds from the command to its ready file."""
    folder = Path(tempfile.mkdtemp())
    starts = []
    for number in range(ROUNDS):
        ready = folder / f"ready-{number}.json"
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "tieline", "emulator", "start", "--port", "0",
             "--ready-file", str(ready), "--clock", "virtual"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not ready.exists():
            time.sleep(0.002)
        starts.append((cpu_of(process.pid), time.perf_counter() - began))
        if number < ROUNDS - 1:
            process.terminate()
            process.wait()
    told = json.loads(ready.read_text())
    url = told["url"]
    form = b"grant_type=client_credentials&client_id=tieline-demo&client_secret=tieline-demo-secret"
    token = call(url, "POST", "/oauth/token", form)["access_token"]
    launched = call(url, "POST", "/api/v2/flows/executions", {"flowId": FLOW}, token)
    path = f"/api/v2/flows/executions/{launched['id']}"
    try:
        rate = rate_of(process.pid, int(url.rpartition(":")[2]), http_get(path, token))
    finally:
        process.terminate()
        process.wait()
    return rate, min(cpu for cpu, _ in starts), min(wall for _, wall in starts)


def peer_rate(name: str) -> float:
    process = subprocess.Popen(
        [sys.executable, __file__, "serve", name], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        return rate_of(process.pid, port, http_get(f"/executions/{FLOW}", "x"))
    finally:
        process.terminate()
        process.wait()


def serve(name: str) -> None:
    import socket

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    app = {"raw ASGI": bare, "Starlette": starlette()}[name]
    config = uvicorn.Config(app, lifespan="off", access_log=False, log_level="error", ws="none")
    uvicorn.Server(config).run(sockets=[listener])


async def bare(_scope: Any, _receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def starlette() -> Any:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    document = json.loads(BODY)

    async def show(request: Any) -> JSONResponse:
        return JSONResponse({**document, "id": request.path_params["id"]})

    return Starlette(routes=[Route("/executions/{id}", show)])


async def in_process_us() -> float:
    """A status read through the client's in-process transport, by CPU."""
    from tieline.emulator.app import create_app
    from tieline.http.asgi_transport import AsgiTransport
    from tieline.http.transport import Exchange, Outgoing
    from tieline.secret import Secret

    app = create_app(clock="virtual")
    client = app.world.oauth.clients["tieline-demo"]
    token = app.world.oauth.grant(client, "platform", None, now=app.clock.now())
    flow = app.world.flows.flows.get(FLOW)
    execution = app.world.flows.launch(flow, {}, name=None, person={}, now=app.clock.now())
    outgoing = Outgoing(
        "GET", "http://127.0.0.1", f"/api/v2/flows/executions/{execution['id']}",
        {"Accept": "application/json"}, None, Secret(f"Bearer {token.id}"), 30.0,
    )  # fmt: skip
    transport = AsgiTransport(app)
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(2000):
            answer = await transport.send(outgoing, Exchange())
        best = min(best, (time.process_time() - began) / 2000)
    assert answer.status == 200
    return best * 1e6


def fixture_ms() -> float:
    """What an emulator of a test's own costs, by CPU."""
    from tieline.emulator.app import create_app

    create_app(clock="virtual")
    spent = []
    for _ in range(200):
        began = time.process_time()
        create_app(clock="virtual")
        spent.append(time.process_time() - began)
    return statistics.median(spent) * 1e3


def main() -> None:
    rate, start_cpu, start_wall = emulator_rate()
    floor, peer = peer_rate("raw ASGI"), peer_rate("Starlette")
    rows = [
        ["status read, emulator, requests/s on one core", round(rate), "≥ 12,000"],
        ["the same bytes, raw ASGI on uvicorn", round(floor), ""],
        ["the same answer, a Starlette route", round(peer), ""],
        ["emulator against raw ASGI", f"{rate / floor:.2f}x", ""],
        ["emulator against Starlette", f"{rate / peer:.2f}x", ""],
        ["start to ready, CPU ms", round(start_cpu * 1e3), "≤ 300"],
        ["start to ready, wall ms", round(start_wall * 1e3), ""],
        ["request in-process, µs", round(asyncio.run(in_process_us())), "≤ 250"],
        ["emulator a test, ms", round(fixture_ms(), 2), "≤ 5"],
    ]
    for what, value, goal in rows:
        print(f"{what:<48} {value!s:>10}  {goal}")
    RESULTS.parent.mkdir(exist_ok=True)
    result = {"title": "Emulator", "columns": ["what", "measured", "goal"], "rows": rows}
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
    else:
        main()
