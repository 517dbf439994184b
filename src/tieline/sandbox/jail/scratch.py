"""The private folder of one run: made before it, gone after it, whatever was done inside."""

import contextlib
import math
import os
import tempfile
import time

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def make(parent: str) -> str:
    """Make an empty folder that only we may enter."""
    return tempfile.mkdtemp(prefix="tieline-run-", dir=parent)


def remove(folder: str, *, within_s: float = math.inf) -> bool:
    """Remove it with everything inside; False when time ran out before, then call again.

    Links are not followed; harmless when it is gone.

    A handler may have nested folders deeper than any path or call stack reaches, and taken their
    permissions away: one descriptor walks down, and up again by `..`.
    """
    until = time.monotonic() + within_s
    with contextlib.suppress(FileNotFoundError):
        here = _enter(folder, None)
        left = [_empty_of_files(here)]  # per level: the folders still to be removed
        entered: list[str] = []
        while left:
            if time.monotonic() > until:
                os.close(here)
                return False
            if left[-1]:
                entered.append(left[-1].pop())
                here, above = _enter(entered[-1], here), here
                left.append(_empty_of_files(here))
            else:
                left.pop()
                above, here = here, -1
                if entered:
                    here = os.open("..", _FOLDER, dir_fd=above)
                    os.rmdir(entered.pop(), dir_fd=here)
            os.close(above)
        os.rmdir(folder)
    return True


def _enter(name: str, parent: int | None) -> int:
    os.chmod(name, 0o700, dir_fd=parent)
    return os.open(name, _FOLDER, dir_fd=parent)


def _empty_of_files(fd: int) -> list[str]:
    with os.scandir(fd) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        if not is_folder:
            os.unlink(name, dir_fd=fd)
    return [name for name, is_folder in found if is_folder]
