"""How a worker gives up everything but what the handler needs. Order matters; see `enter`."""

import ctypes
import os
import resource
from collections.abc import Iterable

from tieline.sandbox.kernel import calls, landlock, seccomp
from tieline.sandbox.limits import Tier

# Standard places a runtime reads from: libraries, time zones, certificates, machine facts.
SYSTEM_READ = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/usr/share/ca-certificates",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu/online",
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_OPEN_FILES = 256
_MEGABYTE = 1024 * 1024


class Confinement:
    """Prepared while the worker waits for its job; entered once the job names the code."""

    def __init__(
        self,
        tier: Tier,
        *,
        read: Iterable[str],
        scratch: str,
        exec_path: ctypes.Array[ctypes.c_char] | None = None,
    ) -> None:
        """Open the rule set for the runtime's files and the scratch folder.

        `exec_path` holds the path of the one program this process will turn into.

        Raises:
            OSError: the kernel lacks a piece; nothing must be run then.
        """
        self._rules: landlock.Ruleset | None = None
        self._filter = b""
        if tier == "process":
            return
        self._rules = landlock.Ruleset(landlock.abi())
        self._rules.allow([*SYSTEM_READ, *read], landlock.READ)
        self._rules.allow(_DEVICES, landlock.READ_WRITE_FILE)
        self._rules.allow([scratch], landlock.EVERYTHING_BUT_EXECUTE)
        # Put together ahead: it is half of what entering costs.
        self._filter = _filter(exec_path)

    def enter(
        self,
        *,
        code: Iterable[str],
        execute: Iterable[str] = (),
    ) -> None:
        """Lock the door. In tier `process` only privileges that execve could bring are refused.

        Landlock and seccomp need no_new_privs; the seccomp filter comes last, because it refuses
        the calls that set up the rest.

        Raises:
            OSError: a piece failed; the worker must not go on.
        """
        calls.no_new_privileges()
        if self._rules is None:
            return
        self._rules.allow(code, landlock.READ)
        self._rules.allow(execute, landlock.READ_EXECUTE)
        calls.drop_capabilities()
        self._rules.enforce()
        calls.install_filter(self._filter)


def _filter(exec_path: ctypes.Array[ctypes.c_char] | None) -> bytes:
    machine = calls.machine()
    if machine is None:
        raise OSError(0, "no system call table for this machine")
    address = None if exec_path is None else ctypes.addressof(exec_path)
    return seccomp.program(machine, own_pid=os.getpid(), exec_path_address=address)


def limit_resources(*, cpu_s: float, memory_mb: int, data_mb: int | None) -> None:
    """Set the kernel's own limits, a little above the warden's, which know the reason.

    `data_mb` bounds private memory; None for a runtime that reserves far more than it uses.
    """
    cpu = int(cpu_s) + 2
    _limit(resource.RLIMIT_CPU, cpu)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, memory_mb * _MEGABYTE)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if data_mb is not None:
        _limit(resource.RLIMIT_DATA, data_mb * _MEGABYTE)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))
