"""The runner's side of the channel, and how an exception is told.

What is used after the handler ran was bound before it was loaded, so that patching `json` or `os`
changes nothing but the handler's own view of them.
"""

import json
import os
from types import TracebackType
from typing import Any

from tieline.sandbox.jail import wire

_exit = os._exit
_MOST_TEXT = 8_192
_MOST_FRAMES = 20
_FIELDS_PASSED_ON = ("package", "file", "line")


class Reporter:
    """Sends a result or a failure once; the nonce shows that the runner wrote it."""

    def __init__(self, fd: int, nonce: bytes) -> None:
        """`fd` is the channel, `nonce` came with the job."""
        read, write, dumps = (
            os.read,
            os.write,
            json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode,
        )
        escaped = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode

        def send(kind: bytes, content: bytes) -> None:
            while len(content) > wire.PACKET_BYTES:
                write(fd, nonce + wire.PIECE + content[: wire.PACKET_BYTES])
                content = content[wire.PACKET_BYTES :]
            write(fd, nonce + kind + content)

        def encode(value: Any) -> bytes:
            try:
                return dumps(value).encode()
            except UnicodeEncodeError:  # a lone surrogate; JSON can say it, UTF-8 cannot
                return escaped(value).encode()

        def wait_for_the_end() -> None:
            read(fd, 1)

        self._send, self._encode, self.wait_for_the_end = send, encode, wait_for_the_end

    def result(self, value: Any) -> None:
        """Send the handler's result, or say that it is no JSON.

        Raises:
            OSError: the channel is gone.
        """
        try:
            content = self._encode(value)
        except BaseException as exc:  # noqa: BLE001  # encoding may call the handler's own code
            self.failure("result_not_json", {"type": type(exc).__name__, "message": text_of(exc)})
        else:
            self._send(wire.LAST, content)

    def failure(self, reason: str, error: dict[str, Any]) -> None:
        """Send why there is no result.

        Raises:
            OSError: the channel is gone.
        """
        self._send(wire.FAILURE, self._encode({"reason": reason, "error": error}))


def text_of(exc: BaseException) -> str:
    """The exception's message, cut; its own code may fail to give one, or never stop giving."""
    try:
        text = str(exc)
    except BaseException:  # noqa: BLE001  # __str__ is the handler's code
        return "(the exception has no readable message)"
    return text[:_MOST_TEXT].encode("utf-8", "replace").decode()


def error_of(exc: BaseException, *, root: str) -> dict[str, Any]:
    """Type, message and the frames in the handler's own files, the innermost last."""
    error: dict[str, Any] = {"type": type(exc).__qualname__, "message": text_of(exc)}
    if isinstance(exc, SyntaxError) and exc.filename is not None:
        error |= {"file": _shown(exc.filename, root), "line": exc.lineno}
    for name in _FIELDS_PASSED_ON:
        if isinstance(exc, ImportError) and hasattr(exc, name):
            error[name] = getattr(exc, name)
    error["stack"] = _stack(exc.__traceback__, root)
    return error


def _stack(traceback: TracebackType | None, root: str) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith(root + os.sep) or code.co_filename == root:
            frames.append(
                {
                    "file": _shown(code.co_filename, root),
                    "line": traceback.tb_lineno,
                    "function": code.co_name,
                }
            )
        traceback = traceback.tb_next
    return frames[-_MOST_FRAMES:]


def _shown(path: str, root: str) -> str:
    return os.path.relpath(path, root) if path.startswith(root + os.sep) else path


def leave(code: int) -> None:
    """End the process without running what the handler registered for its end."""
    _exit(code)
