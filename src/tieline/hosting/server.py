"""Serving an application on a socket: bound first, announced when it answers, stopped gently."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from tieline.errors import ConfigInvalid

# Longer than a hosted action may take, so that a stop loses no answer.
GRACE_SECONDS = 65
BACKLOG = 2048


class _AnnouncingServer(uvicorn.Server):
    """Tells once that requests are answered."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        if not self.should_exit:
            self._announce()


def bind(host: str, port: int) -> socket.socket:
    """Bind a listening socket; port 0 takes a free one.

    Raises:
        ConfigInvalid: the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as exc:
        listening.close()
        raise ConfigInvalid(
            f"{host}:{port} cannot be bound: {exc.strerror or exc}", hint="choose another `--port`"
        ) from exc
    return listening


async def serve(
    app: Any,
    listening: socket.socket,
    *,
    announce: Callable[[str], None],
    ready_file: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests end.

    When requests are answered, `ready_file` is written whole and `announce` gets the address.
    """
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def ready() -> None:
        if ready_file is not None:
            write_whole(ready_file, json.dumps({"url": url, "pid": os.getpid()}))
        announce(url)

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    await _AnnouncingServer(config, ready).serve(sockets=[listening])


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)
