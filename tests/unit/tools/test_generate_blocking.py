import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "tools" / "generate_blocking.py"
    spec = importlib.util.spec_from_file_location("generate_blocking", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generating_again_changes_nothing(generator: ModuleType) -> None:
    made = generator.generate()

    for path, text in made.items():
        assert path.read_text() == text, f"run `make generate` and commit {path}"


def test_every_generated_file_has_its_source(generator: ModuleType) -> None:
    made = {path.name for path in generator.generate()}
    written = {
        path.name
        for path in (ROOT / "src" / "tieline" / "blocking").glob("*.py")
        if "do not edit" in path.read_text().partition("\n")[0]
    }

    assert written == made


@pytest.mark.parametrize("table", ["METHODS", "TYPES", "WORDS"])
def test_a_rule_that_matches_nothing_fails(generator: ModuleType, table: str) -> None:
    rules = getattr(generator, table)
    rules["nothing is called like this"] = "so"
    try:
        with pytest.raises(generator.UnusedRuleError, match="nothing is called like this"):
            generator.generate()
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
