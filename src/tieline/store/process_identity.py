"""Which process this is, so that another can tell whether it still lives."""

import os
import platform
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Fields of /proc/<pid>/stat behind the name's closing bracket (proc(5)): state is 3, starttime 22.
_STATE, _START_TIME = 0, 19


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """`host` is one boot of one machine and one pid namespace; `born` tells reused pids apart."""

    host: str
    pid: int
    born: str

    @classmethod
    def own(cls) -> "ProcessIdentity":
        """The identity of this process."""
        pid = os.getpid()
        return cls(this_host(), pid, _born(pid) or "")

    def lives(self) -> bool | None:
        """False once it is certainly gone; None where that cannot be seen from here."""
        if self.host != this_host():
            return None
        if not self.born:  # no /proc: a pid alone may have been given to another process
            return None
        return _born(self.pid) == self.born


@cache
def this_host() -> str:
    """Stays the same until the machine boots again; differs between containers."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"{platform.node()} {uuid.getnode():x}"


def _born(pid: int) -> str | None:
    # The start time in clock ticks since boot; None for a process that is gone or a zombie.
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b")")[2].split()
    return None if fields[_STATE] in {b"Z", b"X"} else fields[_START_TIME].decode("ascii")
