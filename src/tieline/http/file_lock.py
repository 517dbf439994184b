"""An exclusive lock on a file, as far as processes of one machine agree on it.

The operating system drops it when its holder dies, so a crash leaves nothing locked.
"""

import os
import sys
from pathlib import Path


class FileLock:
    """Held while the object is open; between threads as between processes."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        """Use `try_lock`."""
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next one in; the file stays, because deleting it would split the lock in two."""
        os.close(self._descriptor)


def try_lock(path: Path) -> FileLock | None:
    """Take the lock if it is free; None where somebody holds it.

    Raises:
        OSError: the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if _lock(descriptor):
            return FileLock(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
