"""The narrow port through which bytes leave: one request, one answer, no opinion."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tieline.secret import Secret

# Far above any documented answer; a page of 100 decision table rows is some hundred KB.
DEFAULT_ANSWER_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of the single phases in seconds; a call's deadline ends all of them."""

    pool: float = 30.0
    """Waiting for one of the pooled connections."""
    connect: float = 10.0
    """Name resolution, TCP and TLS together."""
    write: float = 20.0
    """Writing the request, once it does not fit into the socket's buffer."""
    read: float = 65.0
    """Between two pieces of the answer; longer than the longest data action (60 s)."""


class Outgoing(NamedTuple):
    """A request ready to be written. `authorization` is written as a header, and only there."""

    method: str
    origin: str  # scheme, host and port: "https://api.mypurecloud.com"
    target: str  # path and query, already encoded
    headers: Mapping[str, str]
    body: bytes | None
    authorization: Secret | None  # the whole header value
    timeout: float  # seconds until the call's deadline

    def __repr__(self) -> str:
        """Neither headers nor body: a token request's body holds the client's secret."""
        return f"Outgoing({self.method} {self.origin}{self.target})"


class Incoming(NamedTuple):
    """An answer as it came, its body decompressed."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Exchange:
    """What is known of one attempt while it runs; readable after a fault or a cancellation."""

    __slots__ = ("headers", "status", "written")

    def __init__(self) -> None:
        self.written = False
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}


class TransportFault(Exception):
    """No whole answer came. `Exchange` says whether the request was written.

    Never leaves `tieline.http`: the call turns it into an error that says what is known.
    """

    def __init__(self, message: str, *, oversized: bool = False, cut_off: bool = False) -> None:
        """Tell an answer over the limit, and an end by the call's own deadline, from the rest."""
        super().__init__(message)
        self.oversized = oversized
        self.cut_off = cut_off


class Transport(Protocol):
    """Writes a request and reads its answer, once."""

    async def send(self, outgoing: Outgoing, exchange: Exchange) -> Incoming:
        """Perform one exchange; follows no redirect, repeats nothing.

        `exchange.written` is set before the first byte can have left, `exchange.status` when the
        status line came.

        Raises:
            TransportFault: no whole answer came, whatever the reason.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
