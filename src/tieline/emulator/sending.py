"""An answer as ASGI messages, and the end of a connection without one."""

from typing import NamedTuple, Protocol

from tieline.emulator.asgi import Receive, Scope, Send
from tieline.types import DialectName

CONNECTION = "tieline.connection"
"""Key of the connection in the ASGI state; the emulator's own server puts it there."""

JSON = b"application/json"
Header = tuple[bytes, bytes]


class ConnectionDropped(Exception):
    """The connection ends here and no (whole) answer was given, as a fault asked for.

    Raised out of the application where no connection can be closed: in-process, and under servers
    other than the emulator's own. A client in the same process must take it for what a closed
    connection is: the request was written, and no answer came.
    """


class Connection(Protocol):
    """What can be closed under an exchange; an asyncio transport is one."""

    def abort(self) -> None:
        """Close at once, dropping what was not written yet."""
        ...

    def close(self) -> None:
        """Close after what was handed over has been written."""
        ...


class Reply(NamedTuple):
    """An answer as it goes out."""

    status: int
    body: bytes
    kind: bytes = JSON
    retry_after: int | str | None = None


def correlated(correlation_id: str, dialect: DialectName) -> Header:
    """The header that names the exchange, by the dialect's name for it."""
    name = b"request-id" if dialect == "guide" else b"inin-correlation-id"
    return name, correlation_id.encode("latin-1", "replace")


def head_of(reply: Reply, correlation: Header) -> dict[str, object]:
    """The message that starts an answer."""
    headers = [
        (b"content-type", reply.kind),
        (b"content-length", b"%d" % len(reply.body)),
        correlation,
    ]
    if reply.status == 204:  # noqa: PLR2004  # No Content
        headers = [correlation]
    if reply.retry_after is not None:
        headers.append((b"retry-after", str(reply.retry_after).encode("latin-1", "replace")))
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def send_reply(send: Send, reply: Reply, correlation: Header) -> None:
    """Send a whole answer."""
    await send(head_of(reply, correlation))
    await send({"type": "http.response.body", "body": reply.body})


async def drop(scope: Scope, receive: Receive, *, after_writing: bool = False) -> None:
    """Close the connection under the exchange, and return once it is closed.

    Raises:
        ConnectionDropped: there is no connection to close here.
    """
    connection: Connection | None = scope.get("state", {}).get(CONNECTION)
    if connection is None:
        raise ConnectionDropped("a fault of the emulator dropped the connection")
    if after_writing:
        connection.close()
    else:
        connection.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
