"""A deploy whose process is killed, at any step: run again, it ends published exactly once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deploy_child
import pytest

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.server import running

CHILD = Path(deploy_child.__file__)
NEVER = 10_000
DEFINITION = {
    "name": "echo",
    "handler": "src/index.handler",
    "integration": "Echoes",
    "input": {"type": "object", "properties": {"word": {"type": "string"}}},
    "output": {"type": "object"},
}
MUTATING = ("POST", "PUT", "PATCH")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Emulator, str, Path]]:
    (tmp_path / "src").mkdir()
    (tmp_path / "function.json").write_text(json.dumps(DEFINITION))
    write(tmp_path, 1)
    with running(create_app(None, "virtual")) as (emulator, address):
        yield emulator, address.url, tmp_path


def write(folder: Path, version: int) -> None:
    code = f"exports.handler = async (event) => ({{ v: {version}, word: event.word }});"
    (folder / "src" / "index.js").write_text(code)


def killed(url: str, folder: Path, at: int, when: str) -> bool:
    words = [url, str(folder), str(folder / ".tieline"), str(at), when]
    ended = subprocess.run(
        [sys.executable, str(CHILD), *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode in {0, -9}, ended.stderr
    return ended.returncode == -9


async def deploy(url: str, folder: Path) -> list[str]:
    return await deploy_child.deploy(url, str(folder), str(folder / ".tieline"), NEVER, "after")


def published(emulator: Emulator) -> Any:
    (action,) = [each for each in emulator.world.actions.published if each["name"] == "echo"]
    assert not list(emulator.world.actions.drafts)
    integrations = emulator.world.integrations.integrations
    (integration,) = [each for each in integrations if each["name"] == "Echoes"]
    assert integration["intendedState"] == "ENABLED"
    code = emulator.world.functions.code_of(action)
    assert code is not None
    return action


def publications(emulator: Emulator) -> int:
    return sum(each.status == 200 for each in emulator.entries("actions.publish"))


def changing(requests: list[str]) -> list[int]:
    """The numbers of the requests that change something; the token is the first of all."""
    return [
        number
        for number, request in enumerate(requests, start=1)
        if request.startswith(MUTATING) and "oauth" not in request
    ]


async def check(emulator: Emulator, url: str, folder: Path, at: int, when: str) -> None:
    before = publications(emulator)
    assert killed(url, folder, at, when)
    await deploy(url, folder)
    published(emulator)
    assert publications(emulator) == before + 1
    again = await deploy(url, folder)
    assert not changing(again)


async def test_a_first_deploy_killed_at_any_change_ends_published_exactly_once(
    place: tuple[Emulator, str, Path],
) -> None:
    emulator, url, folder = place
    steps = changing(await deploy(url, folder))
    emulator.reset()

    assert len(steps) == 8
    for step in steps:
        await check(emulator, url, folder, step, "after")
        emulator.reset()


async def test_a_next_deploy_killed_at_any_change_ends_published_exactly_once(
    place: tuple[Emulator, str, Path],
) -> None:
    emulator, url, folder = place
    await deploy(url, folder)
    write(folder, 2)
    state = emulator.dump_state()
    steps = changing(await deploy(url, folder))

    assert len(steps) == 7
    for step in steps:
        emulator.replace_state(state)
        await check(emulator, url, folder, step, "after")


@pytest.mark.campaign
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "next"])
async def test_a_deploy_killed_at_any_request_ends_published_exactly_once(
    place: tuple[Emulator, str, Path], when: str, first: bool
) -> None:
    emulator, url, folder = place
    if not first:
        await deploy(url, folder)
        write(folder, 2)
    state = emulator.dump_state()
    requests = await deploy(url, folder)

    for number in range(1, len(requests) + 1):
        emulator.replace_state(state)
        await check(emulator, url, folder, number, when)
