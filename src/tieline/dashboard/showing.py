"""Turning values into text that is safe and pleasant to look at. Pure.

Escaping for HTML is the templates' work; this makes sure that what is shown is what stands there: a
control character, an invisible one or one that turns the direction of text is written out.
"""

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from tieline.types import Json

LONGEST_TEXT = 200
LONGEST_VALUE = 2_000
LONGEST_DOCUMENT = 60_000
MOST_MEMBERS = 200
DEEPEST = 12
# More marks on one letter than any script stacks would paint over the lines around.
MOST_MARKS = 4

# Bidirectional controls, zero-width characters, separators of lines and paragraphs: format
# characters (Cf) that text is better read without.
_WRITTEN_OUT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset("\n\t")


def visible(text: str, *, most: int = LONGEST_TEXT, keep: frozenset[str] = frozenset()) -> str:
    """The text with whatever cannot be seen written out, `⟨U+202E⟩`; cut to `most` characters.

    A cut says how long the whole is. `keep` are control characters that may stay.
    """
    shown: list[str] = []
    marks = 0
    for character in islice(text, most):
        category = unicodedata.category(character) if character > "~" or character < " " else "L"
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > MOST_MARKS:
            continue
        hidden = category in _WRITTEN_OUT and character not in keep
        shown.append(f"⟨U+{ord(character):04X}⟩" if hidden else character)
    cut = f"… ({len(text):,} characters)" if len(text) > most else ""
    return "".join(shown) + cut


def document(value: Json) -> str:
    """A JSON value laid out for reading; what is cut, long or deeply nested, says so."""
    text = json.dumps(_bounded(value, 0), ensure_ascii=False, indent=2, default=str)
    return visible(text, most=LONGEST_DOCUMENT, keep=_KEPT)


def number(value: float) -> str:
    """`12,345`; with one decimal below a hundred where there is one."""
    if float(value).is_integer() or abs(value) >= 100:  # noqa: PLR2004  # three digits say enough
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def counted(value: int, most: int) -> str:
    """A number that was counted to `most` only: `1,000+`."""
    return f"{value:,}+" if value >= most else f"{value:,}"


def span(seconds: float) -> str:
    """A length of time in its two largest units: `2 min 05 s`."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def milliseconds(value: float) -> str:
    """A latency: `850 µs`, `12.3 ms`, `1.24 s`, `2 min 05 s`."""
    if value < 1:
        return f"{value * 1000:.0f} µs"
    if value < 1000:  # noqa: PLR2004  # below a second
        return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"  # noqa: PLR2004  # 3 digits
    return f"{value / 1000:.2f} s" if value < 60_000 else span(value / 1000)  # noqa: PLR2004  # a minute


def moment(wall: float | None) -> str:
    """Wall seconds as `2026-01-31 12:00:00`, UTC; nothing for None."""
    if wall is None:
        return ""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%d %H:%M:%S")


def record_time(text: object) -> str:
    """A record's own RFC 3339 time without its T and Z; whatever else it is, made visible."""
    shown = visible(str(text), most=40)
    return shown[:19].replace("T", " ") if shown[10:11] == "T" else shown


def _bounded(value: Json, depth: int) -> Json:
    match value:
        case str():
            return visible(value, most=LONGEST_VALUE, keep=_KEPT)
        case Mapping():
            return _bounded_object(value, depth)
        case list() | tuple():
            if depth >= DEEPEST:
                return f"… (a list of {len(value):,})"
            shown = [_bounded(item, depth + 1) for item in value[:MOST_MEMBERS]]
            more = len(value) - len(shown)
            return [*shown, f"… ({more:,} more)"] if more else shown
    return value


def _bounded_object(value: Mapping[Any, Any], depth: int) -> Json:
    if depth >= DEEPEST:
        return f"… (an object of {len(value):,})"
    shown: dict[str, Json] = {
        visible(str(key)): _bounded(item, depth + 1)
        for key, item in islice(value.items(), MOST_MEMBERS)
    }
    if len(value) > MOST_MEMBERS:
        shown["…"] = f"{len(value) - MOST_MEMBERS:,} more"
    return shown
