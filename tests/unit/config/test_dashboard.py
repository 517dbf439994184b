from pathlib import Path

import pytest

from tieline.config.dashboard import TOKEN_VARIABLE, load_token
from tieline.errors import ConfigInvalid

TOKEN = "correct-horse-battery"


def test_without_a_file_and_a_variable_there_is_no_token(tmp_path: Path) -> None:
    assert load_token(None, environ={}, cwd=tmp_path) is None


def test_a_file_wins_over_the_environment_and_that_over_a_dotenv(tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(f"{TOKEN}-file\n")
    (tmp_path / ".env").write_text(f"{TOKEN_VARIABLE}={TOKEN}-dotenv\n")
    environ = {TOKEN_VARIABLE: f"{TOKEN}-environment"}

    found = [
        load_token(file, environ=environ, cwd=tmp_path),
        load_token(None, environ=environ, cwd=tmp_path),
        load_token(None, environ={}, cwd=tmp_path),
    ]

    assert [token and token.reveal().rpartition("-")[2] for token in found] == [
        "file", "environment", "dotenv",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"short", b"", b"\xff" * 20])
def test_what_is_no_token_is_refused_without_being_repeated(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token.txt"
    file.write_bytes(content)

    with pytest.raises(ConfigInvalid) as refused:
        load_token(file)

    assert "token" in refused.value.message
    assert "short" not in refused.value.message
    assert "token_urlsafe" in refused.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"none\.txt"):
        load_token(tmp_path / "none.txt")
