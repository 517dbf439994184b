"""The private folder of one run: made before it, gone after it, whatever was done inside."""

import contextlib
import os
import tempfile


def make(parent: str) -> str:
    """Make an empty folder that only we may enter."""
    return tempfile.mkdtemp(prefix="tieline-run-", dir=parent)


def remove(folder: str) -> None:
    """Remove it with everything inside. Links are not followed; harmless when repeated.

    A handler may have nested folders deeper than any path or call stack reaches, and taken their
    permissions away: each folder's content is moved up to the top before it is removed.
    """
    number = 0
    with contextlib.suppress(FileNotFoundError):
        while True:
            with os.scandir(folder) as entries:
                found = list(entries)
            if not found:
                os.rmdir(folder)
                return
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    number = _lift(entry.path, folder, number)
                else:
                    os.unlink(entry.path)


def _lift(inner: str, top: str, number: int) -> int:
    os.chmod(inner, 0o700)
    with os.scandir(inner) as entries:
        for entry in entries:
            number += 1
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)  # moving a folder writes to it: its `..` changes
            # No handler's own name holds a slash, but one may be this: then it is tried again.
            os.rename(entry.path, os.path.join(top, f"\x01lifted-{number}"))
    os.rmdir(inner)
    return number
