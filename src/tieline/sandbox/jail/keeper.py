"""The process everything forks from. It never sees a handler, so it stays clean.

One request a slot: the spec, and with it the socket the host will talk to the warden through.
Modules most handlers need are loaded once here, and every fork has them for nothing.
"""

import array
import contextlib
import gc
import os
import signal
import socket

from tieline.sandbox.jail import warden
from tieline.sandbox.jail.spec import SlotSpec
from tieline.sandbox.kernel import calls

_REQUEST_BYTES = 65_536
_PRELOADED = (
    "asyncio",
    "base64",
    "collections.abc",
    "concurrent.futures.thread",
    "copy",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "hashlib",
    "inspect",
    "itertools",
    "json",
    "logging",
    "random",
    "re",
    "string",
    "tempfile",
    "traceback",
    "typing",
    "uuid",
)


def main(control_fd: int) -> None:
    """Fork a warden a request, until the host closes its end or dies."""
    for name in _PRELOADED:
        __import__(name)
    warden.ignore_signals()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps finished wardens
    calls.hide_memory()
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page it touches
    control = socket.socket(fileno=control_fd)
    while True:
        request, slot = _receive(control)
        if slot is None:
            with contextlib.suppress(ChildProcessError):
                os.wait()  # with SIGCHLD ignored: until the last warden is gone
            return
        if os.fork() == 0:
            control.close()
            _be_warden(slot, request)
        slot.close()


def _be_warden(slot: socket.socket, request: bytes) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        calls.become_subreaper()
        warden.serve(slot, SlotSpec.from_json(request))
    finally:
        os._exit(0)


def _receive(control: socket.socket) -> tuple[bytes, socket.socket | None]:
    fds = array.array("i")
    request, ancillary, _flags, _sender = control.recvmsg(
        _REQUEST_BYTES, socket.CMSG_SPACE(fds.itemsize)
    )
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: fds.itemsize])
    return request, socket.socket(fileno=fds[0]) if fds else None
