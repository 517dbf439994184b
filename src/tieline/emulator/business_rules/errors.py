"""Refusals of the business rules area."""

from collections.abc import Sequence

from tieline.emulator.wire_errors import Refusal, conflict, invalid_value

Flaw = tuple[str, str]
"""A place in the request, and what is wrong there."""


def invalid(flaws: Sequence[Flaw], *, status: int = 400) -> Refusal:
    """The request breaks rules at these places; 422 where a schema is read and makes no sense."""
    place, reason = flaws[0]
    code = "invalid.value" if status == 400 else "unprocessable.entity"  # noqa: PLR2004  # Bad Request
    return Refusal(
        status,
        code,
        "{field}: {reason}",
        params={"field": place, "reason": reason},
        details=[{"errorCode": code, "fieldName": name} for name, _ in flaws[:50]],
    )


def limit_reached(key: str, value: int) -> Refusal:
    """One more than the organisation may have."""
    return Refusal(
        400,
        "limit.exceeded",
        "The limit {key} of {value} is reached.",
        params={"key": key, "value": str(value)},
        limit={"key": key, "namespace": "business.rules", "value": value},
    )


def name_taken(name: str) -> Refusal:
    """Another table has the name."""
    return conflict(f"There is a decision table named {name[:100]}.", code="name.exists")


def being_deleted(table_id: str) -> Refusal:
    """The table is on its way out."""
    return conflict("The decision table is being deleted.", entity_id=table_id)


def wrong_status(version: int, status: str, allowed: str) -> Refusal:
    """The version's status does not allow the call."""
    return conflict(f"Version {version} is {status}; this needs {allowed}.", code="version.status")


def draft_exists(version: int) -> Refusal:
    """One draft at a time."""
    return conflict(f"Version {version} is a draft already.", code="draft.exists")


def still_settling(version: int) -> Refusal:
    """Row changes are not through yet; the same call succeeds a little later."""
    return conflict(
        f"Row changes of version {version} are still being processed.", code="rows.settling"
    )


def nothing_published(table_id: str) -> Refusal:
    """The table has no published version."""
    return conflict(
        "The decision table has no published version.", code="not.published", entity_id=table_id
    )


def not_one_of(field: str, value: object, allowed: Sequence[str]) -> Refusal:
    """A word outside its enumeration."""
    return invalid_value(field, value, kind="Enum", allowed=", ".join(allowed))
