"""Where this machine keeps what the sandbox needs: interpreters, their files, bubblewrap."""

import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Installation:
    """Absolute paths; an empty one means it is not installed."""

    python: str
    node: str
    bwrap: str
    package_root: str  # the folder that holds the package `tieline`
    python_read: tuple[str, ...]  # the interpreter's library, and installed packages
    python_packages: tuple[str, ...]  # installed packages alone


@cache
def installation() -> Installation:
    """Look once; a session does not install interpreters under its own feet."""
    packages = _existing([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    library = _existing(
        [
            sysconfig.get_path("stdlib"),
            sysconfig.get_path("platstdlib"),
            sysconfig.get_config_var("LIBDIR") or "",
        ]
    )
    return Installation(
        python=str(Path(getattr(sys, "_base_executable", sys.executable)).resolve()),
        node=_program("node"),
        bwrap=_program("bwrap"),
        package_root=str(Path(__file__).resolve().parent.parent.parent),
        python_read=tuple(dict.fromkeys([*library, *packages])),
        python_packages=packages,
    )


def _existing(paths: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths if Path(path).is_dir()))


def _program(name: str) -> str:
    found = shutil.which(name)
    return "" if found is None else os.path.realpath(found)
