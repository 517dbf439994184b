"""The three ways in which lists are cut into pages here; each answers with its own fields."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from tieline.emulator import wire_errors
from tieline.emulator.call import Call

DEFAULT_SIZE = 25
LARGEST_SIZE = 100

# More digits than any list here has entities, and few enough for int() at any time.
_NUMBER = re.compile(r"[0-9]{1,10}")


def numbered_page(
    call: Call, entities: Sequence[Any], *, uris: str | None = None, largest: int = LARGEST_SIZE
) -> dict[str, Any]:
    """Cut by page number, from 1; past the end a page is empty.

    `uris` is the path for `firstUri`, `selfUri`, `nextUri`, `previousUri`, `lastUri`; without it
    the answer has none, as the platform's list of categories.

    Raises:
        Refusal: 400 for a size or number out of range.
    """
    size = whole_number(call, "pageSize", default=DEFAULT_SIZE, largest=largest)
    number = whole_number(call, "pageNumber", default=1, largest=2**31 - 1)
    count = -(-len(entities) // size)
    page: dict[str, Any] = {
        "entities": entities[(number - 1) * size : number * size],
        "pageSize": size,
        "pageNumber": number,
        "total": len(entities),
        "pageCount": count,
    }
    if uris is not None:
        page |= _uris(call, uris, size=size, number=number, count=count)
    return page


def cursor_page(
    call: Call, entities: Sequence[Any], *, path: str, largest: int = LARGEST_SIZE
) -> dict[str, Any]:
    """Cut by the platform's opaque `after` and `before`; no total, no `nextUri` on the last page.

    Raises:
        Refusal: 400 for a size out of range or a cursor that was never given.
    """
    size = whole_number(call, "pageSize", default=DEFAULT_SIZE, largest=largest)
    start = place(call, "after", letter="c", kind="cursor")
    before = place(call, "before", letter="c", kind="cursor")
    if before:
        start, size = max(0, before - size), min(size, before)
    kept = [
        (k, v)
        for k, values in call.query.items()
        for v in values
        if k not in {"after", "before", "pageSize"}
    ]

    def uri(begin: int) -> str:
        cursor = [("after", f"c{begin}")] if begin else []
        return f"{path}?{urlencode([*kept, *cursor, ('pageSize', size)])}"

    end = start + size
    page: dict[str, Any] = {"entities": entities[start:end], "selfUri": uri(start)}
    if end < len(entities):
        page["nextUri"] = uri(end)
    if start:
        page["previousUri"] = uri(max(0, start - size))
    return page


def token_page(call: Call, entities: Sequence[Any]) -> dict[str, Any]:
    """Cut by the guides' opaque `nextPage`, null on the last page.

    Raises:
        Refusal: 400 for a size out of range or a token that was never given.
    """
    size = whole_number(call, "pageSize", default=DEFAULT_SIZE, largest=LARGEST_SIZE)
    start = place(call, "nextPage", letter="p", kind="token")
    end = start + size
    more = f"p{end}" if end < len(entities) else None
    return {"entities": entities[start:end], "nextPage": more}


def whole_number(call: Call, name: str, *, default: int, largest: int) -> int:
    """A positive whole number of the query.

    Raises:
        Refusal: 400 `invalid.value`.
    """
    text = call.one(name)
    if text is None or text == "":
        return default
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= largest:
        raise wire_errors.invalid_value(name, text, kind="Integer", allowed=f"1 to {largest}")
    return int(text)


def place(call: Call, name: str, *, letter: str, kind: str) -> int:
    """How many entities come before the place that a cursor names; 0 without a cursor.

    Raises:
        Refusal: 400 for a cursor that was never given.
    """
    cursor = call.one(name)
    if not cursor:
        return 0
    if cursor[0] != letter or not _NUMBER.fullmatch(cursor[1:]):
        raise wire_errors.invalid_value(name, cursor, kind=kind, allowed="one given")
    return int(cursor[1:])


def _uris(call: Call, path: str, *, size: int, number: int, count: int) -> dict[str, str]:
    kept = [
        (k, v) for k, vs in call.query.items() for v in vs if k not in {"pageSize", "pageNumber"}
    ]

    def uri(page: int) -> str:
        return f"{path}?{urlencode([*kept, ('pageSize', size), ('pageNumber', page)])}"

    last = max(1, count)
    uris = {"firstUri": uri(1), "selfUri": uri(number), "lastUri": uri(last)}
    if number < count:
        uris["nextUri"] = uri(number + 1)
    if number > 1:
        uris["previousUri"] = uri(min(number - 1, last))
    return uris
