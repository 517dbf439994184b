"""Finding actions: `package.module`, `path/to/file.py`, either with `:name`."""

import importlib
import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tieline.actions.definition import Action
from tieline.errors import InvalidInput


def load_actions(reference: str) -> tuple[Action, ...]:
    """Import a module and return its actions, in the order they are written.

    Raises:
        InvalidInput: no such module or object, the module does not import, or it has no action.
    """
    place, _, name = reference.partition(":")
    module = _import(place)
    if name:
        found = getattr(module, name, None)
        if not isinstance(found, Action):
            raise InvalidInput(
                f"{reference}: {name} is not an action of {place}",
                hint=f"it has {_names(module) or 'none'}",
            )
        return (found,)
    actions = tuple(value for value in vars(module).values() if isinstance(value, Action))
    if not actions:
        raise InvalidInput(
            f"{place}: no action in it", hint="decorate a handler with `@tieline.actions.action`"
        )
    return actions


def _names(module: ModuleType) -> str:
    return ", ".join(k for k, value in vars(module).items() if isinstance(value, Action))


def _import(place: str) -> ModuleType:
    try:
        if place.endswith(".py") or "/" in place:
            return _import_file(Path(place))
        _make_importable(Path.cwd())
        return importlib.import_module(place)
    except InvalidInput:
        raise
    except Exception as exc:  # the user's module may raise anything while it is imported
        raise InvalidInput(
            f"{place} does not import: {type(exc).__name__}: {exc}",
            hint=f"try `python -c 'import {Path(place).stem}'` to see where",
        ) from exc


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InvalidInput(f"{path}: no such file")
    name = path.stem
    _make_importable(path.resolve().parent)
    loader = _AsWritten(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise InvalidInput(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic and get_type_hints look the module up by name
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class _AsWritten(SourceFileLoader):
    """Compiles the file as it stands: cached bytecode hides an edit of equal size and second."""

    def get_code(self, fullname: str) -> CodeType:
        """Leave the cache alone, in both directions."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _make_importable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
