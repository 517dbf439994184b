import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# deploying_place.py beside this file is shared by the tests of this folder, which is no package.
sys.path.insert(0, str(Path(__file__).parent))

from deploying_place import GUIDE, Place  # found by the line above

from tieline.emulator.app import create_app
from tieline.emulator.server import Address, running

CHILD = Path(__file__).with_name("deploying_child.py")


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with running(create_app()) as (_, address):
        yield address


@pytest.fixture
def place(address: Address, tmp_path: Path) -> Place:
    place = Place(address, tmp_path)
    place.file.write_text(GUIDE)
    place.reset()
    return place


@pytest.fixture(scope="module")
def lives() -> Iterator[Any]:
    process = subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    asked, answered = process.stdin, process.stdout
    assert asked is not None
    assert answered is not None

    def live(
        place: Place, edge: int, action: str = "apply", *, replace_table: bool = False
    ) -> dict[str, Any]:
        life = {"edge": edge, "api": place.api, "url": place.address.url, "action": action,
                "state": str(place.state), "file": str(place.file),
                "replace_table": replace_table}  # fmt: skip
        asked.write(json.dumps(life) + "\n")
        asked.flush()
        told: dict[str, Any] = json.loads(answered.readline())
        assert told["killed"] or told["status"] == 0
        return told

    yield live
    asked.close()
    process.wait(10)
    answered.close()
