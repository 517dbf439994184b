"""An emulator in virtual time, and drivers that are logged in to it."""

from collections.abc import Callable
from typing import Any

import pytest
from emulator_driver import Driver

from tieline.emulator.app import Emulator, create_app


@pytest.fixture
def app() -> Emulator:
    return create_app(clock="virtual")


@pytest.fixture
async def platform(app: Emulator) -> Driver:
    return await Driver(app).login()


@pytest.fixture
async def guide(app: Emulator) -> Driver:
    return await Driver(app).login(path="/api/v2/oauth/token")


@pytest.fixture
def with_fixture() -> Callable[[Any], Driver]:
    return lambda document: Driver(create_app(document, "virtual"))
