"""Landlock: the files a process may touch, from now on and for all its descendants.

Needs no privilege. What no rule names is refused: reading, writing, listing, executing. Rights the
running kernel does not know are left out of the rule set, so `MINIMUM_ABI` is the oldest kernel
that knows every right the tier promises.
"""

import ctypes
import os
import stat
from collections.abc import Iterable

from tieline.sandbox.kernel.calls import (
    SYS_LANDLOCK_ADD_RULE,
    SYS_LANDLOCK_CREATE_RULESET,
    SYS_LANDLOCK_RESTRICT_SELF,
    syscall,
)

# 3 (Linux 6.2) brought truncation: before it, a file outside could be emptied.
MINIMUM_ABI = 3

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_ALL_OF_ABI_3 = (1 << 15) - 1
_IOCTL_DEV = 1 << 15  # ABI 5
_NET_BIND_CONNECT = 0b11  # ABI 4
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11  # ABI 6
_MAKE_DEVICES = (1 << 6) | (1 << 11)  # character and block devices

READ = _READ_FILE | _READ_DIR
READ_EXECUTE = READ | _EXECUTE
READ_WRITE_FILE = _READ_FILE | _WRITE_FILE
EVERYTHING_BUT_EXECUTE = _ALL_OF_ABI_3 & ~_EXECUTE & ~_MAKE_DEVICES

_CREATE_VERSION = 1
_RULE_PATH_BENEATH = 1
_ABI_WITH_NETWORK, _ABI_WITH_IOCTL, _ABI_WITH_SCOPES = 4, 5, 6


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # what _pack_ implies; Python 3.14 wants it said
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """The kernel's Landlock version; 0 when it has none or it is switched off at boot."""
    try:
        return syscall(SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_VERSION)
    except OSError:
        return 0


class Ruleset:
    """A rule set under construction: make it, `allow` paths, `enforce` it once."""

    def __init__(self, version: int) -> None:
        """`version` is what `abi()` said; everything that version knows is refused by default."""
        rights = _ALL_OF_ABI_3 | (_IOCTL_DEV if version >= _ABI_WITH_IOCTL else 0)
        attribute = _Ruleset(
            rights,
            _NET_BIND_CONNECT if version >= _ABI_WITH_NETWORK else 0,
            _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if version >= _ABI_WITH_SCOPES else 0,
        )
        size = ctypes.c_size_t(ctypes.sizeof(attribute))
        self._fd = syscall(SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(attribute), size, 0)

    def allow(self, paths: Iterable[str], rights: int) -> None:
        """Permit `rights` on these files, and beneath these folders. A missing path is skipped."""
        for path in paths:
            try:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                self._add(fd, rights)
            finally:
                os.close(fd)

    def enforce(self) -> None:
        """Bind this thread and what it starts; needs no_new_privs. The rule set is used up."""
        syscall(SYS_LANDLOCK_RESTRICT_SELF, self._fd, 0)
        os.close(self._fd)

    def _add(self, fd: int, rights: int) -> None:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _FILE_RIGHTS
        rule = _PathBeneath(rights, fd)
        syscall(SYS_LANDLOCK_ADD_RULE, self._fd, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
