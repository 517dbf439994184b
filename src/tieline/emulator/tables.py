"""A collection of JSON documents by id, as the state keeps and dumps them."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from tieline.emulator import wire_errors
from tieline.types import JsonObject

Document = dict[str, Any]

# The key under which a document keeps what only the emulator needs; it never goes on the wire.
PRIVATE = "emulator"


class Table:
    """Documents by id, in the order they were created."""

    __slots__ = ("_documents",)

    def __init__(self, documents: Iterable[JsonObject] = ()) -> None:
        """Keeps copies: what is handed in stays the caller's."""
        self._documents: dict[str, Document] = {d["id"]: deepcopy(dict(d)) for d in documents}

    def __iter__(self) -> Iterator[Document]:
        return iter(self._documents.values())

    def __len__(self) -> int:
        return len(self._documents)

    def find(self, document_id: str) -> Document | None:
        """The live document, or None."""
        return self._documents.get(document_id)

    def get(self, document_id: str) -> Document:
        """The live document.

        Raises:
            Refusal: 404; the answer names the id, cut to 80 characters.
        """
        found = self._documents.get(document_id)
        if found is None:
            raise wire_errors.not_found(document_id[:80])
        return found

    def put(self, document: Document) -> Document:
        """Add a document, or replace the one with its id."""
        self._documents[document["id"]] = document
        return document

    def remove(self, document_id: str) -> None:
        """Take a document out; unknown ids are fine."""
        self._documents.pop(document_id, None)

    def dump(self) -> list[Document]:
        """Copies of all documents, in order."""
        return deepcopy(list(self._documents.values()))


def private(document: JsonObject) -> JsonObject:
    """What only the emulator needs to know of a document."""
    found: JsonObject = document.get(PRIVATE, {})
    return found


def on_wire(document: JsonObject) -> Document:
    """The document as it is answered."""
    return {name: value for name, value in document.items() if name != PRIVATE}
