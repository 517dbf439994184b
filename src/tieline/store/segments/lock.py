"""An exclusive lock between processes, held on a file and released by the kernel when they die."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _acquire(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

    def _acquire_at_once(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _release(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _acquire(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _acquire_at_once(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class FileLock:
    """One lock on one open file. Not re-entrant; threads of a process need a lock of their own.

    A closed or killed process lets go of it, so there is no stale lock to clean up.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            OSError: the folder is missing, read-only or full.
        """
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, and let go of it at the end."""
        _acquire(self._fd)
        try:
            yield
        finally:
            _release(self._fd)

    @contextmanager
    def held_at_once(self) -> Iterator[bool]:
        """Take the lock without waiting; False where another process or thread has it."""
        try:
            _acquire_at_once(self._fd)
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            _release(self._fd)

    def close(self) -> None:
        """Let go of the file; the lock goes with it."""
        os.close(self._fd)


@contextmanager
def held_lock(folder: Path) -> Iterator[None]:
    """Hold a log's lock once, for what is done before or beside its writer."""
    lock = FileLock(folder / "lock")
    try:
        with lock.held():
            yield
    finally:
        lock.close()
