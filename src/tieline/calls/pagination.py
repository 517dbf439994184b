"""Listings that come in pages, in the four ways the two surfaces have.

A pager names the query of the next page and reads the answer to it; fetching is not its job::

    pager = NumberedPages(page_size=100)
    while pager.query is not None:
        for item in pager.read(fetch(pager.query)): ...

A listing that would never end is an error: a token seen before, or three empty pages in a row
that still promise another one.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from tieline.errors import BadAnswer
from tieline.types import Json, JsonObject

Query = Mapping[str, str | int | bool]

MOST_EMPTY_PAGES = 3


class Pager(Protocol):
    """Walks one listing."""

    @property
    def query(self) -> Query | None:
        """Query parameters of the next page; None when the listing has ended."""
        ...

    def read(self, body: Json) -> Sequence[Json]:
        """Take the answer to `query`: return its items, and move on.

        Raises:
            BadAnswer: it is no page, or the listing runs in circles.
        """
        ...


class NumberedPages:
    """`pageNumber` from 1 (platform listings, guide rules). Ends at `pageCount` or an empty page.

    Where `pageCount` is missing, a missing `nextUri` ends it.
    """

    def __init__(self, *, page_size: int = 100, extra: Query | None = None) -> None:
        """Send `extra` with every page: the listing's own filters."""
        self._extra = dict(extra or {})
        self._page_size = page_size
        self._number: int | None = 1

    @property
    def query(self) -> Query | None:
        """See `Pager.query`."""
        if self._number is None:
            return None
        return {**self._extra, "pageSize": self._page_size, "pageNumber": self._number}

    def read(self, body: Json) -> Sequence[Json]:
        """See `Pager.read`."""
        page, number = _page(body), self._number or 1
        items = _items(page, "entities")
        told = page.get("pageNumber")
        if isinstance(told, int) and told != number and items:
            raise BadAnswer(f"page {number} of a listing was asked for, page {told} came")
        count = page.get("pageCount")
        more = number < count if isinstance(count, int) else bool(page.get("nextUri"))
        self._number = number + 1 if more and items else None
        return items


class TokenPages:
    """Each page names the next by a token: `after` in `nextUri`, `nextPage`, or `cursor`."""

    def __init__(
        self, parameter: str, *, items: str, page_size: int, extra: Query | None = None
    ) -> None:
        """Name the query parameter of the token, and the member of a page that holds its items."""
        self._parameter = parameter
        self._items = items
        self._fixed = {**(extra or {}), "pageSize": page_size}
        self._token: str | None = None
        self._ended = False
        self._seen: set[str] = set()
        self._empty = 0

    @property
    def query(self) -> Query | None:
        """See `Pager.query`."""
        if self._ended:
            return None
        return self._fixed if self._token is None else {**self._fixed, self._parameter: self._token}

    def read(self, body: Json) -> Sequence[Json]:
        """See `Pager.read`."""
        page = _page(body)
        items = _items(page, self._items)
        token = _after(page) if self._parameter == "after" else page.get(self._parameter)
        if token is None or token == "":
            self._ended = True
            return items
        if not isinstance(token, str):
            raise BadAnswer(f"a listing's {self._parameter} is no text")
        self._empty = 0 if items else self._empty + 1
        if token in self._seen:
            raise BadAnswer("a listing runs in circles: it names a page that was read before")
        if self._empty >= MOST_EMPTY_PAGES:
            raise BadAnswer(f"a listing promises more, but {self._empty} pages running were empty")
        self._seen.add(token)
        self._token = token
        return items


def cursor_pages(*, page_size: int = 100, extra: Query | None = None) -> TokenPages:
    """The platform's cursor listings (decision tables, credentials): `after` out of `nextUri`."""
    return TokenPages("after", items="entities", page_size=page_size, extra=extra)


def guide_pages(*, page_size: int = 100, extra: Query | None = None) -> TokenPages:
    """The guides' listings of invocations: `nextPage`."""
    return TokenPages("nextPage", items="entities", page_size=page_size, extra=extra)


def result_pages(items: str, *, page_size: int = 100) -> TokenPages:
    """Results of analytics jobs: `cursor`, items under a name of their own."""
    return TokenPages("cursor", items=items, page_size=page_size)


def _page(body: Json) -> JsonObject:
    if not isinstance(body, Mapping):
        raise BadAnswer("a page of a listing is no JSON object")
    return body


def _items(page: JsonObject, name: str) -> Sequence[Json]:
    items = page.get(name)
    if items is None:
        return ()
    if not isinstance(items, list):
        raise BadAnswer(f"a page of a listing has no list under {name!r}")
    return items


def _after(page: JsonObject) -> str | None:
    uri = page.get("nextUri")
    if uri is None or uri == "":
        return None
    if not isinstance(uri, str):
        raise BadAnswer("a listing's nextUri is no text")
    values = parse_qs(urlsplit(uri).query).get("after")
    if not values:
        raise BadAnswer("a listing's nextUri holds no `after`")
    return values[0]
