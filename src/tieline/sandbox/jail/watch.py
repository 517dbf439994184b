"""The watch over one run: hand over the job, enforce the limits, take the result, report.

The reason in the report is what was seen here, not what was claimed.
"""

import contextlib
import hmac
import json
import os
import select
import socket
import time
from dataclasses import dataclass
from typing import Any

from tieline.sandbox.jail import proc, wire
from tieline.sandbox.jail.family import Family
from tieline.sandbox.jail.logs import LogCollector
from tieline.sandbox.jail.verdict import Breach, Seen, judge

# Measured often enough to see a breach well within 250 ms, at 60 microseconds a look.
_TICK_S = 0.01
# Files are counted more rarely: a walk costs more, and writing is slower than allocating.
_SCRATCH_EVERY_S = 0.05
# A cold interpreter inside bubblewrap on a busy machine takes a second.
_READY_WITHIN_S = 20.0
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Report:
    """What the host is told, and the result as the runner wrote it."""

    told: dict[str, Any]
    result: bytes

    def send(self, slot: socket.socket) -> None:
        """Send it.

        Raises:
            OSError: the host has left.
        """
        slot.sendall(wire.frame(json.dumps(self.told).encode()) + wire.frame(self.result))


class Watch:
    """The watch over one job."""

    def __init__(
        self,
        *,
        slot: socket.socket,
        channel: socket.socket,
        logs: LogCollector,
        family: Family,
        scratch: str,
        limits: dict[str, Any],
    ) -> None:
        """`limits` are the fields of `Limits`; the other arguments are this slot's own."""
        self._slot, self._channel, self._logs = slot, channel, logs
        self._family, self._scratch, self._limits = family, scratch, limits
        self.nonce = os.urandom(wire.NONCE_BYTES // 2).hex().encode()
        self._seen = Seen()
        self._result: list[bytes] = []
        self._result_bytes = 0
        self._peak_rss = 0
        self._cancelled = False

    def over(self, job: bytes) -> Report | None:
        """Hand over the job and watch until the end; None when the host left."""
        if not self._await_ready():
            return None if self._cancelled else self._never_ready()
        cpu_before = self._family.begin()
        started = time.monotonic()
        with contextlib.suppress(OSError):  # a worker that is gone shows in how it exited
            wire.send_job(self._channel, self.nonce + job)
        self._watch(started, cpu_before)
        duration = time.monotonic() - started
        if self._cancelled:
            return None
        return self._conclude(duration, cpu_before)

    def _await_ready(self) -> bool:
        # A slot that waited in a pool has said so long ago.
        poller = select.poll()
        poller.register(self._channel, select.POLLIN)
        poller.register(self._slot, select.POLLIN)
        ready = dict(poller.poll(_READY_WITHIN_S * 1000))
        self._cancelled = self._slot.fileno() in ready
        if self._cancelled or self._channel.fileno() not in ready:
            return False
        return self._channel.recv(len(wire.READY)) == wire.READY

    def _never_ready(self) -> Report:
        self._family.end()
        self._drain_logs()
        said = self._logs.tail().decode("utf-8", "replace").strip().splitlines()
        message = f"the sandbox could not be set up: {said[-1] if said else 'no reason given'}"
        self._seen.failure = json.dumps(
            {
                "reason": "tier_unavailable",
                "error": {"type": "TierUnavailable", "message": message},
            }
        ).encode()
        return self._conclude(0.0, 0.0)

    def _watch(self, started: float, cpu_before: float) -> None:
        poller = select.poll()
        for source in (self._slot, self._channel, self._logs):
            poller.register(source, select.POLLIN)
        ended = self._family.watch(poller)
        deadline = started + self._limits["wall_s"]
        next_look, next_count = started + _TICK_S, started + _SCRATCH_EVERY_S
        while not self._settled():
            now = time.monotonic()
            if now >= deadline:
                limit = self._limits["wall_s"]
                self._seen.breach = Breach("wall", f"still running after {limit:g} s")
                return
            if now >= next_look:
                self._look(cpu_before)
                next_look = now + _TICK_S
            if now >= next_count:
                self._count_scratch()
                next_count = now + _SCRATCH_EVERY_S
            ready = dict(poller.poll(max(0.0, min(next_look, deadline) - now) * 1000 + 0.5))
            self._receive(ready, poller)
            if (ended in ready or ended is None) and self._family.worker_exited():
                self._receive_rest()
                return

    def _settled(self) -> bool:
        seen = self._seen
        return (
            self._cancelled or seen.breach is not None or seen.delivered or seen.failure is not None
        )

    def _receive(self, ready: dict[int, int], poller: select.poll) -> None:
        if self._logs.fileno() in ready:
            self._drain_logs()
        if self._channel.fileno() in ready:
            self._take_packets()
            if ready[self._channel.fileno()] & select.POLLHUP:
                poller.unregister(self._channel)
        if self._slot.fileno() in ready:
            self._cancelled = True

    def _receive_rest(self) -> None:
        self._drain_logs()
        self._take_packets()

    def _drain_logs(self) -> None:
        breach = self._logs.drain()
        if breach is not None and self._seen.breach is None:
            self._seen.breach = Breach("output_limit", breach)

    def _take_packets(self) -> None:
        while not self._settled():
            try:
                packet = self._channel.recv(2 * wire.PACKET_BYTES, socket.MSG_DONTWAIT)
            except OSError:
                return
            if not packet:
                return
            self._take(packet)

    def _take(self, packet: bytes) -> None:
        nonce, kind = packet[: wire.NONCE_BYTES], packet[wire.NONCE_BYTES : wire.NONCE_BYTES + 1]
        if not hmac.compare_digest(nonce, self.nonce):
            return
        content = packet[wire.NONCE_BYTES + 1 :]
        self._result.append(content)
        self._result_bytes += len(content)
        if self._result_bytes > self._limits["result_bytes"]:
            most = self._limits["result_bytes"]
            self._seen.breach = Breach("result_too_large", f"the result has more than {most} bytes")
        elif kind == wire.LAST:
            self._seen.delivered = True
        elif kind == wire.FAILURE:
            self._seen.failure = content

    def _look(self, cpu_before: float) -> None:
        reading = self._family.read()
        self._peak_rss = max(self._peak_rss, reading.rss_bytes)
        limits = self._limits
        if reading.rss_bytes > limits["memory_mb"] * _MEGABYTE:
            self._seen.breach = Breach("memory", f"more than {limits['memory_mb']} MB of memory")
        elif reading.cpu_s - cpu_before > limits["cpu_s"]:
            self._seen.breach = Breach("cpu", f"more than {limits['cpu_s']:g} s of CPU time")
        elif reading.tasks > limits["tasks"]:
            most = limits["tasks"]
            self._seen.breach = Breach("crashed", f"more than {most} processes and threads")

    def _count_scratch(self) -> None:
        most = self._limits["memory_mb"] * _MEGABYTE
        if proc.folder_bytes(self._scratch, most=most) > most:
            self._seen.breach = Breach("memory", "the scratch folder outgrew the memory limit")

    def _conclude(self, duration: float, cpu_before: float) -> Report:
        # A worker that is alone and killed runs nothing more; reaping it need not be waited for.
        if self._family.is_alone and self._seen.delivered and self._seen.breach is None:
            self._family.stop()
        else:
            self._family.end()
        self._drain_logs()
        usage = self._family.usage
        peak = max(self._peak_rss, usage.max_rss_bytes)
        seen = self._seen
        seen.exit_code = self._family.exit_code
        seen.rss_share = peak / (self._limits["memory_mb"] * _MEGABYTE)
        seen.log_tail = self._logs.tail()
        verdict = judge(seen)
        result = b"".join(self._result) if verdict.reason is None else b""
        told = {
            "status": verdict.status,
            "reason": verdict.reason,
            "error": verdict.error,
            "logs": list(self._logs.lines()),
            "duration_ms": duration * 1000,
            "cpu_ms": max(0.0, usage.cpu_s - cpu_before) * 1000,
            "max_rss_mb": peak / _MEGABYTE,
        }
        return Report(told, result)
