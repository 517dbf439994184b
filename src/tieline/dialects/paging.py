"""Lists page by page, as the surfaces write them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tieline.calls.operation import Answer, Request
from tieline.dialects.port import Ask, Page
from tieline.dialects.reading import Fields


def numbered(request: Request) -> Ask[Page]:
    """List by page number; it ends at `pageCount`, or with an empty page.

    A listing without `pageCount` goes on for as long as `nextUri` says so.
    """

    def read(answer: Answer) -> Page:
        fields = Fields.of(request.operation, answer)
        items = fields.objects("entities")
        number = int(fields.maybe_number("pageNumber") or request.query.get("pageNumber", 1))
        count = fields.maybe_number("pageCount")
        more = bool(fields.maybe_text("nextUri")) if count is None else number < count
        return _page(items, request, {"pageNumber": number + 1} if items and more else {}, numbered)

    return Ask(request, read)


def tokened(request: Request) -> Ask[Page]:
    """List by the token `nextPage`, null at the end. An empty page may still have a token."""

    def read(answer: Answer) -> Page:
        fields = Fields.of(request.operation, answer)
        token = fields.maybe_text("nextPage")
        items = fields.objects("entities")
        return _page(items, request, {"nextPage": token} if token else {}, tokened)

    return Ask(request, read)


def bare_or_numbered(request: Request) -> Ask[Page]:
    """List that may also be a bare JSON array, which is whole."""

    def read(answer: Answer) -> Page:
        if isinstance(answer.body, list):
            listed = Fields(request.operation.name, {"entities": answer.body})
            return Page(listed.objects("entities"), None)
        return numbered(request).read(answer)

    return Ask(request, read)


def _page(
    items: tuple[Mapping[str, object], ...],
    request: Request,
    onward: Mapping[str, str | int],
    ask: Callable[[Request], Ask[Page]],
) -> Page:
    if not onward:
        return Page(items, None)
    return Page(items, ask(replace(request, query={**request.query, **onward})))
