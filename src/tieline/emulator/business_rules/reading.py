"""What the area's calls read in the same way: the caller, a table and version of the path."""

from typing import Any, NamedTuple

from tieline.emulator import wire_errors
from tieline.emulator.business_rules import errors
from tieline.emulator.business_rules.limits import LONGEST_NAME
from tieline.emulator.business_rules.version_states import require_status
from tieline.emulator.call import Call
from tieline.emulator.tables import Document


class Place(NamedTuple):
    """The table and the version that a path names."""

    table: Document
    version: Document

    @property
    def effect(self) -> str:
        """How the journal names the version."""
        return f"{self.table['id']}:{self.version['version']}"


def author(call: Call) -> dict[str, str]:
    """The caller, as what it makes refers to it."""
    client = call.token.client_id if call.token is not None else ""
    return {"id": client, "selfUri": f"/api/v2/oauth/clients/{client}"}


def version_to_read(call: Call) -> Place:
    """The version of the path.

    Raises:
        Refusal: 404.
    """
    state = call.world.business_rules
    table = state.table(call.path[0], now=call.now)
    return Place(table, state.version(table, call.path[1]))


def version_to_change(call: Call, *statuses: str) -> Place:
    """The version of the path, when it has one of these statuses.

    Raises:
        Refusal: 404; 409 for another status, or while the table is being deleted.
    """
    state = call.world.business_rules
    table = state.table_to_change(call.path[0], now=call.now)
    place = Place(table, state.version(table, call.path[1]))
    if statuses:
        require_status(place.version, *statuses, now=call.now)
    return place


def name_of(call: Call) -> str:
    """The `name` of the body, 1 to 100 characters that no other table has.

    Raises:
        Refusal: 400, 409.
    """
    call.require("name")
    name = call.text("name", longest=LONGEST_NAME)
    if not name:
        raise wire_errors.missing_fields("name")
    return name


def whole(field: str, value: Any, *, least: int = 1, most: int | None = None) -> int:
    """A whole number in a range.

    Raises:
        Refusal: 400.
    """
    number = isinstance(value, int) and not isinstance(value, bool)
    if number and least <= value and (most is None or value <= most):
        return int(value)
    allowed = f"{least} or more" if most is None else f"{least} to {most}"
    raise wire_errors.invalid_value(field, value, kind="Integer", allowed=allowed)


def items(call: Call, field: str, *, most: int) -> list[Any]:
    """A list of the body with 1 to `most` entries.

    Raises:
        Refusal: 400.
    """
    found = call.require(field)[field]
    if not isinstance(found, list) or not 1 <= len(found) <= most:
        raise errors.invalid([(field, f"1 to {most} entries")])
    return found
