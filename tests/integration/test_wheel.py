"""What people install: complete, small, and nothing else in it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
# Its scripts for browsers come from elsewhere; they are what could grow unnoticed.
LARGEST_SHARE = 0.1


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def test_every_file_of_the_package_is_in_the_wheel_and_no_other(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/tieline"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    expected = {name.removeprefix("src/") for name in listed if (ROOT / name).is_file()}

    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
        content = archive.read("tieline/dashboard/static/vendor/htmx.min.js")

    assert found == expected
    assert content == (SOURCE / "tieline/dashboard/static/vendor/htmx.min.js").read_bytes()
    assert any(name.startswith("tieline/dashboard/templates/panels/") for name in found)


def test_what_the_dashboard_adds_is_a_small_part_of_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.compress_size for entry in archive.infolist()}

    added = sum(size for name, size in sizes.items() if name.startswith("tieline/dashboard/"))
    assert added <= LARGEST_SHARE * sum(sizes.values())
