"""A page made of panels; a live page is asked again for those panels that changed.

The browser says which panels it has, by the hashes of their HTML. What comes back are the panels
that are another by now and the next question; nothing (204) where nothing changed.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, DictLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tieline._version import __version__
from tieline.dashboard.assets import address
from tieline.dashboard.showing import visible
from tieline.errors import Error

Load = Callable[[], Awaitable[Mapping[str, Any]]]

_PANEL = re.compile(r"^\{# panel: ([a-z]+) #\}\n", re.MULTILINE)

NAVIGATION = (
    ("/", "Overview"),
    ("/runs", "Runs"),
    ("/audit", "Audit log"),
    ("/rules", "Rules"),
    ("/webhooks", "Webhooks"),
    ("/activity", "Metrics"),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: `panels/<name>.html` over what `load` gives. `wide` takes the whole row."""

    name: str
    title: str
    load: Load
    wide: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """What one address shows. `nav` is the entry of the navigation it belongs to.

    `live` pages are asked for news; a list that somebody reads through is not moved under them.
    """

    title: str
    nav: str
    panels: Sequence[Panel]
    live: bool = True
    lead: str = ""
    crumbs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel as HTML, and the hash by which it is known again."""

    name: str
    html: Markup
    hash: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of one dashboard says of itself."""

    place: str
    has_token: bool
    version: str = __version__
    navigation: Sequence[tuple[str, str]] = field(default=NAVIGATION)


@cache
def environment() -> Environment:
    """The templates: everything is escaped, a name that is not there is an error."""
    made = Environment(
        loader=ChoiceLoader([DictLoader(_panel_templates()), PackageLoader("tieline.dashboard")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["segment"] = lambda value: quote(str(value), safe="")
    made.filters["shown"] = visible
    made.globals["asset"] = address
    return made


def _panel_templates() -> dict[str, str]:
    """The panels by name; a file of `templates/panels` holds those of one page."""
    found: dict[str, str] = {}
    for file in (files("tieline.dashboard") / "templates" / "panels").iterdir():
        parts = _PANEL.split(file.read_text("utf-8"))
        found |= {
            f"panels/{name}.html": text for name, text in zip(parts[1::2], parts[2::2], strict=True)
        }
    return found


async def show(panel: Panel) -> Shown:
    """One panel. What cannot be read is said in its place; the rest of the page stands."""
    template = f"panels/{panel.name}.html"
    try:
        context = await panel.load()
    except Error as error:
        template, context = "panels/problem.html", {"error": error}
    html = environment().get_template(template).render(panel=panel, **context)
    return Shown(panel.name, Markup(html), hashlib.sha256(html.encode()).hexdigest()[:12])  # noqa: S704  # made by autoescaping templates


async def full(page: Page, frame: Frame, *, live_address: str) -> str:
    """The whole page; `live_address` is where it asks for news."""
    shown = [await show(panel) for panel in page.panels]
    return (
        environment()
        .get_template("page.html")
        .render(page=page, frame=frame, shown=shown, live_address=live_address, seen=_seen(shown))
    )


async def news(page: Page, *, seen: str, live_address: str) -> str | None:
    """The panels that are not as the browser has them; None where all are."""
    had = set(seen.split("."))
    shown = [await show(panel) for panel in page.panels]
    changed = [one for one in shown if one.hash not in had]
    if not changed:
        return None
    return (
        environment()
        .get_template("news.html")
        .render(page=page, changed=changed, live_address=live_address, seen=_seen(shown))
    )


def plain(template: str, frame: Frame, **context: Any) -> str:
    """A page without panels: the form for the token, and what is said of errors."""
    return environment().get_template(template).render(frame=frame, **context)


def _seen(shown: Sequence[Shown]) -> str:
    return ".".join(one.hash for one in shown)
