"""The Python of the pages about invoking runs as it stands there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tieline.emulator.server import Address, running

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {
    "tutorial/your-first-invocation.md": "platform",
    "how-to/invoke-a-function.md": "guide",
    "how-to/invoke-a-data-action.md": "platform",
    "how-to/launch-a-flow.md": "platform",
    "how-to/use-the-client.md": "platform",
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Address]:
    with running() as (_, address):
        yield address


@pytest.mark.parametrize(("page", "api"), PAGES.items())
def test_the_code_of_a_page_runs(
    page: str, api: str, emulator: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "API": api, "BASE_URL": emulator.url, "CLIENT_ID": emulator.client_id,
        "CLIENT_SECRET": emulator.client_secret, "STATE_DIR": str(tmp_path),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TIELINE_{name}", value)
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)

    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {"__name__": "page"})  # noqa: S102  # our own pages
