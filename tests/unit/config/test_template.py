import re
import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tieline.config.environment import Variables
from tieline.config.fields import FIELDS
from tieline.config.files import read_file
from tieline.config.template import render_env_example, render_toml


@given(name=st.text(min_size=1), client=st.text())
def test_whatever_is_asked_for_is_written_as_toml_that_reads_back(name: str, client: str) -> None:
    document = tomllib.loads(render_toml(name, {"api": "guide", "client_id": client}))
    assert document["default_profile"] == name
    assert document["profiles"][name]["client_id"] == client


def test_every_example_in_the_file_is_valid_when_it_is_switched_on(tmp_path: Path) -> None:
    text = re.sub(r"^#(?=[a-z_]+ = )", "", render_toml("p", {}), flags=re.MULTILINE)
    (tmp_path / "tieline.toml").write_text(text)
    settings = read_file(tmp_path / "tieline.toml").profiles["p"]
    for field in FIELDS:
        field.read(settings[field.name])


def test_the_env_example_names_every_variable_once_as_ours(tmp_path: Path) -> None:
    text = render_env_example()
    for field in FIELDS:
        assert all(name in text for name in field.environment)
    path = tmp_path / ".env.example"
    path.write_text(text)
    assert Variables("example", {}).profile() is None
    assert not [line for line in text.splitlines() if line and not line.startswith("#")]
