"""The emulator on a socket: for a command, in a thread, or inside a running loop."""

import asyncio
import gc
import json
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.sending import CONNECTION
from tieline.errors import InvalidInput

if TYPE_CHECKING:
    _Protocol = asyncio.Protocol
else:
    _Protocol = AutoHTTPProtocol

# Longer than an embedded server takes on a machine that is busy with other things.
START_SECONDS = 30.0
# Closing an idle connection just as a request travels on it would look like a lost answer; longer
# than clients keep theirs.
KEEP_ALIVE_SECONDS = 75
# Journal and executions grow with every request; Python's own 700 looks through them all the time.
GARBAGE_THRESHOLD = 50_000


class _DroppableProtocol(_Protocol):
    """uvicorn's protocol, handing the connection to the application so that faults can close it."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: transport}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an emulator answers, and the credentials of its demo client."""

    url: str
    client_id: str
    client_secret: str

    def ready_line(self) -> str:
        """What the ready file holds: one line of JSON, with this process's id."""
        return json.dumps(
            {
                "url": self.url,
                "pid": os.getpid(),
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            }
        )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()


class _EmbeddedServer(_Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program around."""
        yield


def serve(
    app: Emulator,
    *,
    host: str = "127.0.0.1",
    port: int = 8089,
    ready: Callable[[Address], None] = lambda _address: None,
) -> None:
    """Serve until interrupted; port 0 takes a free one. `ready` is called once it answers.

    Raises:
        InvalidInput: the address cannot be used, or the port is taken.
    """
    with _listening(host, port) as listener:
        address = _address(app, listener)
        # What is loaded by now stays: looking through it for garbage would only cost time.
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        _Server(_config(app), lambda: ready(address)).run(sockets=[listener])


@contextmanager
def running(
    app: Emulator | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[tuple[Emulator, Address]]:
    """Serve in a thread for the length of the block; for blocking programs and tests."""
    emulator = create_app() if app is None else app
    up = threading.Event()
    with _listening(host, port) as listener:
        server = _EmbeddedServer(_config(emulator), up.set)
        thread = threading.Thread(
            target=server.run, args=([listener],), name="tieline-emulator", daemon=True
        )
        thread.start()
        try:
            if not up.wait(START_SECONDS):
                raise InvalidInput("the emulator did not start")
            yield emulator, _address(emulator, listener)
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)


@asynccontextmanager
async def serving(
    app: Emulator | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[tuple[Emulator, Address]]:
    """Serve inside the running loop for the length of the block."""
    emulator = create_app() if app is None else app
    up = asyncio.Event()
    with _listening(host, port) as listener:
        server = _EmbeddedServer(_config(emulator), up.set)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.wait_for(up.wait(), START_SECONDS)
            yield emulator, _address(emulator, listener)
        finally:
            server.should_exit = True
            await task


def write_ready_file(path: Path, address: Address) -> None:
    """Write the ready line at once, so that a reader sees all of it or no file."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(address.ready_line() + "\n", encoding="utf-8")
    draft.replace(path)


def _config(app: Emulator) -> uvicorn.Config:
    return uvicorn.Config(
        cast("Any", app),
        http=_DroppableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as exc:
        raise InvalidInput(
            f"the emulator cannot listen on {host} port {port}: {exc.strerror or exc}",
            hint="`--port 0` takes a free port",
        ) from exc
    try:
        yield listener
    finally:
        with suppress(OSError):
            listener.close()


def _address(app: Emulator, listener: socket.socket) -> Address:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    client = next(iter(app.world.oauth.clients.values()), None)
    return Address(
        url=f"http://{shown}:{port}",
        client_id=client.id if client else "",
        client_secret=client.secret if client else "",
    )
