"""A function as it lies in a folder."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from function_zips import zipped

from tieline.errors import InvalidInput
from tieline.store.function_folder import load_function

DEFINITION = "name: echo\ninput: {type: object}\noutput: {type: object}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.js").write_text("exports.handler = async () => 1;")
    (tmp_path / "function.yaml").write_text(DEFINITION)
    return tmp_path


def test_a_folder_is_packaged_without_what_no_function_needs(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    (folder / "package.json").write_text("{}")

    found = load_function(folder)

    assert found.package.files == ("package.json", "src/index.js")
    assert found.handler == "src/index.handler"


def test_times_and_modes_of_files_do_not_change_the_package(folder: Path) -> None:
    before = load_function(folder).package

    os.utime(folder / "src" / "index.js", (1, 1))
    (folder / "src" / "index.js").chmod(0o755)

    assert load_function(folder).package == before


def test_installed_dependencies_are_packaged_and_those_of_development_are_not(
    folder: Path,
) -> None:
    packages = {
        "": {},
        "node_modules/a": {"version": "1.0.0"},
        "node_modules/jest": {"version": "1.0.0", "dev": True},
    }
    (folder / "package-lock.json").write_text(json.dumps({"packages": packages}))
    for name in ("a", "jest"):
        (folder / "node_modules" / name).mkdir(parents=True)
        (folder / "node_modules" / name / "index.js").write_text("1")

    files = load_function(folder).package.files

    assert "node_modules/a/index.js" in files
    assert "node_modules/jest/index.js" not in files


def test_a_dependency_that_is_not_installed_says_how_to_install_it(folder: Path) -> None:
    (folder / "package.json").write_text('{"dependencies": {"left-pad": "1"}}')

    with pytest.raises(InvalidInput, match="left-pad") as refused:
        load_function(folder)

    assert "npm ci" in refused.value.hint


def _link(folder: Path) -> None:
    (folder / "src" / "passwd").symlink_to("/etc/passwd")


def _linked_folder(folder: Path) -> None:
    (folder / "shared").symlink_to("/etc")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "src" / "pipe")


def _no_code(folder: Path) -> None:
    (folder / "src" / "index.js").rename(folder / "src" / "main.py")


def _no_definition(folder: Path) -> None:
    (folder / "function.yaml").unlink()


def _no_yaml(folder: Path) -> None:
    (folder / "function.yaml").write_text("name: [")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_link, "symbolic link"),
        (_linked_folder, "symbolic link"),
        (_pipe, "neither a file"),
        (_no_code, r"no src/index\.js"),
        (_no_definition, r"no function\.yaml"),
        (_no_yaml, r"function\.yaml"),
    ],
)
def test_what_cannot_be_packaged_is_refused_by_name(
    folder: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(folder)

    with pytest.raises(InvalidInput, match=said):
        load_function(folder)


def test_a_zip_beside_its_definition_is_taken_as_it_is(folder: Path) -> None:
    content = zipped()
    (folder / "function.zip").write_bytes(content)

    assert load_function(folder / "function.zip").package.content == content


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        load_function(tmp_path / "nowhere")
