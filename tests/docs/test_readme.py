from pathlib import Path

import pytest

import readme_demo


def test_the_readme_shows_what_the_demo_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = readme_demo.shown(readme_demo.README.read_text(encoding="utf-8"))
    assert readme_demo.shape(shown) == readme_demo.shape(readme_demo.run_demo()), (
        "run `make readme` and commit the result"
    )


def test_a_readme_without_the_block_is_an_error() -> None:
    with pytest.raises(ValueError, match="no block"):
        readme_demo.shown("# Tieline")
