"""The states of a table's versions.

    POST table ─► v1 Draft            POST versions / copy ─► vN Preparing ─► Draft (or Error)
    Draft ─publish─► Published        the Published one before ─► Superseded, at the same instant
    Superseded ─rollback─► Published  the Published one before ─► Superseded
    Draft, Error ─DELETE─► gone

A version keeps when it `started`, how long it prepares, and the status at its `end`; a publish or
rollback changes that end. Numbers are never used again.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from tieline.emulator.business_rules import errors
from tieline.emulator.clock import iso
from tieline.emulator.machine import Machine
from tieline.emulator.tables import Document, private
from tieline.types import JsonObject

MACHINE = Machine((("Preparing", 1.0),))


def status_of(version: JsonObject, *, now: float) -> str:
    """The status at a moment."""
    return MACHINE.of(version, now=now).status


def require_status(version: JsonObject, *allowed: str, now: float) -> None:
    """Let a version of one of these statuses pass.

    Raises:
        Refusal: 409 for any other.
    """
    status = status_of(version, now=now)
    if status not in allowed:
        raise errors.wrong_status(version["version"], status, " or ".join(allowed))


def published_of(table: JsonObject) -> Document | None:
    """The version that executions use."""
    return next((v for v in table["versions"] if v["end"] == "Published"), None)


def draft_of(table: JsonObject) -> Document | None:
    """The version that is a draft or is to become one."""
    return next((v for v in table["versions"] if v["end"] == "Draft"), None)


def add_version(
    table: Document,
    rows: Iterable[JsonObject],
    *,
    schema_version: int,
    author: JsonObject,
    now: float,
    prepare_seconds: float,
) -> Document:
    """Start a version with these rows, as a draft once it is prepared.

    A table of a fixture whose `emulator` has `prepare_ends: Error` never gets there.

    Raises:
        Refusal: 409 when there is a draft.
    """
    existing = draft_of(table)
    if existing is not None:
        raise errors.draft_exists(existing["version"])
    table["last_version"] = number = table.get("last_version", 0) + 1
    ends = private(table).get("prepare_ends", "Draft") if prepare_seconds else "Draft"
    version: Document = {
        "version": number,
        "started": now,
        "seconds": [prepare_seconds],
        "end": ends,
        "settles": now,
        "schema_version": schema_version,
        "dateCreated": iso(now),
        "dateModified": iso(now),
        "createdBy": dict(author),
        "rows": [{**row, "id": str(uuid.uuid4())} for row in rows],
    }
    table["versions"].append(version)
    return version


def make_published(
    table: JsonObject, version: Document, *, author: JsonObject, now: float, reason: str | None
) -> None:
    """Let executions use this version; the one before is superseded and loses its reason."""
    before = published_of(table)
    if before is not None:
        before["end"] = "Superseded"
        before.pop("rollbackReason", None)
    stamp: dict[str, Any] = {"datePublished": iso(now), "publishedBy": dict(author)}
    version.update(stamp, end="Published", dateModified=iso(now))
    if reason is not None:
        version["rollbackReason"] = reason


def rows_changed(version: Document, *, now: float, settle_seconds: float) -> None:
    """Note a change of rows; until it has settled the version cannot be published."""
    version["dateModified"] = iso(now)
    version["settles"] = now + settle_seconds
