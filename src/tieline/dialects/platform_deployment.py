"""The platform's calls that deploy a data action: integration, draft, validation, publish.

Every change of a draft carries the version it was made from; a mismatch is a conflict and nothing
is changed. Creating is not idempotent: a lost answer is settled by looking the name up.
"""

from typing import Any

from tieline.calls.operation import Operation, Request
from tieline.types import JsonObject

_ACTIONS = "/api/v2/integrations/actions"
_EDIT = ("integrations:action:edit",)
_VIEW = ("integrations:action:view",)


def _operation(name: str, method: Any, path: str, *permissions: str, idempotent: bool) -> Operation:
    return Operation(name, method, path, idempotent, "platform", permissions)


INTEGRATIONS_LIST = _operation(
    "integrations.list", "GET", "/api/v2/integrations", "integrations:integration:view",
    idempotent=True,
)  # fmt: skip
# Two integrations of one name are allowed, so a second request would make a second one.
INTEGRATIONS_CREATE = _operation(
    "integrations.create", "POST", "/api/v2/integrations", "integrations:integration:add",
    idempotent=False,
)  # fmt: skip
INTEGRATIONS_ENABLE = _operation(
    "integrations.enable", "PATCH", "/api/v2/integrations/{id}", "integrations:integration:edit",
    idempotent=True,
)  # fmt: skip
INTEGRATIONS_CONFIG = _operation(
    "integrations.config", "GET", "/api/v2/integrations/{id}/config/current",
    "integrations:integration:view", idempotent=True,
)  # fmt: skip
# It names the version it was made from: repeated, it meets a newer one, which is a conflict.
INTEGRATIONS_CONFIGURE = _operation(
    "integrations.configure", "PUT", "/api/v2/integrations/{id}/config/current",
    "integrations:integration:edit", idempotent=False,
)  # fmt: skip
ACTIONS_FIND = _operation("actions.find", "GET", _ACTIONS, *_VIEW, idempotent=True)
DRAFTS_FIND = _operation("actions.drafts", "GET", f"{_ACTIONS}/drafts", *_VIEW, idempotent=True)
DRAFTS_GET = _operation(
    "actions.draft.get", "GET", f"{_ACTIONS}/{{id}}/draft", *_VIEW, idempotent=True
)
DRAFTS_CREATE = _operation(
    "actions.draft.create", "POST", f"{_ACTIONS}/drafts", "integrations:action:add",
    idempotent=False,
)  # fmt: skip
# A second draft of an action is refused with 409, so repeating it makes nothing twice.
DRAFTS_OPEN = _operation(
    "actions.draft.open", "POST", f"{_ACTIONS}/{{id}}/draft", *_EDIT, idempotent=True
)
# Repeated after a lost answer these meet a version that moved on, which is a conflict, not damage.
DRAFTS_CHANGE = _operation(
    "actions.draft.change", "PATCH", f"{_ACTIONS}/{{id}}/draft", *_EDIT, idempotent=False
)
DRAFTS_VALIDATE = _operation(
    "actions.draft.validate", "GET", f"{_ACTIONS}/{{id}}/draft/validation", *_EDIT, idempotent=True
)
DRAFTS_TEST = _operation(
    "actions.draft.test", "POST", f"{_ACTIONS}/{{id}}/draft/test", "integrations:action:execute",
    idempotent=False,
)  # fmt: skip
DRAFTS_PUBLISH = _operation(
    "actions.draft.publish", "POST", f"{_ACTIONS}/{{id}}/draft/publish", *_EDIT, idempotent=False
)
DRAFTS_DELETE = _operation(
    "actions.draft.delete", "DELETE", f"{_ACTIONS}/{{id}}/draft", "integrations:action:delete",
    idempotent=True,
)  # fmt: skip
ACTIONS_RENAME = _operation(
    "actions.rename", "PATCH", f"{_ACTIONS}/{{id}}", *_EDIT, idempotent=False
)
TEMPLATES_GET = _operation(
    "actions.template", "GET", f"{_ACTIONS}/{{id}}/templates/{{file}}", *_VIEW, idempotent=True
)

OPERATIONS = (
    INTEGRATIONS_LIST, INTEGRATIONS_CREATE, INTEGRATIONS_ENABLE, INTEGRATIONS_CONFIG,
    INTEGRATIONS_CONFIGURE, ACTIONS_FIND, DRAFTS_FIND,
    DRAFTS_GET, DRAFTS_CREATE, DRAFTS_OPEN, DRAFTS_CHANGE, DRAFTS_VALIDATE, DRAFTS_TEST,
    DRAFTS_PUBLISH, DRAFTS_DELETE, ACTIONS_RENAME, TEMPLATES_GET,
)  # fmt: skip

WHOLE: dict[str, str | int | bool] = {"expand": "contract", "includeConfig": True}
INTEGRATION_TYPE = "custom-rest-actions"
# The one slot of a web-services integration; a userDefined credential goes there too.
CREDENTIAL_SLOT = "basicAuth"


def integrations() -> Request:
    """List the web-services integrations."""
    query: dict[str, str | int | bool] = {"integrationType": INTEGRATION_TYPE, "pageSize": 100}
    return Request(INTEGRATIONS_LIST, query=query)


def create_integration(name: str) -> Request:
    """Make a web-services integration; it starts disabled."""
    body = {"name": name, "integrationType": {"id": INTEGRATION_TYPE}}
    return Request(INTEGRATIONS_CREATE, body=body)


def enable_integration(integration_id: str) -> Request:
    """Enable an integration, without which its actions cannot be executed."""
    return Request(INTEGRATIONS_ENABLE, {"id": integration_id}, body={"intendedState": "ENABLED"})


def integration_config(integration_id: str) -> Request:
    """Read an integration's configuration, which refers to its credential."""
    return Request(INTEGRATIONS_CONFIG, {"id": integration_id})


def refer_to_credential(integration_id: str, config: JsonObject, credential_id: str) -> Request:
    """Let an integration use a credential; everything else of its configuration stays."""
    credentials = {**(config.get("credentials") or {}), CREDENTIAL_SLOT: {"id": credential_id}}
    body = {**config, "credentials": credentials}
    return Request(INTEGRATIONS_CONFIGURE, {"id": integration_id}, body=body)


def credential_of(config: JsonObject) -> str | None:
    """Read which credential an integration's configuration refers to."""
    referred = (config.get("credentials") or {}).get(CREDENTIAL_SLOT) or {}
    found = referred.get("id")
    return found if isinstance(found, str) else None


def find_actions(name: str) -> Request:
    """Find published actions; the far side also finds names that contain this one."""
    return Request(ACTIONS_FIND, query={"name": name, "pageSize": 100, **WHOLE})


def published_actions() -> Request:
    """List all that is published, without contracts."""
    return Request(ACTIONS_FIND, query={"pageSize": 100})


def find_drafts(name: str) -> Request:
    """Find drafts, likewise."""
    return Request(DRAFTS_FIND, query={"name": name, "pageSize": 100, **WHOLE})


def get_draft(action_id: str) -> Request:
    """Read a draft with contract and configuration."""
    return Request(DRAFTS_GET, {"id": action_id}, query=WHOLE)


def request_template(action_id: str) -> Request:
    """Read a published request template, which the action itself only refers to."""
    return Request(TEMPLATES_GET, {"id": action_id, "file": "requesttemplate.vm"})


def success_template(action_id: str) -> Request:
    """Read a published success template."""
    return Request(TEMPLATES_GET, {"id": action_id, "file": "successtemplate.vm"})


def create_draft(
    *, name: str, category: str, integration_id: str, contract: JsonObject, config: JsonObject
) -> Request:
    """Make the draft of an action that does not exist yet."""
    body = {
        "name": name,
        "category": category,
        "integrationId": integration_id,
        "secure": False,
        "contract": contract_body(contract),
        "config": dict(config),
    }
    return Request(DRAFTS_CREATE, body=body)


def open_draft(action_id: str) -> Request:
    """Make a draft of a published action."""
    return Request(DRAFTS_OPEN, {"id": action_id})


def change_draft(
    action_id: str,
    *,
    version: int,
    name: str,
    category: str,
    config: JsonObject,
    contract: JsonObject | None,
) -> Request:
    """Change a draft; the `contract` only of one that was never published."""
    body = {"version": version, "name": name, "category": category, "config": dict(config)}
    if contract is not None:
        body["contract"] = contract_body(contract)
    return Request(DRAFTS_CHANGE, {"id": action_id}, body=body)


def validate_draft(action_id: str) -> Request:
    """Ask whether the draft could be published."""
    return Request(DRAFTS_VALIDATE, {"id": action_id})


def test_draft(action_id: str, payload: JsonObject) -> Request:
    """Execute the draft once; the hosted handler really runs."""
    return Request(DRAFTS_TEST, {"id": action_id}, body=dict(payload))


def publish_draft(action_id: str, *, version: int) -> Request:
    """Publish the draft as it was read."""
    return Request(DRAFTS_PUBLISH, {"id": action_id}, body={"version": version})


def delete_draft(action_id: str) -> Request:
    """Remove a draft; an action that was never published goes with it."""
    return Request(DRAFTS_DELETE, {"id": action_id})


def rename_action(action_id: str, *, version: int, name: str, category: str) -> Request:
    """Give a published action another name; its id, which flows refer to, stays."""
    body = {"version": version, "name": name, "category": category}
    return Request(ACTIONS_RENAME, {"id": action_id}, body=body)


def contract_body(contract: JsonObject) -> dict[str, Any]:
    """Write both schemas as the platform takes them."""
    return {
        "input": {"inputSchema": contract["input"]},
        "output": {"successSchema": contract["output"]},
    }
