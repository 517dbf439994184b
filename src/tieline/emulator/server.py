"""The emulator on a socket: for a command, in a thread, or inside a running loop."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.sending import CONNECTION
from tieline.serving import (
    START_SECONDS,
    AnnouncingServer,
    EmbeddedServer,
    in_thread,
    listening,
    ready_line,
    url_of,
)

if TYPE_CHECKING:
    _Protocol = asyncio.Protocol
else:
    _Protocol = AutoHTTPProtocol

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
        return ready_line(self.url, client_id=self.client_id, client_secret=self.client_secret)


def serve(
    app: Emulator,
    *,
    host: str = "127.0.0.1",
    port: int = 8089,
    ready: Callable[[Address], None] = lambda _address: None,
) -> None:
    """Serve until interrupted; port 0 takes a free one. `ready` is called once it answers.

    Raises:
        ConfigInvalid: the address cannot be used, or the port is taken.
    """
    with listening(host, port) as bound:
        address = _address(app, bound)
        # What is loaded by now stays: looking through it for garbage would only cost time.
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        AnnouncingServer(_config(app), lambda: ready(address)).run(sockets=[bound])


@contextmanager
def running(
    app: Emulator | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[tuple[Emulator, Address]]:
    """Serve in a thread for the length of the block; for blocking programs and tests."""
    emulator = create_app() if app is None else app
    with listening(host, port) as bound, in_thread(_config(emulator), bound):
        yield emulator, _address(emulator, bound)


@asynccontextmanager
async def serving(
    app: Emulator | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[tuple[Emulator, Address]]:
    """Serve inside the running loop for the length of the block."""
    emulator = create_app() if app is None else app
    up = asyncio.Event()
    with listening(host, port) as bound:
        server = EmbeddedServer(_config(emulator), up.set)
        task = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            await asyncio.wait_for(up.wait(), START_SECONDS)
            yield emulator, _address(emulator, bound)
        finally:
            server.should_exit = True
            await task


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


def _address(app: Emulator, bound: socket.socket) -> Address:
    client = next(iter(app.world.oauth.clients.values()), None)
    return Address(
        url=url_of(bound),
        client_id=client.id if client else "",
        client_secret=client.secret if client else "",
    )
