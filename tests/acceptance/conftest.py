"""No secret and no made-up person is in a file that the acceptance tests leave."""

from collections.abc import Iterator

import canaries
import pytest


@pytest.fixture(scope="module", autouse=True)
def nothing_secret_is_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Covers state directories, audit segments, ledgers, outboxes and captured logs alike.

    Looks at what a module's own tests made: the same process runs tests of other folders as well.
    """
    base = tmp_path_factory.getbasetemp()
    before = set(base.iterdir())
    yield
    made = [folder for folder in base.iterdir() if folder not in before and not folder.is_symlink()]
    found = [leak for folder in made for leak in canaries.leaks(folder)]
    assert not found, found
