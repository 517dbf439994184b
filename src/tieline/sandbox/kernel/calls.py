"""The few Linux calls Python has no function for, through ctypes."""

import ctypes
import os
import platform

from tieline.sandbox.kernel.syscalls import Machine, known_machine

# linux/prctl.h and linux/seccomp.h
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECUREBITS = 28
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_GET_ACTION_AVAIL = 2
_SECCOMP_RET_KILL_PROCESS = 0x80000000
# Root gains nothing by executing a file, and cannot change that again.
_NO_ROOT_LOCKED = 0x03
_CAPABILITY_VERSION_3 = 0x20080522

# The same number on every architecture: the calls are younger than the shared table.
SYS_LANDLOCK_CREATE_RULESET = 444
SYS_LANDLOCK_ADD_RULE = 445
SYS_LANDLOCK_RESTRICT_SELF = 446
_SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}


class _Program(ctypes.Structure):
    """linux/filter.h: `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
_syscall.restype = ctypes.c_long


def syscall(call: int, *arguments: object) -> int:
    """Make one call.

    Raises:
        OSError: the kernel refused; `errno` says why.
    """
    answer: int = _syscall(ctypes.c_long(call), *arguments)
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer


def machine() -> Machine | None:
    """This machine's architecture; None where the tables have no column for it."""
    return known_machine(platform.machine())


def no_new_privileges() -> None:
    """Nothing this process or its descendants execute can gain rights. Cannot be undone."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def become_subreaper() -> None:
    """Orphaned descendants become our children, so that they can be found and ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(signal: int, parent: int) -> None:
    """Get a signal when the parent ends; ends at once if it is gone already."""
    _prctl(_PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:
        os._exit(0)


def hide_memory() -> None:
    """Forbid same-user processes to trace us or to read our memory and descriptors in /proc."""
    _prctl(_PR_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up every capability for good; as root, also what root would regain by execve."""
    if os.geteuid() == 0:
        _prctl(_PR_SET_SECUREBITS, _NO_ROOT_LOCKED)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    syscall(_SYS_CAPSET[_known()], header, none)


def install_filter(program: bytes) -> None:
    """Put a seccomp filter on this thread and everything it starts."""
    fprog = _Program(len(program) // 8, program)
    syscall(_SYS_SECCOMP[_known()], _SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(fprog))


def filters_work() -> bool:
    """True when this kernel has seccomp filters that can end a process."""
    action = ctypes.c_uint32(_SECCOMP_RET_KILL_PROCESS)
    try:
        syscall(_SYS_SECCOMP[_known()], _SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action))
    except OSError:
        return False
    return True


def execute(path: ctypes.Array[ctypes.c_char], arguments: list[bytes]) -> None:
    """Replace this process; the kernel sees `path` at the address the filter was built for.

    Raises:
        OSError: it could not be executed.
    """
    argv = (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None)
    envp = (ctypes.c_char_p * 1)(None)
    _libc.execve(path, argv, envp)
    code = ctypes.get_errno()
    raise OSError(code, os.strerror(code))


def _known() -> Machine:
    found = machine()
    if found is None:
        raise OSError(0, f"no system call table for {platform.machine()}")
    return found


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")
