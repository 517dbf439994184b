"""A deploy in a process of its own, which kills itself at the request it is told to.

    deploy_child.py URL FOLDER STATE_DIR NUMBER before|after

Requests are counted from 1 as they leave; `before` is just before the request is written, `after`
when its answer has arrived and nobody has read it yet.
"""

import json
import os
import signal
import sys
import time
import urllib.request

import anyio

from tieline.client import AsyncClient
from tieline.config.load import load_profile
from tieline.http.aiohttp_transport import AiohttpTransport
from tieline.http.transport import Exchange, Incoming, Outgoing
from tieline.services.connection import open_session


class SteeringClock:
    """Waits by moving the emulator's virtual time on, so that nobody really waits."""

    def __init__(self, url: str) -> None:
        self._url = url

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        body = json.dumps({"advance": seconds}).encode()
        asked = urllib.request.Request(  # noqa: S310  # the emulator's own address
            f"{self._url}/_emulator/clock", body, {"Content-Type": "application/json"}
        )
        await anyio.to_thread.run_sync(lambda: urllib.request.urlopen(asked).close())  # noqa: S310  # as above


class DyingTransport(AiohttpTransport):
    """Kills its process at one request."""

    def __init__(self, at: int, when: str) -> None:
        super().__init__()
        self._left, self._when = at, when
        self.requests: list[str] = []

    async def send(self, outgoing: Outgoing, exchange: Exchange) -> Incoming:
        self.requests.append(f"{outgoing.method} {outgoing.target.partition('?')[0]}")
        self._left -= 1
        if self._left == 0 and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await super().send(outgoing, exchange)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


async def deploy(url: str, folder: str, state_dir: str, at: int, when: str) -> list[str]:
    """Deploy; returns the requests that were made, in order."""
    profile = load_profile(
        overrides={
            "base_url": url, "client_id": "tieline-demo", "client_secret": "tieline-demo-secret",
            "api": "platform", "state_dir": state_dir, "token_cache": False,
        },
        environ={},
    )  # fmt: skip
    transport = DyingTransport(at, when)
    session = open_session(profile, transport=transport, clock=SteeringClock(url))
    async with AsyncClient(session=session) as client:
        deployment = client.functions.deployment(folder)
        await deployment.apply(await deployment.plan())
    return transport.requests


if __name__ == "__main__":
    made = anyio.run(deploy, *sys.argv[1:4], int(sys.argv[4]), sys.argv[5])
    sys.stdout.write(json.dumps(made))
