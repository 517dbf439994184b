from pathlib import Path

import pytest

from tieline.config.environment import Overruled, Variables, read_dotenv
from tieline.errors import ConfigInvalid


def test_two_names_that_disagree_are_told_apart() -> None:
    values = {
        "TIELINE_REGION": "us-east-1", "GENESYS_CLOUD_REGION": "eu-west-1",
        "TIELINE_CLIENT_ID": "same", "GENESYS_CLIENT_ID": "same",
    }  # fmt: skip
    found = list(Variables("environment", values).overruled())
    assert found == [Overruled("region", "TIELINE_REGION", "GENESYS_CLOUD_REGION")]


def test_a_dotenv_file_is_read_without_interpolation_or_export(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# ours\nexport TIELINE_CLIENT_SECRET='a$HOME'\nEMPTY=\n")
    variables = read_dotenv(path)
    assert variables is not None
    assert dict(variables.values) == {"TIELINE_CLIENT_SECRET": "a$HOME"}


def test_no_dotenv_file_is_fine(tmp_path: Path) -> None:
    assert read_dotenv(tmp_path / ".env") is None


def test_a_line_that_is_no_assignment_is_named_and_not_quoted(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ours\nA=1\nTIELINE_CLIENT_SECRET s3cret\n")

    with pytest.raises(ConfigInvalid, match=r"\.env:3: is no assignment") as refused:
        read_dotenv(tmp_path / ".env")

    assert "s3cret" not in str(refused.value.to_json())
    assert "NAME=value" in refused.value.hint


def test_a_dotenv_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff")
    with pytest.raises(ConfigInvalid, match=r"\.env: is not UTF-8 text \(byte 2\)"):
        read_dotenv(tmp_path / ".env")
