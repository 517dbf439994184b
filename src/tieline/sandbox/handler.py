"""Which code is run: the folder or file it lives in, its runtime, and the function in it."""

import json
from dataclasses import dataclass
from pathlib import Path

from tieline.errors import InvalidInput
from tieline.sandbox.limits import Runtime

_RUNTIME_OF: dict[str, Runtime] = {".py": "python", ".js": "node", ".mjs": "node", ".cjs": "node"}
_SUFFIXES: dict[Runtime, tuple[str, ...]] = {"python": (".py",), "node": (".js", ".mjs", ".cjs")}
# In the order they are looked for in a folder; the platform's own layout first.
_USUAL_FILES = (
    "src/index.js",
    "src/index.mjs",
    "src/index.cjs",
    "index.js",
    "index.mjs",
    "index.cjs",
    "handler.js",
    "handler.mjs",
    "handler.py",
    "src/handler.py",
    "main.py",
    "index.py",
    "src/index.py",
    "src/main.py",
    "lambda_function.py",
)


@dataclass(frozen=True, slots=True)
class Handler:
    """Code on disk, found and named. All paths are absolute and free of symbolic links.

    `root` is what sandboxed code may read: a folder, or the one file when a file was named.
    `name` is empty when a Python file's only public function is meant.
    """

    runtime: Runtime
    root: Path
    file: Path
    name: str

    @property
    def folder(self) -> Path:
        """Where the code runs, and where its own modules are found."""
        return self.root if self.root.is_dir() else self.root.parent

    @property
    def read(self) -> tuple[str, ...]:
        """What the handler's process may read beside its runtime."""
        return (str(self.root),)


def find_handler(
    path: str | Path, *, runtime: Runtime | None = None, handler: str | None = None
) -> Handler:
    """Find the code that a path, and perhaps `FILE:NAME` or `src/index.handler`, name.

    Args:
        path: a file, or the folder of a package.
        runtime: needed only where the folder holds code of both.
        handler: `FILE:NAME` with the file relative to the folder; the platform's
            `src/index.handler` (path without suffix, dot, export); or the name alone.

    Raises:
        InvalidInput: nothing is there, or it is not clear what is meant.
    """
    root = Path(path)
    if not root.exists():
        raise InvalidInput(f"{path} does not exist")
    root = root.resolve()
    file, name = (root, handler or "") if root.is_file() else _in_folder(root, runtime, handler)
    if root.is_file() and handler is not None:
        name = _name_in(handler, root)
    found = _RUNTIME_OF.get(file.suffix)
    if found is None or (runtime is not None and found != runtime):
        wanted = runtime or "Python or Node"
        raise InvalidInput(f"{file.name} is no {wanted} file")
    return Handler(found, root, file, name or ("handler" if found == "node" else ""))


def _name_in(handler: str, file: Path) -> str:
    if ":" in handler:
        named, _, name = handler.rpartition(":")
        if (file.parent / named).resolve() != file and Path(named).name != file.name:
            raise InvalidInput(f"--handler names {named}, but the path is the file {file.name}")
        return name
    return handler.rpartition(".")[2]


def _in_folder(root: Path, runtime: Runtime | None, handler: str | None) -> tuple[Path, str]:
    if handler is None or not set(handler) & set(":./"):
        return _usual(root, runtime), handler or ""
    if ":" in handler:
        named, _, name = handler.rpartition(":")
        candidates = [named]
    else:
        stem, _, name = handler.rpartition(".")
        suffixes = _SUFFIXES[runtime] if runtime else tuple(_RUNTIME_OF)
        candidates = [stem + suffix for suffix in suffixes]
    for candidate in candidates:
        file = (root / candidate).resolve()
        if file.is_file() and file.is_relative_to(root):
            return file, name
    raise InvalidInput(f"--handler {handler}: no such file in {root}")


def _usual(root: Path, runtime: Runtime | None) -> Path:
    names = [*_package_main(root), *_USUAL_FILES]
    wanted = [
        name for name in names if runtime is None or _RUNTIME_OF.get(Path(name).suffix) == runtime
    ]
    for name in wanted:
        file = (root / name).resolve()
        if file.is_file() and file.is_relative_to(root):
            return file
    only = [file for file in sorted(root.iterdir()) if file.suffix in _RUNTIME_OF]
    if runtime is not None:
        only = [file for file in only if _RUNTIME_OF[file.suffix] == runtime]
    if len(only) == 1:
        return only[0]
    raise InvalidInput(
        f"{root} holds no handler under a usual name",
        hint="name it: --handler FILE:NAME, for example --handler src/index.js:handler",
    )


def _package_main(root: Path) -> list[str]:
    try:
        main = json.loads((root / "package.json").read_text()).get("main")
    except (OSError, ValueError, AttributeError):
        return []
    return [main] if isinstance(main, str) else []
