"""Zips on their way to a draft's function, and the code that arrived.

    url given ──PUT──▶ Pending → Transferring → Available | Invalid | InvalidFormat | InvalidFile

What a zip comes to is decided when its bytes arrive, and told when its time has passed.
"""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from tieline.contracts.function_archive import ArchiveRefused, read_archive
from tieline.emulator.clock import iso
from tieline.emulator.machine import Machine
from tieline.emulator.tables import Document, Table
from tieline.types import JsonObject

MACHINE = Machine((("Pending", 0.2), ("Transferring", 0.4)))
AVAILABLE = "Available"
_REFUSED_AS = {"format": "InvalidFormat", "file": "InvalidFile", "layout": "Invalid"}
_LONGEST_HISTORY = 10


@dataclass(frozen=True, slots=True)
class FunctionZip:
    """The zip of a function; `digest` is the SHA-256 of its bytes."""

    digest: str
    encoded: str

    def content(self) -> bytes:
        """The bytes, decoded anew each time."""
        return base64.b64decode(self.encoded)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Bytes that came for an upload, and why they are refused if they are."""

    zip: FunctionZip
    refused: ArchiveRefused | None


class FunctionsState:
    """Uploads by the id of their zip."""

    def __init__(self, document: JsonObject) -> None:
        self.uploads = Table(document.get("function_uploads", ()))

    def dump(self) -> dict[str, Any]:
        """The fixture form; a zip that is Available is in it as base64."""
        return {"function_uploads": self.uploads.dump()}

    def offer(
        self, action_id: str, file_name: str, *, headers: JsonObject, now: float, expires: float
    ) -> Document:
        """Note an upload that may come until `expires`; its `token` is the secret of its URL."""
        return self.uploads.put(
            {
                "id": str(uuid.uuid4()),
                "token": secrets.token_urlsafe(24),
                "action_id": action_id,
                "name": file_name,
                "headers": dict(headers),
                "created": iso(now),
                "expires": expires,
                "started": None,
                "seconds": MACHINE.seconds({}),
                "end": None,
                "error": None,
                "content": None,
            }
        )

    def by_token(self, token: str) -> Document | None:
        """The upload that a URL is for."""
        return next((each for each in self.uploads if each["token"] == token), None)

    def accept(self, upload: Document, arrived: Arrived, *, now: float) -> None:
        """Take the bytes of an upload; sent again, they take the place of those before."""
        refused = arrived.refused
        upload["started"] = now
        upload["end"] = AVAILABLE if refused is None else _REFUSED_AS[refused.fault]
        upload["error"] = None if refused is None else refused.message
        upload["content"] = arrived.zip.encoded if refused is None else None
        upload["sha256"] = arrived.zip.digest

    def settle(self, action: Document, *, now: float) -> None:
        """Give a draft's function its zip once that is Available."""
        upload = self.uploads.find(action.get("upload") or "")
        if upload is not None and self._status(upload, now=now) == AVAILABLE:
            action["function"] = {**(action.get("function") or {}), "zipId": upload["id"]}

    def zip_of(self, action: Document, *, now: float) -> Document | None:
        """The zip of an action's function as it is answered; one of the fixture is Available."""
        upload = self.uploads.find(action.get("upload") or "")
        if upload is not None:
            return self._view(upload, now=now)
        zip_id = (action.get("function") or {}).get("zipId")
        return zip_id and {"id": zip_id, "name": "function.zip", "status": AVAILABLE}

    def history(self, action_id: str, *, now: float) -> list[Document]:
        """Uploads of an action that were refused, newest first."""
        told = [self._view(each, now=now) for each in self.uploads
                if each["action_id"] == action_id and each["started"] is not None]  # fmt: skip
        refused = [each for each in reversed(told) if each["status"].startswith("Invalid")]
        return refused[:_LONGEST_HISTORY]

    def code_of(self, action: Document) -> FunctionZip | None:
        """The zip that was uploaded for an action's function; None where the fixture's stands."""
        zip_id = (action.get("function") or {}).get("zipId")
        upload = self.uploads.find(zip_id or "")
        if upload is None or upload["content"] is None:
            return None
        if "sha256" not in upload:
            content = base64.b64decode(upload["content"])
            upload["sha256"] = hashlib.sha256(content).hexdigest()
        return FunctionZip(upload["sha256"], upload["content"])

    def tidy(self, action: Document) -> None:
        """Forget the uploads of an action that was published, but for its code."""
        kept = (action.get("function") or {}).get("zipId")
        for upload in list(self.uploads):
            if upload["action_id"] == action["id"] and upload["id"] != kept:
                self.uploads.remove(upload["id"])

    def _status(self, upload: Document, *, now: float) -> str:
        return MACHINE.of(upload, now=now).status if upload["started"] is not None else "Unknown"

    def _view(self, upload: Document, *, now: float) -> Document:
        status = self._status(upload, now=now)
        body = {
            "id": upload["id"],
            "name": upload["name"],
            "status": status,
            "dateCreated": upload["created"],
            "requestId": upload["id"],
        }
        if status == upload["end"] and upload["error"] is not None:
            body["errorMessage"] = upload["error"]
        return body


def receive(content: bytes) -> Arrived:
    """Judge the bytes of an upload and make them ready to be kept; up to seconds of work."""
    code = FunctionZip(hashlib.sha256(content).hexdigest(), base64.b64encode(content).decode())
    return Arrived(code, _judge(content))


def _judge(content: bytes) -> ArchiveRefused | None:
    """Why a zip is refused; None for a good one. Every byte is decompressed, one file at a time."""
    try:
        for _ in read_archive(content).read():
            pass
    except ArchiveRefused as refused:
        return refused
    return None
