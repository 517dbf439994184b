from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.calls.pagination import (
    NumberedPages,
    Pager,
    cursor_pages,
    guide_pages,
    result_pages,
)
from tieline.errors import BadAnswer

Fetch = Callable[[Mapping[str, Any]], Any]


def walk(pager: Pager, fetch: Fetch, *, most: int = 500) -> list[Any]:
    items: list[Any] = []
    for _ in range(most):
        if pager.query is None:
            return items
        items += pager.read(fetch(pager.query))
    raise AssertionError("the listing did not end")


@given(st.integers(0, 60), st.integers(1, 25))
def test_numbered_pages_bring_every_item_once(count: int, size: int) -> None:
    def fetch(query: Mapping[str, Any]) -> Any:
        number = query["pageNumber"]
        return {
            "entities": list(range(count))[(number - 1) * size : number * size],
            "pageNumber": number,
            "pageCount": -(-count // size),
        }

    assert walk(NumberedPages(page_size=size), fetch) == list(range(count))


@given(st.integers(0, 60), st.integers(1, 25))
def test_cursor_pages_bring_every_item_once(count: int, size: int) -> None:
    def fetch(query: Mapping[str, Any]) -> Any:
        start = int(query.get("after", 0))
        page: dict[str, Any] = {"entities": list(range(count))[start : start + size]}
        if start + size < count:
            page["nextUri"] = f"/api/v2/things?after={start + size}&pageSize={size}"
        return page

    assert walk(cursor_pages(page_size=size), fetch) == list(range(count))


def test_a_cursor_is_taken_decoded_from_an_absolute_uri_too() -> None:
    pager = cursor_pages()
    pager.read({"entities": [1], "nextUri": "https://api.example/x?pageSize=1&after=a%2Fb%3D"})

    assert pager.query == {"pageSize": 100, "after": "a/b="}


@pytest.mark.parametrize("end", [None, ""])
def test_the_guides_listing_ends_with_no_next_page(end: str | None) -> None:
    pages = iter([{"entities": [1], "nextPage": "t"}, {"entities": [2], "nextPage": end}])

    assert walk(guide_pages(), lambda _: next(pages)) == [1, 2]


def test_results_of_a_job_end_without_a_cursor() -> None:
    pages = iter([{"conversations": [1], "cursor": "t"}, {"conversations": [2]}])

    assert walk(result_pages("conversations"), lambda _: next(pages)) == [1, 2]


def test_a_token_seen_before_is_an_error() -> None:
    pages = iter([{"entities": [1], "nextPage": t} for t in ("a", "b", "a")])

    with pytest.raises(BadAnswer, match="circles"):
        walk(guide_pages(), lambda _: next(pages))


def test_the_third_empty_page_that_promises_more_is_an_error() -> None:
    pages = iter([{"entities": [], "nextPage": t} for t in "abcdef"])

    with pytest.raises(BadAnswer, match="empty"):
        walk(guide_pages(), lambda _: next(pages))


def test_empty_pages_between_full_ones_are_allowed() -> None:
    pages = iter(
        {"entities": [i] if i % 3 == 0 else [], "nextPage": None if i == 12 else f"t{i}"}
        for i in range(13)
    )

    assert walk(guide_pages(), lambda _: next(pages)) == [0, 3, 6, 9, 12]


def test_a_server_that_ignores_the_page_number_is_an_error() -> None:
    with pytest.raises(BadAnswer, match="page 2"):
        walk(NumberedPages(), lambda _: {"entities": [1], "pageNumber": 1, "pageCount": 9})


def test_numbered_pages_end_at_an_empty_page_whatever_the_count_says() -> None:
    pages = iter([{"entities": [1], "pageCount": 9}, {"entities": [], "pageCount": 9}])

    assert walk(NumberedPages(), lambda _: next(pages)) == [1]


def test_without_a_count_a_missing_next_uri_ends_the_listing() -> None:
    pages = iter([{"entities": [1], "nextUri": "/x?pageNumber=2"}, {"entities": [2]}])

    assert walk(NumberedPages(), lambda _: next(pages)) == [1, 2]


def test_filters_go_with_every_page() -> None:
    pager = NumberedPages(page_size=5, extra={"name": "x*"})

    assert pager.query == {"name": "x*", "pageSize": 5, "pageNumber": 1}


BROKEN = [
    ("no object", []),
    ("nothing", None),
    ("items that are no list", {"entities": {"a": 1}}),
    ("a token that is no text", {"entities": [1], "nextPage": 7}),
]


@pytest.mark.parametrize("page", [b[1] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_what_is_no_page_is_an_error(page: Any) -> None:
    with pytest.raises(BadAnswer):
        guide_pages().read(page)


@pytest.mark.parametrize("uri", [5, "/api/v2/things?pageSize=3"])
def test_a_next_uri_without_a_cursor_is_an_error(uri: object) -> None:
    with pytest.raises(BadAnswer):
        cursor_pages().read({"entities": [1], "nextUri": uri})


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, "", "a", "b", "c", "d", "e"]))))
def test_no_listing_loops(pages: list[tuple[bool, str | None]]) -> None:
    fetched = 0
    script = iter([*pages, *[(False, "z")] * 10])

    def fetch(_: Mapping[str, Any]) -> Any:
        nonlocal fetched
        fetched += 1
        full, token = next(script)
        return {"entities": [1] if full else [], "nextPage": token}

    with suppress(BadAnswer):
        walk(guide_pages(), fetch)
    assert fetched <= 8
