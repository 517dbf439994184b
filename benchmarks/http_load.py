"""Load on a server in another process, measured by that server's own CPU."""

import asyncio
import os
from pathlib import Path
from typing import Any

CONNECTIONS = 32
REQUESTS = 20_000
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")


class Client(asyncio.Protocol):
    """Sends its request again as soon as an answer is whole; counts down with the others."""

    def __init__(self, request: bytes, left: list[int], done: asyncio.Event) -> None:
        self.request, self.left, self.done = request, left, done
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        """Ask for the first time."""
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Ask again once the answer is whole."""
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self.buffer = b""
        self.left[0] -= 1
        if self.left[0] <= 0:
            self.done.set()
        else:
            self.transport.write(self.request)


async def load(port: int, request: bytes, count: int) -> None:
    loop, done, left = asyncio.get_running_loop(), asyncio.Event(), [count]
    made = [
        await loop.create_connection(lambda: Client(request, left, done), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    await done.wait()
    for transport, _ in made:
        transport.close()


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rate_of(pid: int, port: int, request: bytes) -> float:
    """Requests by CPU second, the best of the rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        before = cpu_of(pid)
        asyncio.run(load(port, request, REQUESTS))
        best = max(best, REQUESTS / (cpu_of(pid) - before))
    return best
