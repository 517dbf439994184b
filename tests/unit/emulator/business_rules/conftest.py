"""A table that routes by tier and wait."""

import pytest
from emulator_driver import Driver
from table_driver import TableDriver


@pytest.fixture
async def table(platform: Driver) -> TableDriver:
    return await TableDriver(platform).make()
