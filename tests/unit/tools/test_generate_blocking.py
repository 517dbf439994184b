from pathlib import Path

import pytest

import generate_blocking

ROOT = Path(__file__).resolve().parents[3]


def test_generating_again_changes_nothing() -> None:
    made = generate_blocking.generate()

    for path, text in made.items():
        assert path.read_text() == text, f"run `make generate` and commit {path}"


def test_every_generated_file_has_its_source() -> None:
    made = {path.name for path in generate_blocking.generate()}
    written = {
        path.name
        for path in (ROOT / "src" / "tieline" / "blocking").glob("*.py")
        if "do not edit" in path.read_text().partition("\n")[0]
    }

    assert written == made


@pytest.mark.parametrize("table", ["METHODS", "TYPES", "WORDS"])
def test_a_rule_that_matches_nothing_fails(table: str) -> None:
    rules = getattr(generate_blocking, table)
    rules["nothing is called like this"] = "so"
    try:
        with pytest.raises(generate_blocking.UnusedRuleError, match="nothing is called like this"):
            generate_blocking.generate()
    finally:
        del rules["nothing is called like this"]


def test_every_asynchronous_method_has_its_blocking_twin() -> None:
    from tieline import AsyncClient, Client

    missing = {
        name
        for name in dir(AsyncClient)
        if not name.startswith("_") and name != "aclose" and not hasattr(Client, name)
    }

    assert not missing
