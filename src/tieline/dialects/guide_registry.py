"""The guides' registry of data actions: a name and a version are registered once and never change.

Registering is not idempotent by itself, but a second registration of a version is refused (409):
a lost answer is settled by reading the registry.
"""

from tieline.calls.operation import Operation, Request
from tieline.types import JsonObject

_PATH = "/api/v2/platform/actions"

ACTIONS_REGISTER = Operation(
    "actions.register", "POST", _PATH, idempotent=False, dialect="guide",
    scopes=("platform:action:write",),
)  # fmt: skip
ACTIONS_REGISTERED = Operation(
    "actions.registered", "GET", _PATH, idempotent=True, dialect="guide",
    scopes=("platform:action:read",),
)  # fmt: skip
ACTIONS_VERSIONS = Operation(
    "actions.versions", "GET", f"{_PATH}/{{id}}/versions", idempotent=True, dialect="guide",
    scopes=("platform:action:read",),
)  # fmt: skip

OPERATIONS = (ACTIONS_REGISTER, ACTIONS_REGISTERED, ACTIONS_VERSIONS)


def registered(name: str) -> Request:
    """List what is registered under a name."""
    return Request(ACTIONS_REGISTERED, query={"name": name})


def versions(action_id: str) -> Request:
    """List the versions of a registered action."""
    return Request(ACTIONS_VERSIONS, {"id": action_id})


def register(definition: JsonObject) -> Request:
    """Register one version."""
    return Request(ACTIONS_REGISTER, body={"actionDefinition": dict(definition)})
