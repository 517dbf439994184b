"""The host's end of one slot: give it a job, await the report, or let it go."""

import contextlib
import json
import socket
from dataclasses import replace
from typing import Any, Literal

import anyio
import orjson

from tieline.sandbox.jail import wire
from tieline.sandbox.limits import Limits, Tier
from tieline.sandbox.result import LogLine, RunResult, Usage

_CHUNK_BYTES = 1 << 18
_REPORT_FRAMES = 2  # the report, and the result as the runner wrote it


class Slot:
    """One warden and its worker, used for one run."""

    def __init__(self, stream: socket.socket, tier: Tier) -> None:
        """`stream` is connected to the warden and does not block."""
        self._stream = stream
        self._tier: Tier = tier

    def close(self) -> None:
        """Let it go unused: the warden sees the end and takes its worker with it."""
        self._stream.close()

    def is_alive(self) -> bool:
        """False once the warden has gone, for whatever reason."""
        try:
            self._stream.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False  # an end, or a report nobody asked for

    async def run(self, job: dict[str, Any], limits: Limits) -> RunResult:
        """Do one job. When cancelled, returns to the caller only after everything was ended."""
        settings = replace(limits, cpu_s=limits.cpu_allowed_s)
        request = wire.frame(orjson.dumps(settings)) + wire.frame(orjson.dumps(job))
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await self._send(request)
            frames = await self._receive(until="report")
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._abandon()
            raise
        finally:
            self._stream.close()
        return _read_report(frames, self._tier)

    async def _send(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            try:
                view = view[self._stream.send(view) :]
            except BlockingIOError:
                await anyio.wait_writable(self._stream)

    async def _receive(self, *, until: Literal["report", "end"]) -> list[bytes]:
        answer = bytearray()
        while until == "end" or len(wire.take_frames(answer)) < _REPORT_FRAMES:
            try:
                piece = self._stream.recv(_CHUNK_BYTES)
            except BlockingIOError:
                await anyio.wait_readable(self._stream)
                continue
            except ConnectionResetError:
                break
            if not piece:
                break
            answer += piece
        return wire.take_frames(answer)

    async def _abandon(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_WR)
            await self._receive(until="end")


def _read_report(frames: list[bytes], tier: Tier) -> RunResult:
    if len(frames) != _REPORT_FRAMES:
        message = "the process that watched the handler was lost"
        return RunResult(
            status="failed", reason="crashed", error=_error("Crashed", message), tier=tier
        )
    report = json.loads(frames[0])
    told = RunResult(
        status=report["status"],
        reason=report["reason"],
        error=report["error"],
        logs=tuple(LogLine(stream, text) for stream, text in report["logs"]),
        tier=None if report["reason"] == "tier_unavailable" else tier,
        duration_ms=report["duration_ms"],
        usage=Usage(report["cpu_ms"], report["max_rss_mb"]),
    )
    return told if report["reason"] is not None else _with_result(told, frames[1])


def _with_result(told: RunResult, content: bytes) -> RunResult:
    # The runner made it; a handler that poisoned the runner may have made it instead.
    try:
        return replace(told, result=json.loads(content, parse_constant=_refuse))
    except (ValueError, RecursionError) as exc:
        error = _error(type(exc).__name__, "the result is no JSON")
        return replace(told, status="failed", reason="result_not_json", error=error)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _error(kind: str, message: str) -> dict[str, str]:
    return {"type": kind, "message": message}
