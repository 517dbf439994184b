"""Serving hosted actions: announced when they answer, stopped gently."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from tieline.serving import AnnouncingServer, ready_line, url_of, write_whole

# Longer than a hosted action may take, so that a stop loses no answer.
GRACE_SECONDS = 65


async def serve(
    app: Any,
    bound: socket.socket,
    *,
    announce: Callable[[str], None],
    ready_file: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests end.

    When requests are answered, `ready_file` is written whole and `announce` gets the address.
    """
    url = url_of(bound)

    def ready() -> None:
        if ready_file is not None:
            write_whole(ready_file, ready_line(url))
        announce(url)

    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",  # that it serves is told by whoever starts it
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    await AnnouncingServer(config, ready).serve(sockets=[bound])
