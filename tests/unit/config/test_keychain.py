from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from tieline.config.keychain import secret_from_keyring
from tieline.config.load import load_profile
from tieline.errors import ConfigInvalid


class MemoryKeyring(KeyringBackend):
    priority = 1  # type: ignore[assignment]  # the base declares a property

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def backend() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_the_keyring_gives_the_secret_of_the_client(backend: MemoryKeyring, tmp_path: Path) -> None:
    backend.set_password("tieline", "me", "hunter2")
    (tmp_path / "tieline.toml").write_text(
        "[profiles.a]\nregion = 'us-east-1'\nclient_id = 'me'\nkeyring = true\n"
    )
    profile = load_profile(environ={}, cwd=tmp_path)
    assert profile.client_secret is not None
    assert profile.client_secret.reveal() == "hunter2"
    assert profile.sources["client_secret"] == "keyring"


def test_an_empty_keyring_gives_nothing(backend: MemoryKeyring) -> None:
    backend.set_password("tieline", "somebody else", "hunter2")
    assert secret_from_keyring("me") is None


def test_a_locked_keyring_says_so(backend: MemoryKeyring) -> None:
    backend.locked = True
    with pytest.raises(ConfigInvalid, match="KeyringLocked"):
        secret_from_keyring("me")
