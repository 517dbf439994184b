"""No secret is in a file that the acceptance tests left: looked at once, at the end."""

from collections.abc import Iterator

import canaries
import pytest


@pytest.fixture(scope="session", autouse=True)
def nothing_secret_is_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Covers state directories, audit segments, ledgers, outboxes and captured logs alike."""
    yield
    found = list(canaries.leaks(tmp_path_factory.getbasetemp()))
    assert not found, found
