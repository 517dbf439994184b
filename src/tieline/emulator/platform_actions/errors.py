"""Refusals of a registration."""

from tieline.emulator.wire_errors import Refusal, conflict


def not_custom(name: str) -> Refusal:
    """Only names with the prefix may be registered."""
    return Refusal(
        403,
        "not.authorized",
        "The name {name} does not start with custom_.",
        params={"name": name[:80]},
    )


def exists(name: str, version: str) -> Refusal:
    """This very revision was registered before, and revisions never change."""
    return conflict(f"{name} {version} is registered already.", code="action.version.exists")


def unusable_schema(field: str, reason: str) -> Refusal:
    """What was sent is no JSON Schema."""
    return Refusal(
        400,
        "invalid.schema",
        "{field} cannot be used: {reason}",
        params={"field": field, "reason": reason[:200]},
        details=[{"errorCode": "invalid.schema", "fieldName": f"actionDefinition.{field}"}],
    )
