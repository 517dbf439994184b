"""What is vendored is what the registry has, with its licence, and nothing comes from elsewhere."""

import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

from tieline.dashboard.assets import NAMES, address, assets

FOLDER = Path(str(files("tieline.dashboard")))
VENDOR = FOLDER / "static" / "vendor"
RECORD = json.loads((VENDOR / "vendored.json").read_text("utf-8"))


def test_every_vendored_file_is_the_recorded_one() -> None:
    recorded = {
        name: entry["sha256"] for package in RECORD["packages"]
        for name, entry in package["files"].items()
    }  # fmt: skip
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "vendored.json"
    }

    assert found == recorded


def test_every_vendored_package_has_a_version_a_source_an_integrity_and_its_licence() -> None:
    for package in RECORD["packages"]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert package["source"].startswith("https://registry.npmjs.org/")
        assert package["version"] in package["source"]
        assert package["integrity"].startswith("sha512-")
        assert any(name.endswith(".LICENSE.txt") for name in package["files"])


def test_every_file_is_served_under_a_name_that_changes_with_it() -> None:
    served = {name for name in NAMES if not name.endswith(".txt")}
    found = {
        path.relative_to(FOLDER / "static").as_posix()
        for path in (FOLDER / "static").rglob("*")
        if path.suffix in {".js", ".css", ".svg"}
    }

    assert served == found
    assert assets()["dashboard.js"].version in address("dashboard.js")


def test_no_page_has_a_script_or_style_inside_it_or_asks_elsewhere() -> None:
    for path in FOLDER.rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\bstyle=|\son[a-z]+=\"|https?://|<script(?! src=)", text), (
            path
        )
        assert "|safe" not in text, path


def test_our_own_script_evaluates_nothing_and_writes_no_html() -> None:
    script = (FOLDER / "static" / "dashboard.js").read_text("utf-8")

    assert not re.search(r"\beval\b|innerHTML|outerHTML|insertAdjacentHTML|Function\(", script)
