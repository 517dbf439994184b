"""The dashboard on a socket."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from tieline.dashboard.access import Access
from tieline.dashboard.app import create_app
from tieline.dashboard.commands import Commands
from tieline.services.state_reading.reader import StateReader
from tieline.serving import AnnouncingServer, listening, ready_line, url_of

# A page is made in milliseconds; nobody waits for one when the dashboard is stopped.
GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Served:
    """What is shown and to whom. `name_state_dir` has the shown commands name the state folder."""

    state_dir: Path
    store: str
    access: Access
    name_state_dir: bool = False

    def config(self) -> uvicorn.Config:
        """How uvicorn serves it."""
        commands = Commands(
            str(self.state_dir) if self.name_state_dir else None,
            shared_ledger=self.store != "sqlite",
        )
        return uvicorn.Config(
            create_app(StateReader(self.state_dir, store=self.store), self.access, commands),
            ws="none",
            proxy_headers=False,
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )


def serve(served: Served, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; port 0 takes a free one. `ready` gets the ready line.

    Raises:
        ConfigInvalid: the address cannot be used, or the port is taken.
    """
    with listening(host, port) as bound:
        line = ready_line(url_of(bound))
        AnnouncingServer(served.config(), lambda: ready(line)).run(sockets=[bound])
