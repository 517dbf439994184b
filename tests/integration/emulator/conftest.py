"""An emulator on a socket, and the vendor's SDK logged in to it."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from tieline.emulator.app import Emulator, create_app
from tieline.emulator.server import running


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, str]]:
    with running(create_app(clock="virtual")) as (app, address):
        yield app, address.url


@pytest.fixture
def emulator(served: tuple[Emulator, str]) -> Emulator:
    served[0].reset()
    return served[0]


@pytest.fixture(scope="module")
def sdk() -> ModuleType:
    import PureCloudPlatformClientV2 as sdk  # noqa: N813  # 2 s and 220 MB: only where needed

    return sdk


@pytest.fixture
def login(emulator: Emulator, served: tuple[Emulator, str], sdk: Any) -> Callable[[str], Any]:
    del emulator

    def log_in(client: str) -> Any:
        sdk.Configuration().host = served[1]
        return sdk.ApiClient().get_client_credentials_token(client, f"{client}-secret")

    return log_in


@pytest.fixture
def client(login: Callable[[str], Any]) -> Any:
    return login("tieline-demo")
