"""An exclusive lock between processes, held on a file and released by the kernel when they die."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """One `flock` on one open file. Not re-entrant; threads of a process need a lock of their own.

    A closed or killed process lets go of it, so there is no stale lock to clean up.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            OSError: the folder is missing, read-only or full.
        """
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, and let go of it at the end."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; the lock goes with it."""
        os.close(self._fd)
