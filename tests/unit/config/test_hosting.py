from pathlib import Path

import pytest

from tieline.config.hosting import load_hosting
from tieline.errors import ConfigInvalid
from tieline.secret import Secret


def test_the_environment_wins_over_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "TIELINE_OUTSIDE_BASE_URL=http://file\nTIELINE_SECRET_CRM=from-file\n"
    )

    found = load_hosting(environ={"TIELINE_OUTSIDE_BASE_URL": "http://shell"}, cwd=tmp_path)

    assert found.outside_base_url == "http://shell"
    assert found.secrets == {"crm": Secret("from-file")}
    assert found.api_keys == ()


def test_several_keys_are_valid_at_once_and_a_short_one_is_refused(tmp_path: Path) -> None:
    one, two = "a" * 16, "b" * 16
    found = load_hosting(environ={"TIELINE_SERVE_API_KEYS": f"{one}, {two}"}, cwd=tmp_path)

    assert found.api_keys == (Secret(one), Secret(two))
    with pytest.raises(ConfigInvalid, match="key 2") as refused:
        load_hosting(environ={"TIELINE_SERVE_SIGNING_KEYS": f"{one},short"}, cwd=tmp_path)
    assert "short" not in str(refused.value)
