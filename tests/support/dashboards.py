"""A dashboard on a real socket, and one request to it as any client could send it."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tieline.dashboard.access import Access
from tieline.dashboard.serving import Served
from tieline.serving import in_thread, listening, url_of

OPEN = Access(b"k" * 32)


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Address:
    """Where a dashboard answers."""

    url: str

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a path; `host` and others replace what a client sends by itself."""
        return self.send("GET", path, **headers)

    def send(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """One request, no redirect followed."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, named)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, text)


@contextmanager
def dashboard(
    state_dir: Path, *, access: Access = OPEN, store: str = "sqlite"
) -> Iterator[Address]:
    """Serve a state folder for the length of the block."""
    config = Served(state_dir, store=store, access=access, name_state_dir=True).config()
    with listening("127.0.0.1", 0) as bound, in_thread(config, bound):
        yield Address(url_of(bound))
