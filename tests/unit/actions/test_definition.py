from pathlib import Path

import pytest
from pydantic import BaseModel

from tieline.actions import Context, action
from tieline.actions.loading import load_actions
from tieline.errors import InvalidInput


class Ask(BaseModel):
    n: int


class Told(BaseModel):
    n: int


def test_the_contract_comes_from_the_handlers_own_annotations() -> None:
    @action(name="custom_double", version="1.0.0")
    async def double(request: Ask, context: Context) -> Told:
        """Double a number."""
        return Told(n=request.n * 2)

    assert double.input_model is Ask
    assert double.output_schema["properties"]["n"]["type"] == "integer"
    assert double.description == "Double a number."
    assert double.takes_context


DECLARATIONS = [
    ("no prefix", {"name": "lookup", "version": "1.0.0"}, "custom_"),
    ("upper case", {"name": "custom_Lookup", "version": "1.0.0"}, "lower-case"),
    ("no semantic version", {"name": "custom_a", "version": "1"}, "semantic version"),
    ("too long a time-out", {"name": "custom_a", "version": "1.0.0", "timeout": 61}, "1 to 60"),
    ("no time at all", {"name": "custom_a", "version": "1.0.0", "timeout": 0}, "1 to 60"),
]


@pytest.mark.parametrize(
    ("declared", "message"), [row[1:] for row in DECLARATIONS], ids=[row[0] for row in DECLARATIONS]
)
def test_what_cannot_be_registered_is_refused_where_it_is_written(
    declared: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        action(**declared)  # type: ignore[arg-type]


def test_a_handler_without_models_has_no_contract() -> None:
    def bare(request: int) -> Told:
        return Told(n=request)

    def three(a: Ask, b: Context, c: int) -> Told:
        return Told(n=c)

    declare = action(name="custom_a", version="1.0.0")
    with pytest.raises(InvalidInput, match="not annotated"):
        declare(bare)
    with pytest.raises(InvalidInput, match="3 parameters"):
        declare(three)


def test_the_guides_service_allows_half_a_minute() -> None:
    @action(name="custom_slow", version="1.0.0", timeout=45)
    def slow(request: Ask) -> Told:
        return Told(n=request.n)

    slow.check_timeout("platform")
    with pytest.raises(InvalidInput, match="30 s"):
        slow.check_timeout("guide")


def test_a_handler_can_still_be_called_as_a_function() -> None:
    @action(name="custom_plain", version="1.0.0")
    def plain(request: Ask) -> Told:
        return Told(n=request.n + 1)

    assert plain(Ask(n=1)) == Told(n=2)


MODULE = """
from pydantic import BaseModel
from tieline.actions import action

class Ask(BaseModel):
    n: int

@action(name="custom_one", version="1.0.0")
def one(request: Ask) -> Ask:
    return request

@action(name="custom_two", version="1.0.0")
def two(request: Ask) -> Ask:
    return request
"""


def test_actions_are_found_in_a_file_all_of_them_or_one(tmp_path: Path) -> None:
    path = tmp_path / "found_actions.py"
    path.write_text(MODULE)

    assert [each.name for each in load_actions(str(path))] == ["custom_one", "custom_two"]
    assert [each.name for each in load_actions(f"{path}:two")] == ["custom_two"]


def test_what_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken_actions.py"
    path.write_text(MODULE)
    with pytest.raises(InvalidInput, match="is not an action") as refused:
        load_actions(f"{path}:Ask")
    assert "one, two" in refused.value.hint

    for source, message in [
        ("import nothing_of_that_name", "does not import: ModuleNotFoundError"),
        ("x = 1", "no action in it"),
    ]:
        path = tmp_path / f"broken_{len(message)}.py"
        path.write_text(source)
        with pytest.raises(InvalidInput, match=message):
            load_actions(str(path))
    with pytest.raises(InvalidInput, match="no such file"):
        load_actions(str(tmp_path / "absent.py"))


def test_an_action_is_a_frozen_record() -> None:
    @action(name="custom_plain", version="1.0.0")
    def plain(request: Ask) -> Told:
        return Told(n=request.n)

    with pytest.raises(AttributeError):
        plain.version = "2.0.0"  # type: ignore[misc]
