"""stdout and stderr of a handler, in the order they were written.

Two pipes would lose the order between them. Both streams are datagram sockets that send to one
receiver, each under an address the kernel chose: arrival order is the order of the writes.
"""

import contextlib
import socket
from collections.abc import Iterator

# Room for the largest single raw write we accept; the kernel doubles and caps it.
_SEND_BUFFER = 4 * 1024 * 1024
_RECEIVE_BYTES = 8 * 1024 * 1024


class LogCollector:
    """The receiver, with the two sending ends until the worker has them."""

    def __init__(self, *, most_bytes: int, most_lines: int) -> None:
        """Make the sockets; the limits are those of one run."""
        self._receiver, self.stdout, self.stderr = _sockets()
        self._streams = {
            self.stdout.getsockname(): "stdout",
            self.stderr.getsockname(): "stderr",
        }
        self.most_bytes, self.most_lines = most_bytes, most_lines
        self._chunks: list[tuple[str, bytearray]] = []
        self._bytes = self._lines = 0

    def fileno(self) -> int:
        """The receiver's descriptor, for a poll."""
        return self._receiver.fileno()

    def close_senders(self) -> None:
        """Forget the worker's ends in this process."""
        self.stdout.close()
        self.stderr.close()

    def drain(self) -> str | None:
        """Take what has arrived; a sentence about the breach when it is too much."""
        while True:
            try:
                content, sender = self._receiver.recvfrom(_RECEIVE_BYTES, socket.MSG_DONTWAIT)
            except (BlockingIOError, InterruptedError):
                return None
            except OSError:
                return None
            stream = self._streams.get(sender)
            breach = None if stream is None else self._take(stream, content)
            if breach is not None:
                return breach

    def tail(self) -> bytes:
        """The last few kilobytes, for recognising what a runtime says before it aborts."""
        return b"".join(bytes(content[-4096:]) for _, content in self._chunks[-3:])

    def lines(self) -> Iterator[tuple[str, str]]:
        """Stream and text, a line an entry; a line cut by the other stream comes in pieces."""
        for stream, content in self._chunks:
            for line in bytes(content).decode("utf-8", "replace").splitlines(keepends=True):
                yield stream, line

    def close(self) -> None:
        """Close the receiver."""
        self._receiver.close()

    def _take(self, stream: str, content: bytes) -> str | None:
        kept = content[: self.most_bytes - self._bytes]
        if self._chunks and self._chunks[-1][0] == stream:
            self._chunks[-1][1].extend(kept)
        elif kept:
            self._chunks.append((stream, bytearray(kept)))
        self._bytes += len(content)
        self._lines += content.count(b"\n")
        if self._bytes > self.most_bytes:
            self._bytes = self.most_bytes
            return f"more than {self.most_bytes} bytes of output"
        if self._lines > self.most_lines or len(self._chunks) > 2 * self.most_lines:
            return f"more than {self.most_lines} lines of output"
        return None


def _sockets() -> tuple[socket.socket, socket.socket, socket.socket]:
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind("")  # Linux: the kernel picks an abstract name nobody can guess and keep
    senders = []
    for _ in range(2):
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sender.bind("")
        sender.connect(receiver.getsockname())
        with contextlib.suppress(OSError):
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        senders.append(sender)
    return receiver, senders[0], senders[1]
