"""The worker and everything that descends from it: measured, and ended together."""

import contextlib
import os
import resource
import select
import signal
import time
from dataclasses import dataclass

from tieline.sandbox.jail import proc
from tieline.sandbox.limits import Tier

# A walk over the process table takes milliseconds; a forked process is seen this late at most.
_WALK_EVERY_S = 0.05
_SIGNALLED = 128
_RSS_UNIT = 1024  # ru_maxrss is in kilobytes


@dataclass(slots=True)
class _Used:
    cpu_s: float = 0.0
    max_rss_bytes: int = 0


class Family:
    """A worker's process and its descendants; the warden is their reaper."""

    def __init__(self, worker: int, tier: Tier) -> None:
        """`worker` leads a session of its own. In `confined` it cannot have descendants."""
        self._worker = worker
        self._tier = tier
        self._alone = tier == "confined"
        self._members = [worker]
        self._walked = 0.0
        self._pidfd: int | None = None
        self._over = False
        self._reaped_cpu_s = 0.0
        self.exit_code: int | None = None
        self.usage = _Used()

    def begin(self) -> float:
        """Note that the job starts now; the CPU seconds that were used before it."""
        if self._tier == "process":  # only bubblewrap has descendants from the start
            self._walked = time.monotonic()
        return self.read().cpu_s

    def watch(self, poller: select.poll) -> int | None:
        """Have the poll wake up when the worker ends; the descriptor, None where it cannot."""
        with contextlib.suppress(OSError, AttributeError):
            self._pidfd = os.pidfd_open(self._worker)
            poller.register(self._pidfd, select.POLLIN)
        return self._pidfd

    def unwatch(self) -> None:
        """Close what `watch` opened."""
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None

    def read(self) -> proc.Reading:
        """What all members use now."""
        now = time.monotonic()
        if not self._alone and now - self._walked >= _WALK_EVERY_S:
            self._members = proc.descendants(os.getpid())
            self._walked = now
        return proc.read(self._members)

    @property
    def is_alone(self) -> bool:
        """True where the kernel lets the worker start no process."""
        return self._alone

    def worker_exited(self) -> bool:
        """True once the worker has ended; reaps whoever has."""
        while self.exit_code is None and self._reap(os.WNOHANG):
            pass
        return self.exit_code is not None

    def stop(self) -> None:
        """Note what was used so far, and have the kernel end the worker and its group.

        From here none of the handler's code runs in `confined`, where the worker is alone.
        """
        self.note_usage()
        if self.exit_code is None:
            self._kill([self._worker])
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.exit_code is None or not self._alone:
                os.killpg(self._worker, signal.SIGKILL)

    def note_usage(self) -> None:
        """Remember what all members have used so far, for when they are gone."""
        last = self.read()
        self.usage.cpu_s = max(self.usage.cpu_s, last.cpu_s)
        peak = max([0, *map(proc.peak_rss_bytes, self._members)])
        self.usage.max_rss_bytes = max(self.usage.max_rss_bytes, last.rss_bytes, peak)

    def end(self) -> None:
        """End every member and wait until the last is gone. Harmless when repeated."""
        if self._over:
            return
        self._over = True
        self.stop()
        while self._has_children():
            if self._alone or self.exit_code is None:
                self._reap(0)
                continue
            self._kill(proc.descendants(os.getpid()))
            if not self._reap(os.WNOHANG):
                time.sleep(0.001)
        self.unwatch()

    def _kill(self, pids: list[int]) -> None:
        # Stopped first, so that a fork bomb cannot outrun the walk.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                if pid == self._worker and self.exit_code is not None:
                    continue
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)

    def _has_children(self) -> bool:
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        return True

    def _reap(self, options: int) -> bool:
        try:
            pid, status, used = os.wait4(-1, options)
        except ChildProcessError:
            return False
        if pid == 0:
            return False
        self._account(used)
        if pid == self._worker:
            self.exit_code = self._translated(os.waitstatus_to_exitcode(status))
        return True

    def _translated(self, code: int) -> int:
        # bubblewrap stands between: it reports a signal as shells do, 128 and the number.
        relayed = self._tier == "hardened" and code > _SIGNALLED
        return _SIGNALLED - code if relayed else code

    def _account(self, used: resource.struct_rusage) -> None:
        self._reaped_cpu_s += used.ru_utime + used.ru_stime
        self.usage.cpu_s = max(self.usage.cpu_s, self._reaped_cpu_s)
        self.usage.max_rss_bytes = max(self.usage.max_rss_bytes, used.ru_maxrss * _RSS_UNIT)
