"""Run a program of the suite as the other kind of user: an ordinary one from root, root from them.

An ordinary user may not be able to reach the interpreter or the checkout (beneath /root, say): then
they are bound over the folder that hides them, in a mount namespace of that program's own.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

ORDINARY = "65534"  # nobody
_OTHERS_MAY_ENTER = 0o001


def run(arguments: list[str]) -> str:
    """Run Python with these arguments as the other user; what it wrote to stdout.

    Raises:
        CalledProcessError: it failed; its stderr is in the message.
    """
    command = _command([sys.executable, *arguments])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parent)}
    environment |= {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if ended.returncode:
        raise subprocess.CalledProcessError(ended.returncode, command, ended.stderr, ended.stderr)
    return ended.stdout


def is_possible() -> bool:
    """False where the suite's own user may not change to another, as in some containers."""
    program = [sys.executable, "-c", "import tieline"]
    return subprocess.run(_command(program), capture_output=True, check=False).returncode == 0


def _command(program: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return ["unshare", "--user", "--map-root-user", *program]
    needed = [Path(sys.base_prefix).resolve(), Path(__file__).resolve().parents[2]]
    drop = ["setpriv", "--reuid", ORDINARY, "--regid", ORDINARY, "--clear-groups", *program]
    uncover = _uncover(needed)
    if not uncover:
        return drop
    script = [*uncover, f"exec {shlex.join(drop)}"]
    return ["unshare", "--mount", "sh", "-e", "-c", "\n".join(script)]


def _uncover(needed: list[Path]) -> list[str]:
    hidden: dict[Path, list[Path]] = {}
    for path in needed:
        for folder in reversed(path.parents):
            if not folder.stat().st_mode & _OTHERS_MAY_ENTER:
                hidden.setdefault(folder, []).append(path)
                break
    lines = []
    for folder, paths in hidden.items():
        lines += ["aside=$(mktemp -d)", "mount -t tmpfs none $aside"]
        for number, path in enumerate(paths):
            lines += [f"mkdir $aside/{number}", f"mount --bind {path} $aside/{number}"]
        lines += [f"mount -t tmpfs -o mode=755 none {folder}"]
        for number, path in enumerate(paths):
            lines += [f"mkdir -p {path}", f"mount --move $aside/{number} {path}"]
        lines += ["umount $aside", "rmdir $aside"]
    return lines
