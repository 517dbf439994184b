"""The documentation is an artefact like the code: what exists is in it, what it shows runs."""

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import reference_pages
from cyclopts import App

from tieline import errors
from tieline.cli.app import build
from tieline.cli.exits import Exit, exit_of_error
from tieline.cli.groups import GROUPS
from tieline.config.fields import FIELDS
from tieline.emulator.server import Address, running
from tieline.errors import ApiError, Error

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    path
    for path in sorted(DOCS.rglob("*.md"))
    if "_build" not in path.parts and "cli" not in path.relative_to(DOCS).parts
]
TESTED = re.compile(r"^```python\n# tested\n(.*?)^```", re.MULTILINE | re.DOTALL)
FRONT = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]


def commands(app: App, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], App]]:
    """Every command that can be typed, groups left out."""
    below = {
        name: found for name, found in app.resolved_commands().items() if not name.startswith("-")
    }
    if not below:
        yield words, app
    for name, found in below.items():
        yield from commands(found, (*words, name))


COMMANDS = list(commands(build(), ("tieline",)))
GENERATED: dict[str, str] = reference_pages.pages()


@pytest.mark.parametrize(("words", "app"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_a_command_is_in_the_reference_and_explains_itself(
    words: tuple[str, ...], app: App
) -> None:
    page = GENERATED[f"reference/cli/{words[1]}.md"]
    assert " ".join(words) in page
    assert "```console" in (app.help or ""), "its docstring needs a fenced console example"


@pytest.mark.parametrize(("words", "app"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_an_example_fits_a_terminal_so_that_it_can_be_copied(
    words: tuple[str, ...], app: App
) -> None:
    examples = re.findall(r"```console\n(.*?)```", inspect.cleandoc(app.help or ""), re.DOTALL)

    # Help indents an example by one column and folds what does not fit into 80.
    assert all(len(line) <= 78 for example in examples for line in example.splitlines()), words


def test_every_group_in_the_overview_can_be_loaded_under_its_name() -> None:
    assert [words[1] for words, _ in COMMANDS] == sorted(
        (words[1] for words, _ in COMMANDS), key=list(GROUPS).index
    )
    assert {words[1] for words, _ in COMMANDS} == set(GROUPS)


def test_every_error_is_documented_with_its_code_and_exit_code() -> None:
    page = (DOCS / "reference" / "errors.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| .*? \| (\d) \|", page, re.MULTILINE))
    for name in dir(errors):
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, Error) and kind not in {Error, ApiError}:
            error = kind("x", status=400) if issubclass(kind, ApiError) else kind("x")
            assert f"`{name}`" in page
            assert rows[kind.code] == str(int(exit_of_error(error))), name


def test_every_exit_code_is_documented() -> None:
    page = (DOCS / "reference" / "exit-codes.md").read_text()
    assert all(f"| `{int(code)}` |" in page for code in Exit)


def test_every_field_and_variable_is_in_the_generated_reference() -> None:
    page = GENERATED["reference/configuration-fields.md"]
    for field in FIELDS:
        assert f"| `{field.name}` |" in page
        assert all(f"`{name}`" in page for name in field.environment)


def test_every_room_is_on_the_map() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "tieline").glob("*/__init__.py")}
    architecture = (ROOT / "ARCHITECTURE.md").read_text()
    assert {room for room in rooms if f"`{room}`" not in architecture} == set()


def test_every_direct_dependency_is_explained() -> None:
    page = (DOCS / "explanation" / "dependencies.md").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    listed = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert listed is not None
    names = re.findall(r'^ *"([A-Za-z0-9-]+)', listed[1], re.MULTILINE)
    assert {name for name in names if f"| {name} |" not in page} == set()
    assert len(names) <= 25


def python_examples() -> Iterator[tuple[str, str]]:
    for page in (*PAGES, *FRONT):
        found = re.findall(
            r"^```python\n# tested\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL
        )
        for number, source in enumerate(found, start=1):
            yield f"{page.relative_to(ROOT)} {number}", source


EXAMPLES = list(python_examples())


@pytest.fixture(scope="module")
def emulator() -> Iterator[Address]:
    with running() as (_, address):
        yield address


@pytest.mark.parametrize(("name", "source"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_marked_as_tested_runs(
    name: str, source: str, emulator: Address, tmp_path: Path
) -> None:
    path = tmp_path / "example.py"
    path.write_text(source)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "TIELINE_BASE_URL": emulator.url,
        "TIELINE_CLIENT_ID": emulator.client_id, "TIELINE_CLIENT_SECRET": emulator.client_secret,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", FRONT, ids=lambda page: page.name)
def test_a_link_of_the_front_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html",
         "-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "html")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "html" / "index.html").is_file()
