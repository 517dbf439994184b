"""The emulator on a socket: start, stop, dropped connections, handlers, recordings."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from emulator_driver import FLOW, LOOKUP

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.replaying import read_recording, replay, write_recording
from tieline.emulator.server import Address, running, serving
from tieline.errors import ConfigInvalid, InvalidInput

LAUNCH = "/api/v2/flows/executions"


class Browser:
    """One kept connection with a token."""

    def __init__(self, address: Address) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", int(address.url[-5:].strip(":")))
        form = (
            f"grant_type=client_credentials&client_id={address.client_id}"
            f"&client_secret={address.client_secret}"
        )
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", "/oauth/token", form, kind)
        token = json.load(self.connection.getresponse())["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, path, sent, self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, Address]]:
    with running(create_app(clock="virtual")) as both:
        yield both


@pytest.fixture
def emulator(served: tuple[Emulator, Address]) -> Emulator:
    served[0].reset()
    return served[0]


@pytest.fixture
def browser(emulator: Emulator, served: tuple[Emulator, Address]) -> Iterator[Browser]:
    del emulator
    browser = Browser(served[1])
    yield browser
    browser.connection.close()


@pytest.mark.parametrize(
    ("kind", "carried_out"),
    [("drop_before_read", 0), ("drop_after_read", 0), ("drop_after_commit", 1)],
)
def test_a_drop_closes_the_connection_without_a_byte(
    emulator: Emulator, browser: Browser, kind: str, carried_out: int
) -> None:
    emulator.add_fault({"match": {"path": LAUNCH}, "calls": [1], "do": {"kind": kind}})

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        browser.call("POST", LAUNCH, {"flowId": FLOW})
    status, _ = browser.call("POST", LAUNCH, {"flowId": FLOW})

    assert status == 200
    assert len(emulator.world.flows.executions) == carried_out + 1


def test_a_truncated_answer_promises_more_than_it_sends(
    emulator: Emulator, browser: Browser
) -> None:
    emulator.add_fault({"match": {"path": LAUNCH}, "do": {"kind": "truncate", "bytes": 12}})

    with pytest.raises(http.client.IncompleteRead) as caught:
        browser.call("POST", LAUNCH, {"flowId": FLOW})

    assert len(caught.value.partial) == 12


def test_a_slow_body_arrives_whole(emulator: Emulator, browser: Browser) -> None:
    emulator.add_fault({"match": {"path": LAUNCH},
                        "do": {"kind": "slow_body", "bytes_per_second": 20_000}})  # fmt: skip

    status, body = browser.call("POST", LAUNCH, {"flowId": FLOW})

    assert (status, body["flowId"]) == (200, FLOW)


def test_a_connection_that_leaves_during_a_delay_harms_nobody(
    emulator: Emulator, browser: Browser
) -> None:
    emulator.add_fault({"calls": [1], "do": {"kind": "delay", "seconds": 0.2}})
    browser.connection.request("GET", "/api/v2/organizations/me", headers=browser.headers)
    browser.connection.close()

    assert browser.call("GET", "/api/v2/organizations/me")[0] == 200


def test_a_taken_port_is_said(served: tuple[Emulator, Address]) -> None:
    port = int(served[1].url.rpartition(":")[2])

    with pytest.raises(InvalidInput, match=str(port)), running(port=port):
        pass


async def test_it_serves_inside_a_running_loop_and_frees_its_port() -> None:
    async with serving() as (_, address):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(address.url.rpartition(":")[2])
        )
        writer.write(
            b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert b'"status":"ok"' in answer
    port = int(address.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        pass


class Handler(BaseHTTPRequestHandler):
    """A user's handler: echoes, or fails as its path says."""

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 500 if self.path == "/broken" else 200
        body = json.dumps({"customerName": given["customerId"].upper(), "tier": "silver"})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"no json" if self.path == "/text" else body.encode())

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"customer": {"name": self.path, "level": "gold"}}).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def handler() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("path", "status"), [("/good", 200), ("/broken", 500), ("/text", 500)])
def test_a_users_handler_computes_an_actions_answer(
    emulator: Emulator, browser: Browser, handler: str, path: str, status: int
) -> None:
    emulator.world.handlers["custom_customer_lookup"] = handler + path

    got, body = browser.call(
        "POST", f"/api/v2/integrations/actions/{LOOKUP}/execute", {"customerId": "una"}
    )

    assert got == status
    if status == 200:
        assert body == {"customerName": "UNA", "tier": "silver"}


def test_an_action_calls_the_service_it_is_configured_for_and_translates_the_answer(
    browser: Browser, handler: str
) -> None:
    created = browser.call("POST", "/api/v2/integrations/actions", {
        "name": "Looked up", "category": "x",
        "integrationId": "d7b1a4e0-3c5f-4a2b-8d9e-6f0c1b2a3d10",
        "contract": {
            "input": {"inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}}},
            "output": {"successSchema": {"type": "object", "properties": {
                "name": {"type": "string"}, "note": {"type": "string"}}}},
        },
        "config": {
            "request": {"requestUrlTemplate": handler + "/customers/$esc.uriEncode(${input.id})"},
            "response": {
                "translationMap": {"name": "$.customer.name", "note": "$.missing"},
                "translationMapDefaults": {"note": '"none"'},
                "successTemplate": '{"name": ${name}, "note": ${note}}',
            },
        },
    })[1]  # fmt: skip

    status, body = browser.call(
        "POST", f"/api/v2/integrations/actions/{created['id']}/execute", {"id": "a b"}
    )

    assert (status, body) == (200, {"name": "/customers/a%20b", "note": "none"})


def test_a_recording_replays_without_a_difference_and_shows_one_where_there_is(
    emulator: Emulator, browser: Browser, tmp_path: Path
) -> None:
    launched = browser.call("POST", LAUNCH, {"flowId": FLOW, "inputData": {"Flow.vip": True}})[1]
    emulator.clock.advance(1)
    browser.call("GET", f"{LAUNCH}/{launched['id']}")
    browser.call("POST", f"/api/v2/integrations/actions/{LOOKUP}/execute", {"customerId": "10024"})
    emulator.add_fault({"do": {"kind": "status", "status": 500}})
    browser.call("GET", "/api/v2/organizations/me")
    path = tmp_path / "session.jsonl"
    write_recording(path, emulator.tell_recording())
    state, exchanges = read_recording(path)
    changed = {"flows": [{"id": FLOW, "name": "Gone", "type": "WORKFLOW"}]}

    with running() as (_, address):
        same = replay(address.url, state, exchanges)
        other = replay(address.url, changed, exchanges)

    assert same.to_json() == {"ok": True, "requests": 3, "left_out": 1, "differences": []}
    first = other.differences[0]
    assert (first.path, first.was, first.now) == (LAUNCH, 200, 400)


def test_a_file_that_is_no_recording_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"format": "other"}\n')

    with pytest.raises(ConfigInvalid, match="line 1"):
        read_recording(path)
