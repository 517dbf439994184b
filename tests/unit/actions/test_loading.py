from pathlib import Path

from tieline.actions.loading import load_actions

SOURCE = """
from pydantic import BaseModel

from tieline.actions import Context, action


class Thing(BaseModel):
    name: str


@action(name="custom_thing", version="1.0.0")
async def thing(request: Thing, context: Context) -> Thing:
    return request
"""


def test_an_edit_of_equal_size_within_a_second_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "edited_twice.py"
    versions = []
    for version in ("1.0.0", "2.0.0", "3.0.0"):
        path.write_text(SOURCE.replace("1.0.0", version))
        (found,) = load_actions(str(path))
        versions.append(found.version)
    assert versions == ["1.0.0", "2.0.0", "3.0.0"]
    assert not (tmp_path / "__pycache__").exists()
