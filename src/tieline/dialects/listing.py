"""A list of a surface, as data: the call, the way its pages follow each other, and its items."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tieline.calls.operation import Operation, Request
from tieline.calls.pagination import NumberedPages, Pager, Query
from tieline.dialects.reading import Fields
from tieline.types import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """`pages` makes a pager, which walks the list once; a second walk takes a second pager."""

    operation: Operation
    pages: Callable[[], Pager]
    read: Callable[[Fields], T]
    path: Mapping[str, str] = field(default_factory=dict)

    def request(self, query: Query) -> Request:
        """Ask for the page that the pager names."""
        return Request(self.operation, path=self.path, query=query)

    def item(self, entry: Json) -> T:
        """Read one entry of a page.

        Raises:
            BadAnswer: it is no object, or lacks what every entry has.
        """
        return self.read(Fields.entry(self.operation, entry))


class BareOrNumbered:
    """A list that is one JSON array, or pages by number: the guides leave it open for actions."""

    def __init__(self, *, extra: Query) -> None:
        """Send only `extra` with the first request: the guides' call knows no page parameters."""
        self._numbered = NumberedPages(extra=extra)
        self._first: Query | None = dict(extra)
        self._whole = False

    @property
    def query(self) -> Query | None:
        """See `Pager.query`."""
        if self._whole:
            return None
        return self._numbered.query if self._first is None else self._first

    def read(self, body: Json) -> Sequence[Json]:
        """See `Pager.read`."""
        self._first = None
        if isinstance(body, list):
            self._whole = True
            return body
        return self._numbered.read(body)
