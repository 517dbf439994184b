from collections.abc import Mapping
from typing import Any

import anyio

from tieline.dashboard.page import Frame, Page, Panel, full, news
from tieline.errors import StoreUnavailable

FRAME = Frame("/srv/state", has_token=False)


class Told:
    """A panel's content that a test changes."""

    def __init__(self, **context: Any) -> None:
        self.context = context

    async def __call__(self) -> Mapping[str, Any]:
        return self.context


def page(*panels: Panel) -> Page:
    return Page("Overview", "/", panels)


def test_a_page_that_did_not_change_has_no_news_and_one_that_did_only_the_panel_that_did() -> None:
    one, other = Told(charts=[], nothing="one"), Told(hints=[])
    shown = page(Panel("charts", "One", one), Panel("commands", "Other", other))

    async def look() -> tuple[str | None, str | None, str]:
        whole = await full(shown, FRAME, live_address="/live/?seen=")
        seen = whole.partition("/live/?seen=")[2].partition('"')[0]
        nothing = await news(shown, seen=seen, live_address="/live/?seen=")
        one.context = {"charts": [], "nothing": "another"}
        return nothing, await news(shown, seen=seen, live_address="/live/?seen="), whole

    nothing, changed, whole = anyio.run(look)

    assert nothing is None
    assert changed is not None
    assert ("panel-charts" in changed, "panel-commands" in changed) == (True, False)
    assert 'id="poller"' in changed
    assert "panel-commands" in whole


def test_a_panel_that_cannot_be_read_says_so_and_the_others_stand() -> None:
    async def broken() -> Mapping[str, Any]:
        raise StoreUnavailable("the ledger at <b>x</b> cannot be read", hint="look")

    shown = page(
        Panel("runs", "Runs", broken), Panel("charts", "Charts", Told(charts=[], nothing="there"))
    )

    async def look() -> str:
        return await full(shown, FRAME, live_address="/live/?seen=")

    html = anyio.run(look)

    assert "the ledger at &lt;b&gt;x&lt;/b&gt; cannot be read" in html
    assert "there" in html
