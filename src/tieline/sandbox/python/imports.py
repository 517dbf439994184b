"""Enforce a definition's list of packages where the handler's own code imports.

Faithful to the platform, not a wall: the wall is the kernel's. Imports made by an allowed package
are its own affair, and so are modules beside the handler.
"""

import builtins
import importlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import FrameType, ModuleType
from typing import Any

_ALWAYS = frozenset({"__future__", "__main__"})


class PackageRejected(ImportError):
    """The handler imported what its definition does not list."""

    def __init__(self, package: str, *, file: str, line: int, allowed: Iterable[str]) -> None:
        listed = ", ".join(sorted(allowed)) or "none"
        super().__init__(
            f"{file}:{line} imports {package}, which is not among the allowed packages ({listed})",
            name=package,
        )
        self.package, self.file, self.line = package, file, line


class ImportGuard:
    """Looks at every import statement, `__import__` and `importlib.import_module`."""

    def __init__(self, allowed: Sequence[str], *, root: str) -> None:
        """`root` is the handler's folder; code outside of it may import anything."""
        self._listed = tuple(allowed)
        self._allowed = _ALWAYS | {_normal(name) for name in allowed}
        self._root = root
        self._own = frozenset(_own_modules(root))

    def install(self) -> None:
        """Stand before every way to import."""
        original, by_name = builtins.__import__, importlib.import_module

        def guarded_import(
            name: str,
            globals: Mapping[str, Any] | None = None,  # noqa: A002  # the builtin's own names
            locals: Mapping[str, Any] | None = None,  # noqa: A002  # the builtin's own names
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if level == 0:
                self._check(name, sys._getframe(1))  # noqa: SLF001  # the importing line
            return original(name, globals, locals, fromlist or (), level)

        def guarded_by_name(name: str, package: str | None = None) -> ModuleType:
            if not name.startswith("."):
                self._check(name, sys._getframe(1))  # noqa: SLF001  # the importing line
            return by_name(name, package)

        builtins.__import__ = guarded_import
        importlib.import_module = guarded_by_name

    def _check(self, name: str, asking: FrameType | None) -> None:
        package = name.partition(".")[0]
        if _normal(package) in self._allowed or package in self._own:
            return
        if asking is None or not self._is_handlers(asking.f_code.co_filename):
            return
        file = asking.f_code.co_filename
        shown = os.path.relpath(file, self._root) if file.startswith(self._root) else file
        raise PackageRejected(package, file=shown, line=asking.f_lineno, allowed=self._listed)

    def _is_handlers(self, file: str) -> bool:
        # Code made by exec or eval has a name like <string>; frozen modules are the library's.
        made_up = file.startswith("<") and not file.startswith("<frozen")
        return made_up or file.startswith(self._root)


def _normal(name: str) -> str:
    return name.replace("-", "_").lower()


def _own_modules(root: str) -> list[str]:
    try:
        return [entry.partition(".")[0] for entry in os.listdir(root)]
    except OSError:
        return [os.path.basename(root).partition(".")[0]]
