from pathlib import Path

import pytest

from tieline.cli.input import MOST_BYTES, read_json, read_object
from tieline.errors import InvalidInput


def test_a_literal_and_a_file_give_the_same_value(tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_text('{"a": [1, 2.5, "ü"]}')
    assert read_json('{"a": [1, 2.5, "ü"]}') == read_json(f"@{path}") == {"a": [1, 2.5, "ü"]}


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(InvalidInput, match=str(path)):
            read_json(f"@{path}")


@pytest.mark.parametrize("literal", ["[]", '"text"', "1", "null"])
def test_an_option_that_takes_an_object_takes_nothing_else(literal: str) -> None:
    with pytest.raises(InvalidInput, match="expected a JSON object"):
        read_object(literal)


def test_a_file_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InvalidInput, match="larger than"):
        read_json(f"@{path}")
