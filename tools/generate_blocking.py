"""Write `src/tieline/blocking/` from the asynchronous client and its services.

Every public class `Async…` of `client.py` and `services/` gets a blocking twin that holds the
asynchronous object and drives it through a `Portal`. Signatures and docstrings are copied, words
that only hold for the asynchronous one are replaced by `WORDS`; a replacement that matches nothing
anywhere fails, so that the table cannot rot.

Run it by `make generate`; a test compares its output with what is checked in.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "tieline"
TARGET = PACKAGE / "blocking"
HEADER = '''"""Generated from `{source}` by `make generate`: do not edit."""
'''

# Methods that have another name in the blocking world.
METHODS = {"__aenter__": "__enter__", "__aexit__": "__exit__", "aclose": "close"}
# Types, wherever they stand in a signature.
TYPES = {"AsyncIterator": "Iterator"}
# Words of docstrings. Longer ones first: each is replaced in the text the ones before left.
WORDS = {
    "use it from one event loop, by any number of tasks": "use it from any number of threads",
    "`async with` (or `aclose`)": "`with` (or `close`)",
}


@dataclass
class Twin:
    """A blocking module under construction."""

    source: Path
    tree: ast.Module
    classes: Mapping[str, Path]  # every asynchronous class there is, and where
    used: set[str] = field(default_factory=set)  # rules that matched

    def text(self) -> str:
        """The module's text, not yet formatted."""
        bodies = [self._class(node) for node in _async_classes(self.tree)]
        name = self.source.relative_to(ROOT).as_posix()
        return "\n".join([HEADER.format(source=name), *self._imports(bodies), "", *bodies])

    def _imports(self, bodies: list[str]) -> list[str]:
        code = "\n".join(bodies)
        lines = ["from functools import partial", "from collections.abc import Iterator"]
        lines.append("from tieline.blocking.portal import Portal")
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [alias.name for alias in node.names]
                lines += [f"from {node.module} import {name}" for name in names]
            elif isinstance(node, ast.Import):
                lines.append(ast.unparse(node))
        module = ".".join(self.source.relative_to(PACKAGE.parent).with_suffix("").parts)
        own = {node.name for node in self.tree.body if isinstance(node, ast.ClassDef)}
        lines += [f"from {module} import {name}" for name in sorted(own)]
        here = {_blocking_name(node.name) for node in _async_classes(self.tree)}
        for name, path in self.classes.items():
            if _blocking_name(name) not in here and _blocking_name(name) in code:
                lines.append(f"from tieline.blocking.{path.stem} import {_blocking_name(name)}")
        return lines

    def _class(self, node: ast.ClassDef) -> str:
        name = _blocking_name(node.name)
        doc = self._words(ast.get_docstring(node) or "")
        lines = [f"class {name}:", *_indented(_doc(doc)), "", "    __slots__ = (SLOTS)"]
        if node.name == "AsyncClient":
            lines += self._client_init(node)
        else:
            lines += [
                f"    def __init__(self, wrapped: {node.name}, portal: Portal) -> None:",
                "        self._async = wrapped",
                "        self._portal = portal",
            ]
        lines += [
            "    def __repr__(self) -> str:",
            "        return repr(self._async).removeprefix('Async')",
        ]
        for member in node.body:
            lines += _indented(self._member(node, member))
        slots = sorted(["_async", "_portal", *_services(node)])
        if node.name == "AsyncClient":
            slots.insert(0, "__weakref__")  # the portal closes a forgotten client at exit
        return "\n".join(lines).replace("SLOTS", ", ".join(f'"{slot}"' for slot in slots))

    def _client_init(self, node: ast.ClassDef) -> list[str]:
        init = next(m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == "__init__")
        arguments = ast.unparse(init.args) + ", wrapped: AsyncClient | None = None"
        arguments += ", portal: Portal | None = None"
        passed = ", ".join(f"{a.arg}={a.arg}" for a in init.args.kwonlyargs)
        doc = f"{self._words(ast.get_docstring(init) or '')}\n\n{_SHARED}"
        lines = [f"    def __init__({arguments}) -> None:", *_indented(_indented(_doc(doc)))]
        lines += [
            "        self._async = (",
            f"            AsyncClient({passed}) if wrapped is None else wrapped",
            "        )",
            "        self._portal = Portal() if portal is None else portal",
        ]
        for attribute, kind in _services(node).items():
            made = f"{_blocking_name(kind)}(self._async.{attribute}, self._portal)"
            lines.append(f"        self.{attribute} = {made}")
        lines += [
            "        if portal is None:",
            "            self._portal.close_at_exit(self.close)",
        ]
        return lines

    def _member(self, owner: ast.ClassDef, node: ast.stmt) -> list[str]:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) if not name.startswith("_"):
                return self._property(name, ast.unparse(node.annotation), f"See `{owner.name}`.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name.startswith("_") and name not in METHODS:
                    return []
                if any(ast.unparse(d) == "property" for d in node.decorator_list):
                    doc = self._words(ast.get_docstring(node) or "")
                    return self._property(name, self._type(node.returns), doc)
                return self._method(owner, node)
        return []

    def _property(self, name: str, kind: str, doc: str) -> list[str]:
        return [
            "@property",
            f"def {name}(self) -> {kind}:",
            *_indented(_doc(doc)),
            f"    return self._async.{name}",
        ]

    def _method(
        self, owner: ast.ClassDef, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> list[str]:
        name = self._renamed(node.name)
        first = node.args.args[0].arg
        doc = self._words(ast.get_docstring(node) or "")
        signature = f"def {name}({self._arguments(node.args)}) -> {self._type(node.returns)}:"
        lines = [f"@{ast.unparse(d)}" for d in node.decorator_list] + [signature]
        if doc:
            lines += _indented(_doc(doc))
        if name in {"__enter__", "__exit__", "close"}:
            return lines + _indented(_LIFE[name])
        holder = owner.name if first == "cls" else "self._async"
        call = f"{holder}.{node.name}({_passed(node.args)})"
        return [*lines, f"    return {self._result(node, call)}"]

    def _result(self, node: ast.FunctionDef | ast.AsyncFunctionDef, call: str) -> str:
        returns = ast.unparse(node.returns) if node.returns else "None"
        kind = returns.strip("'")
        if kind.startswith("AsyncIterator["):  # an async generator too is called without await
            return f"self._portal.iterate({call})"
        if isinstance(node, ast.AsyncFunctionDef):
            callee, arguments = call.split("(", 1)
            arguments = arguments.removesuffix(")")
            call = f"self._portal.call({callee})"
            if arguments:
                call = f"self._portal.call(partial({callee}, {arguments}))"
        if kind == "AsyncClient":
            return f"Client(wrapped={call}" + (
                ")" if node.args.args[0].arg == "cls" else ", portal=self._portal)"
            )
        if kind in self.classes:
            return f"{_blocking_name(kind)}({call}, self._portal)"
        return call

    def _arguments(self, arguments: ast.arguments) -> str:
        return self._typed(ast.unparse(arguments))

    def _type(self, node: ast.expr | None) -> str:
        return self._typed(ast.unparse(node)) if node else "None"

    def _typed(self, text: str) -> str:
        for old, new in TYPES.items():
            if old in text:
                self.used.add(old)
                text = text.replace(old, new)
        for name in self.classes:
            text = text.replace(name, _blocking_name(name))
        return text

    def _renamed(self, name: str) -> str:
        if name in METHODS:
            self.used.add(name)
        return METHODS.get(name, name)

    def _words(self, text: str) -> str:
        for old, new in WORDS.items():
            if old in text:
                self.used.add(old)
                text = text.replace(old, new)
        return text


_SHARED = "`wrapped` and `portal` are how views share a client and its thread."
_LIFE = {
    "__enter__": ["return self"],
    "__exit__": ["self.close()"],
    "close": ["self._portal.close(self._async.aclose)"],
}


class UnusedRuleError(Exception):
    """A rule of this generator matched nothing: its reason is gone, or a name changed."""


def generate() -> dict[Path, str]:
    """Make every generated module: path and formatted text.

    Raises:
        UnusedRuleError: a rule matched nothing.
    """
    trees = {path: ast.parse(path.read_text()) for path in _sources()}
    classes = {node.name: path for path, tree in trees.items() for node in _async_classes(tree)}
    twins = [Twin(path, tree, classes) for path, tree in trees.items() if any(_async_classes(tree))]
    made = {TARGET / twin.source.name: _formatted(twin.text()) for twin in twins}
    unused = {*METHODS, *TYPES, *WORDS} - set[str]().union(*(twin.used for twin in twins))
    if unused:
        raise UnusedRuleError(f"rules that matched nothing: {sorted(unused)}")
    return made


def _sources() -> list[Path]:
    return [PACKAGE / "client.py", *sorted((PACKAGE / "services").glob("*.py"))]


def _async_classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Async"):
            yield node


def _services(node: ast.ClassDef) -> dict[str, str]:
    """The attributes of a client that hold services: name and class."""
    found = {}
    for part in ast.walk(node):
        match part:
            case ast.Assign(
                targets=[ast.Attribute(attr=name)], value=ast.Call(func=ast.Name(id=kind))
            ) if kind.startswith("Async") and not name.startswith("_"):
                found[name] = kind
    return found


def _blocking_name(name: str) -> str:
    return name.removeprefix("Async")


def _passed(arguments: ast.arguments) -> str:
    positional = [a.arg for a in arguments.args[1:]]
    return ", ".join([*positional, *(f"{a.arg}={a.arg}" for a in arguments.kwonlyargs)])


def _doc(text: str) -> list[str]:
    lines = text.splitlines()
    if len(lines) == 1:
        return [f'"""{lines[0]}"""']
    return [f'"""{lines[0]}', *lines[1:], '"""']


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    name = "--stdin-filename=src/tieline/blocking/generated.py"
    fixed = _piped([ruff, "check", "--quiet", "--fix", "--select=I,F401", name, "-"], text)
    return _piped([ruff, "format", "--quiet", name, "-"], fixed)


def _piped(command: list[str | Path], text: str) -> str:
    done = subprocess.run(  # noqa: S603  # the project's own formatter
        command, input=text, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


def main() -> None:
    """Write the files, and remove ones that have no source any more."""
    made = generate()
    for path in TARGET.glob("*.py"):
        generated = "by `make generate`: do not edit" in path.read_text().partition("\n")[0]
        if generated and path not in made:
            path.unlink()
    for path, text in made.items():
        path.write_text(text)


if __name__ == "__main__":
    main()
