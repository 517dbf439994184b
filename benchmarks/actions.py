"""Data actions: what hosting, strict validation and templates cost.

Servers run in processes of their own; a rate is requests by the server's own CPU seconds. The peer
is a bare Starlette route that parses the same body and answers the same. Run: `python
benchmarks/actions.py`.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from http_load import ROUNDS, rate_of

RESULTS = Path(__file__).parent / "results" / "actions.json"
BODY = b'{"n":1}'
SAMPLE = {
    "contact": {
        "external_id": "crm-42",
        "channel": "chat",
        "timestamp": "2026-01-31T12:00:00Z",
        "metadata": {"campaign": "spring"},
    },
    "priority": 3,
    "tags": ["vip", "renewal"],
    "callback_url": "https://hooks.example/done",
}
TEMPLATE = (
    '{"customer":"$esc.jsonEncode(${input.name})","count":${input.count}'
    '#if("$!{input.note}" != ""),"note":"$esc.jsonEncode(${input.note})"#end}'
)
CALLS = 5_000


def hosted() -> Any:
    """The service with one action that does nothing."""
    from pydantic import BaseModel

    from tieline.actions import action
    from tieline.hosting.app import create_app
    from tieline.hosting.surroundings import Surroundings

    class Ask(BaseModel):
        n: int

    @action(name="custom_nothing", version="1.0.0")
    async def nothing(request: Ask) -> Ask:
        return request

    return create_app(Surroundings((nothing,), Path(tempfile.mkdtemp())))


def bare() -> Any:
    """The least that Starlette needs to answer the same."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def nothing(request: Request) -> Response:
        return Response(orjson.dumps(orjson.loads(await request.body())),
                        media_type="application/json")  # fmt: skip

    return Starlette(routes=[Route("/actions/{name}", nothing, methods=["POST"])])


def serve(name: str) -> None:
    import socket

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    app = {"hosted": hosted, "bare": bare}[name]()
    config = uvicorn.Config(app, access_log=False, log_level="error", ws="none")
    uvicorn.Server(config).run(sockets=[listener])


def rate(name: str) -> float:
    process = subprocess.Popen([sys.executable, __file__, "serve", name], stdout=subprocess.PIPE)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    request = (
        b"POST /actions/custom_nothing HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\n"
        b"ININ-Correlation-Id: 8a1f0d6e-0000-4000-8000-000000000001\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
    )
    try:
        return rate_of(process.pid, port, request)
    finally:
        process.terminate()
        process.wait()


def microseconds(work: Any) -> float:
    """The median of single calls, in microseconds; the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        times = []
        for _ in range(CALLS):
            began = time.perf_counter_ns()
            work()
            times.append(time.perf_counter_ns() - began)
        best = min(best, statistics.median(times) / 1000)
    return best


def validation(*, by_model: bool) -> float:
    from tieline.contracts.derive import schema_of
    from tieline.contracts.interaction import InteractionPayload
    from tieline.contracts.strict_json import parse_json
    from tieline.contracts.validation import Schema
    from tieline.hosting.gateway import Contract

    schema = Schema(schema_of(InteractionPayload, direction="input"))
    contract = (
        Contract(None, InteractionPayload, None) if by_model else Contract(None, None, schema)
    )
    body = orjson.dumps(SAMPLE)
    return microseconds(lambda: contract.read(parse_json(body), body))


def render() -> float:
    from tieline.contracts.velocity import Template

    template = Template(TEMPLATE)
    values = {"input": {"name": 'Ann "Lee"', "count": 3, "note": "ring twice"}}
    return microseconds(lambda: template.render(values))


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
        return
    ours, peer = rate("hosted"), rate("bare")
    rows: list[list[Any]] = [
        ["hosted action, requests/s on one core", round(ours), "≥ 2,500"],
        ["a bare Starlette route, requests/s on one core", round(peer), ""],
        ["hosted against bare", f"{ours / peer:.2f}x", "≥ 0.6"],
        ["gateway, guide 3's payload by model, µs p50", round(validation(by_model=True)), "≤ 150"],
        ["the same by registered contract, µs p50", round(validation(by_model=False)), "≤ 150"],
        ["template rendered, µs p50", round(render(), 1), "≤ 50"],
    ]
    document = {"title": "Data actions", "columns": ["what", "measured", "goal"], "rows": rows}
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    for row in rows:
        print(f"{row[0]:52} {row[1]!s:>10}  {row[2]}")


if __name__ == "__main__":
    main()
