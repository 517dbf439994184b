"""The organisation's limits of business rules, told under `business.rules` and enforced here."""

from tieline.emulator.business_rules import errors
from tieline.emulator.call import Call

NAMESPACE = "business.rules"
# The names of the keys are assumed; the numbers of schemas and tables are documented.
SCHEMAS, TABLES, ROWS = "schemas.max", "decision.tables.max", "decision.table.rows.max"
_DEFAULTS = {SCHEMAS: 50, TABLES: 50, ROWS: 1_000}

MOST_ADDED = 15
MOST_UPDATED = 15
MOST_REMOVED = 49
MOST_TOP_ROWS = 5
LONGEST_NAME = 100
LONGEST_REASON = 200
LONGEST_SEARCH_VALUE = 200


def limit(call: Call, key: str) -> int:
    """A limit's value: the fixture's, else the default."""
    return call.world.organization.limits.get(NAMESPACE, {}).get(key, _DEFAULTS[key])


def require_room(call: Call, key: str, count: int) -> None:
    """Let so many pass.

    Raises:
        Refusal: 400 with the limit in its body.
    """
    most = limit(call, key)
    if count > most:
        raise errors.limit_reached(key, most)
