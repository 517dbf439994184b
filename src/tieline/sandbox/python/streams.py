"""sys.stdout and sys.stderr of a handler: every write at once, in pieces a datagram can hold."""

import contextlib
import io
import os
import sys
from collections.abc import Callable

_PIECE_BYTES = 32_768


class _LogStream(io.RawIOBase):
    """Writes to a descriptor in pieces; nothing is held back, so order and end are exact."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, content: "bytes | memoryview", /) -> int:  # type: ignore[override]  # the buffer protocol has a name from 3.12 on
        view = memoryview(content).cast("B")
        for start in range(0, len(view), _PIECE_BYTES):
            os.write(self._fd, view[start : start + _PIECE_BYTES])
        return len(view)


def install() -> Callable[[], None]:
    """Replace the two streams, UTF-8, what it cannot say is escaped; gives what flushes them."""
    flushes = []
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = io.TextIOWrapper(
            io.BufferedWriter(_LogStream(fd)),  # type: ignore[type-var]  # follows from the line above
            encoding="utf-8",
            errors="backslashreplace",
            line_buffering=True,
        )
        setattr(sys, name, stream)
        flushes.append(stream.flush)
        setattr(sys, f"__{name}__", stream)

    def flush() -> None:
        for one in flushes:
            with contextlib.suppress(OSError, ValueError):  # the handler closed it
                one()

    return flush
