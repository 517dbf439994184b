"""What the emulator, the host of actions and the dashboard have in common."""

import json
import os
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tieline.errors import ConfigInvalid
from tieline.serving import in_thread, listening, ready_line, url_of, write_whole


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


def test_a_server_answers_from_the_moment_the_block_begins_and_not_behind_it() -> None:
    config = uvicorn.Config(application, lifespan="off", log_config=None, ws="none")
    with listening("127.0.0.1", 0) as bound:
        url = url_of(bound)
        with in_thread(config, bound):
            assert urllib.request.urlopen(url).read() == b"here"  # noqa: S310  # our own server
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)  # noqa: S310  # our own server


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_is_written_as_people_type_it(host: str) -> None:
    with listening(host, 0) as bound:
        port = bound.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        assert url_of(bound) == f"http://{shown}:{port}"


def test_a_port_that_is_taken_and_an_address_of_another_machine_are_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigInvalid, match=str(port)) as refused, listening("127.0.0.1", port):
            pass
    assert "--port" in refused.value.hint
    with pytest.raises(ConfigInvalid, match=r"192\.0\.2\.1"), listening("192.0.2.1", 0):
        pass


def test_a_ready_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"

    write_whole(path, ready_line("http://127.0.0.1:1", client_id="c"))

    assert json.loads(path.read_text()) == {
        "url": "http://127.0.0.1:1", "pid": os.getpid(), "client_id": "c",
    }  # fmt: skip
    assert [entry.name for entry in tmp_path.iterdir()] == ["ready.json"]
