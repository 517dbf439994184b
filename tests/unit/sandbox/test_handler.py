from pathlib import Path

import pytest

from tieline.errors import InvalidInput
from tieline.sandbox.handler import find_handler
from tieline.sandbox.limits import Runtime


def package(folder: Path, *files: str) -> Path:
    for name in files:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return folder


CASES: list[tuple[str, tuple[str, ...], str, Runtime | None, str | None, str, str]] = [
    (
        "the platform's layout",
        ("src/index.js", "index.js"),
        ".",
        None,
        None,
        "src/index.js",
        "handler",
    ),
    (
        "named as the platform names it",
        ("src/index.mjs",),
        ".",
        None,
        "src/index.run",
        "src/index.mjs",
        "run",
    ),
    ("named as FILE:NAME", ("a.py", "b.py"), ".", None, "b.py:go", "b.py", "go"),
    ("a name alone", ("handler.py",), ".", None, "go", "handler.py", "go"),
    ("a runtime chooses", ("index.js", "handler.py"), ".", "python", None, "handler.py", ""),
    ("the only file", ("enrich.py", "notes.txt"), ".", None, None, "enrich.py", ""),
    ("a file", ("x/enrich.py",), "x/enrich.py", None, None, "x/enrich.py", ""),
    (
        "a file and FILE:NAME",
        ("x/enrich.py",),
        "x/enrich.py",
        None,
        "enrich.py:go",
        "x/enrich.py",
        "go",
    ),
    ("a file and a name", ("enrich.js",), "enrich.js", None, "go", "enrich.js", "go"),
]


@pytest.mark.parametrize(
    ("files", "path", "runtime", "handler", "file", "name"),
    [c[1:] for c in CASES],
    ids=[c[0] for c in CASES],
)
def test_code_is_found(
    *,
    tmp_path: Path,
    files: tuple[str, ...],
    path: str,
    runtime: Runtime | None,
    handler: str | None,
    file: str,
    name: str,
) -> None:
    package(tmp_path, *files)

    found = find_handler(tmp_path / path, runtime=runtime, handler=handler)

    assert (found.file, found.name) == (tmp_path / file, name)
    assert found.root == (tmp_path / path).resolve()


def test_a_package_says_itself_what_its_main_file_is(tmp_path: Path) -> None:
    package(tmp_path, "lib/start.cjs", "index.js")
    (tmp_path / "package.json").write_text('{"main": "lib/start.cjs"}')

    assert find_handler(tmp_path).file == tmp_path / "lib/start.cjs"


WRONG = [
    ("nothing is there", (), "missing", None, "does not exist"),
    ("no usual name", ("a.py", "b.py"), ".", None, "no handler under a usual name"),
    ("no such file", ("a.py",), ".", "b.py:go", "no such file"),
    ("outside of the folder", ("a.py",), ".", "../b.py:go", "no such file"),
    ("not code", ("a.txt",), "a.txt", None, "is no Python or Node file"),
    ("another file than the path", ("a.py",), "a.py", "b.py:go", "but the path is the file a.py"),
]


@pytest.mark.parametrize(
    ("files", "path", "handler", "message"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG]
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, files: tuple[str, ...], path: str, handler: str | None, message: str
) -> None:
    package(tmp_path, *files)

    with pytest.raises(InvalidInput, match=message):
        find_handler(tmp_path / path, handler=handler)
