"""Finding actions by name: people know names, calls want ids."""

from tieline.calls.operation import Answer
from tieline.dialects.entries import ActionEntry
from tieline.dialects.listing import Listing
from tieline.dialects.port import Ask


def ids_named(name: str, listing: Listing[ActionEntry]) -> Ask[tuple[str, ...]]:
    """Ask for the ids of the actions of exactly this name; lists also find names that hold it.

    The first page is enough: a hundred actions that hold one name are beyond telling apart.
    """
    pager = listing.pages()

    def read(answer: Answer) -> tuple[str, ...]:
        found = (listing.item(entry) for entry in pager.read(answer.body))
        return tuple(entry.id for entry in found if entry.name == name)

    return Ask(listing.request(pager.query or {}), read)
