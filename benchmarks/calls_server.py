"""A server as cheap as asyncio allows: it answers status reads and token requests with fixed bytes.

Prints its port and serves until its standard input closes.
"""

import asyncio
import json
import sys

BODY = json.dumps(
    {
        "id": "3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11",
        "name": "Callback Triage",
        "flowVersion": {"id": "3.0", "name": "Callback Triage", "commitVersion": "3"},
        "dateLaunched": "2026-01-31T12:00:00.123Z",
        "dateCompleted": "2026-01-31T12:00:04.456Z",
        "status": "COMPLETED",
        "outputData": {"Flow.customerName": "Ada Lovelace", "Flow.tier": "gold"},
        "selfUri": "/api/v2/flows/executions/3f1a6c1e-8f5d-4c0b-9b59-0d5c8f3f2a11",
    }
).encode()
TOKEN = b'{"access_token":"benchmark","token_type":"bearer","expires_in":86399}'


def answer(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"ININ-Correlation-Id: 8d6a2c3e-57b1-4f0f-9f6e-1f6d3b7f2a10\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    ) + body


STATUS, GRANT = answer(BODY), answer(TOKEN)


class Server(asyncio.Protocol):
    """One connection. Requests are small and come one at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is whole."""
        self.buffer += data
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        if head.startswith(b"POST"):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            if len(rest) < length:
                return
            rest = rest[length:]
        self.buffer = rest
        self.transport.write(GRANT if b"/oauth/token" in head else STATUS)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
