"""Fixtures for tests of code that uses Tieline; pytest loads this module by its entry point.

Nothing of Tieline is imported before a fixture is used: every test run on the machine loads this.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from tieline.blocking.client import Client
    from tieline.client import AsyncClient
    from tieline.emulator.app import Emulator
    from tieline.services.session import Session

MARKER = "tieline_fixture"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, so that `--strict-markers` accepts it."""
    config.addinivalue_line(
        "markers", f"{MARKER}(path): start the emulator of this test from a fixture file"
    )


@pytest.fixture
def tieline_emulator(request: pytest.FixtureRequest) -> "Emulator":
    """An emulator of this test's own, in this process and in virtual time.

    It starts from the default fixture, or from the file that `@pytest.mark.tieline_fixture` names,
    looked for beside the test's file and then from pytest's root.
    """
    from tieline.emulator.app import create_app  # noqa: PLC0415  # see the module's docstring

    marker = request.node.get_closest_marker(MARKER)
    return create_app(None if marker is None else _fixture_file(request, marker), "virtual")


@pytest.fixture
def tieline_api() -> Literal["platform", "guide"]:
    """Which API the clients of this test speak; override it, or parametrise it, for the other."""
    return "platform"


@pytest.fixture
def tieline_client(
    tieline_emulator: "Emulator", tieline_api: Literal["platform", "guide"], tmp_path: Path
) -> Iterator["Client"]:
    """A blocking client of the test's emulator; what it waits for passes in virtual time."""
    from tieline.blocking.client import Client  # noqa: PLC0415  # see the module's docstring

    with Client(session=_session(tieline_emulator, tieline_api, tmp_path)) as client:
        yield client


@pytest.fixture
async def tieline_async_client(
    tieline_emulator: "Emulator", tieline_api: Literal["platform", "guide"], tmp_path: Path
) -> AsyncIterator["AsyncClient"]:
    """The same for asynchronous tests, by anyio's plugin or pytest-asyncio's automatic mode."""
    from tieline.client import AsyncClient  # noqa: PLC0415  # see the module's docstring

    async with AsyncClient(session=_session(tieline_emulator, tieline_api, tmp_path)) as client:
        yield client


def _session(emulator: "Emulator", api: Literal["platform", "guide"], state_dir: Path) -> "Session":
    from tieline.config.load import load_profile  # noqa: PLC0415  # see the module's docstring
    from tieline.emulator.following_clock import FollowingClock  # noqa: PLC0415  # as above
    from tieline.http.asgi_transport import AsgiTransport  # noqa: PLC0415  # as above
    from tieline.services.connection import open_session  # noqa: PLC0415  # as above

    client = next(iter(emulator.world.oauth.clients.values()))
    profile = load_profile(
        overrides={
            "base_url": "https://emulator.invalid",
            "client_id": client.id,
            "client_secret": client.secret,
            "api": api,
            "state_dir": str(state_dir / "tieline-state"),
            "token_cache": False,
        },
        environ={},
        cwd=state_dir,
    )
    transport = AsgiTransport(emulator)
    return open_session(profile, transport=transport, clock=FollowingClock(emulator.clock))


def _fixture_file(request: pytest.FixtureRequest, marker: pytest.Mark) -> Path:
    if len(marker.args) != 1 or marker.kwargs:
        pytest.fail(f"@pytest.mark.{MARKER} takes one path", pytrace=False)
    given = Path(marker.args[0])
    beside = request.node.path.parent / given
    return beside if beside.exists() else request.config.rootpath / given
