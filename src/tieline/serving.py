"""Serving an ASGI application on a socket: bound first, announced once it answers.

The emulator, the host of actions and the dashboard are served by this. It knows none of them.
"""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn

from tieline.errors import ConfigInvalid

BACKLOG = 2048
LARGEST_PORT = 65_535
# Longer than a server takes to start or to stop on a machine that is busy with other things.
START_SECONDS = 30.0


class AnnouncingServer(uvicorn.Server):
    """Serves until SIGINT or SIGTERM; calls `ready` once, when requests are answered."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


class EmbeddedServer(AnnouncingServer):
    """Serves inside a program that has its own way with signals; ends by `should_exit`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the program around."""
        yield


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket, closed at the end of the block; port 0 takes a free one.

    Raises:
        ConfigInvalid: the address cannot be used, or the port is taken.
    """
    if not 0 <= port <= LARGEST_PORT:
        raise ConfigInvalid(
            f"{host} port {port} cannot be listened on: ports are 0 to {LARGEST_PORT}",
            hint="choose another `--port`; 0 takes a free one",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        raise ConfigInvalid(
            f"{host} port {port} cannot be listened on: {exc.strerror or exc}",
            hint="choose another `--port`; 0 takes a free one",
        ) from exc
    try:
        yield bound
    finally:
        with suppress(OSError):
            bound.close()


def url_of(bound: socket.socket) -> str:
    """Where a bound socket is reached, as people type it."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def in_thread(config: uvicorn.Config, bound: socket.socket) -> Iterator[None]:
    """Serve in a thread for the length of the block, which begins once requests are answered.

    Raises:
        ConfigInvalid: it did not start.
    """
    up = threading.Event()
    server = EmbeddedServer(config, up.set)
    thread = threading.Thread(
        target=server.run, args=([bound],), name="tieline-server", daemon=True
    )
    thread.start()
    try:
        if not up.wait(START_SECONDS):
            raise ConfigInvalid(f"the server at {url_of(bound)} did not start")
        yield
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)


def ready_line(url: str, **more: str) -> str:
    """What a ready file holds: one line of JSON, with this process's id."""
    document: Mapping[str, Any] = {"url": url, "pid": os.getpid(), **more}
    return json.dumps(document)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)
